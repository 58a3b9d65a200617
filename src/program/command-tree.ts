import type { Command } from 'commander';
import { describeCommand, examplesText, makeCommand, makeProgram } from './help.ts';
import { GROUPS } from './groups.ts';
import { COMMANDS } from './table.ts';
import type { TableEntry } from './table-entry.ts';

/** All commands with all that their help says: for documentation and completion; a run loads what it needs. */
export async function commandTree(): Promise<Command> {
  const writeHelp = () => undefined;
  const program = makeProgram(writeHelp);
  for (const entry of COMMANDS) describeCommand(addTo(program, entry, writeHelp), await entry.load());
  return program;
}

/** Adds a command where its path says, without what only its file knows. */
export function addTo(
  program: Command,
  { path, summary, passesWords }: TableEntry,
  writeHelp: (text: string) => void,
): Command {
  const parent = path.slice(0, -1).reduce((group, word) => child(group, word, writeHelp), program);
  const added = makeCommand(path.at(-1) ?? '', writeHelp).summary(summary);
  if (passesWords) {
    const name = added.name();
    const commandUsage = () => `helm sigstore [options] ${name} [words for helm ${name}]`;
    added.configureHelp({ ...added.configureHelp(), commandUsage });
  }
  parent.addCommand(added);
  return added;
}

/** The command of that name below the parent, made as a group when it is not there yet. */
function child(parent: Command, name: string, writeHelp: (text: string) => void): Command {
  const known = parent.commands.find((each) => each.name() === name);
  if (known !== undefined) return known;
  const { summary = '', examples = [] } = GROUPS[name] ?? {};
  const group = makeCommand(name, writeHelp);
  group.summary(summary).usage('COMMAND [options]').addHelpText('after', examplesText(examples));
  parent.addCommand(group);
  return group;
}
