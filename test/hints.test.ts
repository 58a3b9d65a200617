import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { hintFor, type Audience, type Hint } from '../src/errors.ts';
import { FAILED_CHECK_HINTS, newLogKeyHint } from '../src/verification/hints.ts';
import { CHECK_IDS } from '../src/verification/openpgp-rekor.ts';
import { UNKNOWN_SIGNER_HINT } from '../src/verification/unknown-signer.ts';
import { faultsOf } from './support/hint-rules.ts';

/**
 * What every hint must keep to (who is told it can do it, and it does no harm): tried on all texts of the source that may
 * be hints, and on the table of the checks; test/verification/forgeries.test.ts tries them on what runs over forged charts say.
 */

test('the rules tell good hints from bad ones', async () => {
  for (const bad of [
    'import it with gpg --recv-keys ABCD',
    'sign the chart with helm package --sign',
    'get it again, or sign it',
    'package the chart with helm package',
    'give --no-such-option',
    'run helm sigstore nonsense',
    'Do something.',
  ])
    expect(await faultsOf(bad, 'consumer'), bad).not.toEqual([]);
  for (const good of [
    'get it with helm pull --prov; if there is none, its publisher has to sign the chart',
    'ask the publisher to sign with a stronger key',
    'helm sigstore log pin URL shows its keys, or give --rekor-public-key',
  ])
    expect(await faultsOf(good, 'consumer'), good).toEqual([]);
  expect(await faultsOf('sign the chart again with helm package --sign', 'publisher')).toEqual([]);
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

  test.each(rows)('%s', async (_, hint) => {
    for (const audience of ['consumer', 'publisher'] as const) {
      const text = hintFor(hint, audience) ?? '';
      expect(text).not.toBe('');
      expect(await faultsOf(text, audience)).toEqual([]);
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
    async (_, text, audience) => {
      expect(await faultsOf(text, audience)).toEqual([]);
    },
  );
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
