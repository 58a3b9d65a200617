import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { beforeAll, describe, expect, test } from 'vitest';
import { OPTIONS } from '../src/settings/options.ts';
import { commandTree } from '../src/program/command-tree.ts';
import { hintFor, type Audience, type Hint } from '../src/errors.ts';
import { FAILED_CHECK_HINTS, newLogKeyHint } from '../src/verification/hints.ts';
import { CHECK_IDS } from '../src/verification/openpgp-rekor.ts';
import { UNKNOWN_SIGNER_HINT } from '../src/verification/unknown-signer.ts';
import { isThorough } from './support/thorough.ts';
import { HostileWorld } from './support/world/hostile-world.ts';
import { FORGERIES } from './verification/lies/all.ts';

/**
 * What every hint must keep to (who is told it can do it, and it does no harm): tried on all texts of the source that may
 * be hints, on the table of the checks, and on what runs over forged charts say.
 */

/** No hint helps to get the key that a stranger's chart asks for. */
const GETS_KEY = /--(?:recv|search|fetch|receive)-keys|gpg --import|--locate-(?:external-)?keys/;

/** What only a publisher can do. That somebody else may do it is no such thing. */
const SIGNS =
  /(?<!has to )\b(?:sign|package) (?:the|this|each|it|them|again|with)\b|helm package(?! --sign signed)/;
const ASKS_SOMEBODY = /(?:ask|tell) (?:the|its) (?:publisher|owner) to sign|its publisher has to sign/;

/** Programs of others, whose options and commands are theirs. */
const OF_OTHERS = /(?:helm (?!sigstore)[a-z]+|gpg2?|git|npm|openssl|base64)\b[^;,]*/g;

let commands: ReadonlySet<string>;
const options = new Set(Object.values(OPTIONS).map(({ flags }) => flags.replace(/ .*/, '')));

beforeAll(async () => {
  const tree = await commandTree();
  commands = new Set(
    tree.commands.flatMap((each) => [
      each.name(),
      ...each.commands.map((sub) => `${each.name()} ${sub.name()}`),
    ]),
  );
});

/** What is wrong with a hint for this reader; empty: nothing. */
function faultsOf(hint: string, audience: Audience): string[] {
  const ours = hint.replace(OF_OTHERS, '');
  const unknownOptions = (ours.match(/--[a-z][a-z0-9-]+/g) ?? []).filter(
    (flag) => !options.has(flag) && flag !== '--help' && flag !== '--default',
  );
  const unknownCommands = [...hint.matchAll(/helm sigstore ([a-z]+)(?: ([a-z]+))?/g)].filter(
    ([, first = '', second = '']) => !commands.has(first) && !commands.has(`${first} ${second}`),
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

test('the rules tell good hints from bad ones', () => {
  for (const bad of [
    'import it with gpg --recv-keys ABCD',
    'sign the chart with helm package --sign',
    'get it again, or sign it',
    'package the chart with helm package',
    'give --no-such-option',
    'run helm sigstore nonsense',
    'Do something.',
  ])
    expect(faultsOf(bad, 'consumer'), bad).not.toEqual([]);
  for (const good of [
    'get it with helm pull --prov; if there is none, its publisher has to sign the chart',
    'ask the publisher to sign with a stronger key',
    'helm sigstore log pin URL shows its keys, or give --rekor-public-key',
  ])
    expect(faultsOf(good, 'consumer'), good).toEqual([]);
  expect(faultsOf('sign the chart again with helm package --sign', 'publisher')).toEqual([]);
});

describe('every failed check has a hint for each reader, which keeps to the rules', () => {
  const source = { detail: '' };
  const kinds = ['public-key-file', 'trusted-root', 'pin', 'built-in', 'refreshed', 'first-use'] as const;
  const rows: [string, Hint][] = [
    ...CHECK_IDS.map((id): [string, Hint] => [id, FAILED_CHECK_HINTS[id]]),
    ...kinds.map((kind): [string, Hint] => [
      `log-key by ${kind}`,
      newLogKeyHint({ url: 'https://rekor.example.com', source: { ...source, kind } }),
    ]),
    ['an unknown signer', UNKNOWN_SIGNER_HINT],
  ];

  test.each(rows)('%s', (_, hint) => {
    for (const audience of ['consumer', 'publisher'] as const) {
      const text = hintFor(hint, audience) ?? '';
      expect(text).not.toBe('');
      expect(faultsOf(text, audience)).toEqual([]);
    }
  });
});

describe('every text of the source that is a hint', () => {
  const source = fileURLToPath(new URL('../src', import.meta.url));
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
  const hints = files.flatMap((name) => hintsIn(name, readFileSync(join(source, name), 'utf8')));

  test('is found: in errors, checks and findings', () => {
    expect(hints.length).toBeGreaterThan(80);
    for (const room of [
      'chart/',
      'cli/',
      'commands/',
      'http/',
      'program/',
      'rekor/',
      'run/',
      'settings/',
      'trust/',
      'verification/',
    ])
      expect(hints.filter(({ file }) => file.startsWith(room)).length, room).toBeGreaterThan(0);
  });

  test.each(hints.map(({ file, text, audience }) => [file, text, audience] as const))(
    '%s: %s',
    (_, text, audience) => {
      expect(faultsOf(text, audience)).toEqual([]);
    },
  );
});

describe.skipIf(!isThorough)('what a run over a forged chart says (needs CI or npm run test:all)', () => {
  test.for(FORGERIES.map((forgery) => [forgery.name, forgery] as const))('%s', async ([, forgery]) => {
    const world = await HostileWorld.open(forgery);
    await forgery.stage(world);
    const { stdout } = await world.run('verify');
    const { results = [], errors = [] } = JSON.parse(stdout) as {
      results?: { checks?: { outcome: string; hint?: string }[] }[];
      errors?: { hint?: string }[];
    };
    const failed = results.flatMap(({ checks = [] }) => checks.filter(({ outcome }) => outcome === 'failed'));
    for (const { hint } of failed) expect(hint).toBeTypeOf('string');
    for (const { hint } of [...failed, ...errors])
      if (hint !== undefined) {
        expect(faultsOf(hint, 'consumer')).toEqual([]);
        expect(hint).not.toContain(world.publisher.fingerprint);
      }
  });
});

interface SourceHint {
  readonly file: string;
  readonly text: string;
  readonly audience: Audience;
}

/**
 * All texts in a file that are, or become, hints: what stands where an error takes its hint, in properties called so, and
 * in constants and functions of such names. A text in a property `publisher` is for publishers, every other for both.
 */
function hintsIn(file: string, content: string): SourceHint[] {
  const root = ts.createSourceFile(file, content, ts.ScriptTarget.Latest, true);
  const found: SourceHint[] = [];
  const take = (node: ts.Node, audience: Audience): void => {
    if (ts.isPropertyAssignment(node)) {
      const name = node.name.getText();
      if (
        name !== 'consumer' &&
        name !== 'publisher' &&
        name !== 'hint' &&
        name !== 'remedy' &&
        isNamed(node)
      )
        return;
      take(node.initializer, name === 'publisher' ? 'publisher' : audience);
    } else if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) {
      if (node.text.includes(' ')) found.push({ file, text: node.text, audience });
    } else if (ts.isTemplateExpression(node)) {
      const text = node.head.text + node.templateSpans.map(({ literal }) => `X${literal.text}`).join('');
      found.push({ file, text, audience });
      for (const { expression } of node.templateSpans) take(expression, audience);
    } else {
      ts.forEachChild(node, (child) => {
        take(child, audience);
      });
    }
  };
  const visit = (node: ts.Node): void => {
    const hint = hintAt(node);
    if (hint === undefined) ts.forEachChild(node, visit);
    else take(hint, 'consumer');
  };
  visit(root);
  return found;
}

/** Within a hint, objects may have other members as well: those are no hints. */
function isNamed({ name }: ts.PropertyAssignment): boolean {
  return /^(?:expected|found|code|message|name|detail|what|is)$/.test(name.getText());
}

const HINT_NAME =
  /hint|remedy|^(?:ALLOW_WEAK|CHOOSE_AGAIN|NEEDS_DIRECTORY|NOT_PROVEN|SIGN_AGAIN|NAME_ANOTHER|GET_|REPLACE_|PAGE$)/i;

function hintAt(node: ts.Node): ts.Node | undefined {
  if (ts.isNewExpression(node)) {
    const name = node.expression.getText();
    const at = /^(?:Usage|Input|NotFound|Rejected)Error$/.test(name)
      ? 1
      : /^(?:Log|Sigstore)Error$/.test(name)
        ? 2
        : -1;
    return at < 0 ? undefined : node.arguments?.[at];
  }
  if (ts.isPropertyAssignment(node) || ts.isVariableDeclaration(node))
    return HINT_NAME.test(node.name.getText()) ? node.initializer : undefined;
  if (ts.isFunctionDeclaration(node))
    return HINT_NAME.test(node.name?.getText() ?? '') ? node.body : undefined;
  return undefined;
}
