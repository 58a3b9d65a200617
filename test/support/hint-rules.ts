import type { Audience } from '../../src/errors.ts';
import { commandTree } from '../../src/program/command-tree.ts';
import { OPTIONS } from '../../src/settings/options.ts';

/** No hint helps to get the key that a stranger's chart asks for. */
const GETS_KEY = /--(?:recv|search|fetch|receive)-keys|gpg --import|--locate-(?:external-)?keys/;

/** What only a publisher can do. That somebody else may do it is no such thing. */
const SIGNS =
  /(?<!has to )\b(?:sign|package) (?:the|this|each|it|them|again|with)\b|helm package(?! --sign signed)/;
const ASKS_SOMEBODY = /(?:ask|tell) (?:the|its) (?:publisher|owner) to sign|its publisher has to sign/;

/** Programs of others, whose options and commands are theirs. */
const OF_OTHERS = /(?:helm (?!sigstore)[a-z]+|gpg2?|git|npm|openssl|base64)\b[^;,]*/g;

const options = new Set(Object.values(OPTIONS).map(({ flags }) => flags.replace(/ .*/, '')));

/** What is wrong with a hint for this reader; empty: nothing. */
export async function faultsOf(hint: string, audience: Audience): Promise<string[]> {
  commands ??= commandNames();
  const known = await commands;
  const ours = hint.replace(OF_OTHERS, '');
  const unknownOptions = (ours.match(/--[a-z][a-z0-9-]+/g) ?? []).filter(
    (flag) => !options.has(flag) && flag !== '--help' && flag !== '--default',
  );
  const unknownCommands = [...hint.matchAll(/helm sigstore ([a-z]+)(?: ([a-z]+))?/g)].filter(
    ([, first = '', second = '']) => !known.has(first) && !known.has(`${first} ${second}`),
  );
  return [
    ...(GETS_KEY.test(hint) ? ['gets the key that a chart asks for'] : []),
    ...(audience === 'consumer' && SIGNS.test(hint.replace(ASKS_SOMEBODY, ''))
      ? ['tells a consumer to sign']
      : []),
    ...unknownOptions.map((flag) => `names ${flag}, which is no option`),
    ...unknownCommands.map(([command]) => `names ${command}, which is no command`),
    ...(/^[A-Z][a-z]|\.$/.test(hint) ? ['is no lower case text without a full stop'] : []),
  ];
}

let commands: Promise<ReadonlySet<string>> | undefined;

async function commandNames(): Promise<ReadonlySet<string>> {
  const tree = await commandTree();
  return new Set(
    tree.commands.flatMap((each) => [
      each.name(),
      ...each.commands.map((sub) => `${each.name()} ${sub.name()}`),
    ]),
  );
}
