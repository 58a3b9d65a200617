import { it } from 'vitest';
import { encodeUtf8 } from '../../src/encoding.ts';
import { parseStrictJson } from '../../src/strict-json.ts';
import { parseJson } from '../../src/shape.ts';
import { parseCheckpoint } from '../../src/tlog/checkpoint.ts';
import { expectLinear } from '../support/linear.ts';

it.each([
  ['blanks in JSON', (n: number) => `["a"${' '.repeat(n)},1]`],
  ['quotes in JSON', (n: number) => `["${'\\"'.repeat(n)}"]`],
  ['members of JSON', (n: number) => `{${Array.from({ length: n / 10 }, (_, i) => `"${i}":0`).join()}}`],
])('%s take time in proportion', async (_, make) => {
  await expectLinear((n) => encodeUtf8(make(n)), parseStrictJson);
  await expectLinear((n) => encodeUtf8(make(n)), parseJson);
});

it.each([
  ['newlines of a note', (n: number) => '\n'.repeat(n)],
  ['blanks of a note', (n: number) => `a\n1\n\n— ${' '.repeat(n)}\n`],
  ['lines of a checkpoint', (n: number) => `a\n1\nAAAA\n${'x\n'.repeat(n)}\n— a AAAAAAAA\n`],
])('%s take time in proportion', async (_, make) => {
  await expectLinear(make, parseCheckpoint);
});
