// Completion in Helm's two forms, from the tree of commands: completion.yaml for what is fixed (commands and names of
// options), plugin.complete for what depends on the word before (values, files). `npm run docs:commands` writes them.
//
// Windows starts no shell script. A batch file in its place would be dangerous: Helm hands over the words as they were typed, and
// cmd.exe would run what stands behind a `&` in one. So plugins for Windows have the fixed form alone, with values in it.
import { dump } from 'js-yaml';

/**
 * @typedef {import('commander').Command} Command
 * @typedef {import('commander').Option} Option
 * @typedef {{ name: string, flags: string[], commands?: Completion[] }} Completion
 */

// What Helm (cobra's ShellCompDirective) shall do with the candidates: the sum of what it says on the last line.
const NO_FILES = 4;
const ANY_FILE = 0;
const FILES_WITH_EXTENSION = 8;
const FOLDERS = 16;

/**
 * completion.yaml: the sub-commands, and the options of each.
 *
 * @param {Command} program
 */
export function completionYaml(program) {
  return written(completionOf(program, (option) => [option.name()], 'sigstore'));
}

/**
 * The completion.yaml of plugins that have no plugin.complete: an option with fixed values is there with each of them as well
 * (`--output=json`). Where nothing else fits, the shell offers files.
 *
 * @param {Command} program
 */
export function completionYamlWithValues(program) {
  const namesOf = (/** @type {Option} */ option) => [
    option.name(),
    ...(option.argChoices ?? []).map((choice) => `${option.name()}=${choice}`),
  ];
  return written(completionOf(program, namesOf, 'sigstore'));
}

/** @param {Completion} completion */
function written(completion) {
  return `# Made by npm run docs:commands, from src/program/command-tree.ts.\n${dump(completion)}`;
}

/**
 * @param {Command} command
 * @param {(option: Option) => string[]} namesOf what is offered for an option
 * @param {string} [name]
 * @returns {Completion}
 */
function completionOf(command, namesOf, name = command.name()) {
  const { commands } = command;
  return {
    name,
    flags: optionsOf(command).flatMap(namesOf),
    ...(commands.length > 0 && { commands: commands.map((each) => completionOf(each, namesOf)) }),
  };
}

/** @param {Command} command */
function optionsOf(command) {
  return command.createHelp().visibleOptions(command);
}

/**
 * plugin.complete: a shell script, because it runs at every press of the key. Helm gives it the sub-command, the words
 * that follow, and last the one that is to be completed; it calls it for leaves of the tree only.
 *
 * @param {Command} program
 */
export function completionScript(program) {
  const leaves = leavesOf(program);
  /** @type {Map<string, Map<string, { path: string }[]>>} What may follow each option, and for which commands. */
  const values = new Map();
  for (const leaf of leaves)
    for (const option of optionsOf(leaf.command).filter(takesValue)) {
      const answers = values.get(option.long ?? '') ?? new Map();
      const answer = valuesOf(option);
      answers.set(answer, [...(answers.get(answer) ?? []), leaf]);
      values.set(option.long ?? '', answers);
    }
  const takers = (/** @type {string} */ operand, /** @type {boolean} */ several) =>
    leaves.filter(({ command }) =>
      command.registeredArguments.some((each) => each.name() === operand && each.variadic === several),
    );
  return `#!/bin/sh
# Made by npm run docs:commands, from src/program/command-tree.ts. Says what Helm shall offer for the last argument.
command="$*"
previous= word=
for argument; do
  previous=$word
  word=$argument
done

# Candidates, one a line, and then what Helm shall do with them.
answer() {
  printf '%s\\n' "$@"
  exit 0
}

# Helm itself offers the names of options.
case $word in -*) answer ':${NO_FILES}' ;; esac

case $previous in
${alternatives(values)}
esac

case "$command " in
${paths(takers('chart', true))}) answer 'tgz' 'yaml' 'yml' ':${FILES_WITH_EXTENSION}' ;;
${paths(takers('chart', false))}) answer 'tgz' ':${FILES_WITH_EXTENSION}' ;;
${paths(takers('key', false))}) answer ':${ANY_FILE}' ;;
esac
answer ':${NO_FILES}'
`;
}

/** @param {{ path: string }[]} commands */
function paths(commands) {
  return commands.map(({ path }) => `'${path} '*`).join(' | ');
}

/** @param {Map<string, Map<string, { path: string }[]>>} values */
function alternatives(values) {
  /** @type {Map<string, string>} */
  const always = new Map();
  const byCommand = [];
  for (const [option, answers] of values) {
    const [[answer = ''] = [], ...others] = answers;
    if (others.length === 0) always.set(option, answer);
    else byCommand.push(`${option})\n${commandCases(answers)}\n  ;;`);
  }
  const answers = [...new Set(always.values())].filter((answer) => answer !== nothing);
  const named = answers.map((answer) => {
    const options = [...always].filter(([, each]) => each === answer).map(([option]) => option);
    return `${options.sort().join(' | ')}) answer ${answer} ;;`;
  });
  const free = [...always].filter(([, each]) => each === nothing).map(([option]) => option);
  return [...named, ...byCommand, `${free.sort().join(' | ')}) answer ${nothing} ;;`].join('\n');
}

/**
 * An option that takes one thing with one command, and another with another.
 *
 * @param {Map<string, { path: string }[]>} answers
 */
function commandCases(answers) {
  const cases = [...answers].map(([answer, commands]) => `  ${paths(commands)}) answer ${answer} ;;`);
  return ['  case "$command " in', ...cases, '  esac'].join('\n');
}

const nothing = `':${NO_FILES}'`;

/** @param {Option} option */
function takesValue(option) {
  return option.required;
}

/**
 * What may follow the option, by the name that its help gives to the value.
 *
 * @param {Option} option
 */
function valuesOf({ argChoices, flags }) {
  if (argChoices) return `${argChoices.map((choice) => `'${choice}'`).join(' ')} ':${NO_FILES}'`;
  if (flags.endsWith('<directory>')) return `':${FOLDERS}'`;
  return flags.endsWith('<path>') ? `':${ANY_FILE}'` : nothing;
}

/**
 * @param {Command} command
 * @param {string} [path]
 * @returns {{ path: string, command: Command }[]}
 */
function leavesOf(command, path = '') {
  if (command.commands.length === 0) return [{ path, command }];
  return command.commands.flatMap((each) => leavesOf(each, `${path} ${each.name()}`.trim()));
}
