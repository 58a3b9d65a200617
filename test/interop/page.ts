import { format, resolveConfig } from 'prettier';
import { REFUSALS } from './refusals.ts';
import type { Table } from './table.ts';

/** The page that shows which client does what with which server, as the tests saw it; formatted as the others are. */
export async function interopPage(
  path: string,
  { kinds, operations }: { readonly kinds: Table; readonly operations: Table },
): Promise<string> {
  const text = [
    '# Interoperability',
    [
      'What tests saw in the latest run against real servers: Rekor on Trillian, MariaDB and Redis, in two generations, and the embedded log',
      '(`helm sigstore log serve`), each with the packed plugin and with `rekor-cli`, the client that Rekor comes with.',
    ].join('\n'),
    'This page is made by `npm run docs:interop`; a test holds it to what is seen.',
    '## Keys',
    [
      'What becomes of a chart that is uploaded with a key of each kind. What was created is uploaded once more, which makes no second',
      'entry, and verified with both clients; of the plugin it has the leaf that was predicted. `rekor-cli` sends certificates as they are.',
    ].join('\n'),
    kinds.toString(),
    'Why uploads are refused:',
    REFUSALS.map(({ kind, says, why }) => `- ${kind}: “${says}”: ${why}.`).join('\n'),
    '## Operations',
    'An empty cell: the client has no such command.',
    operations.toString(),
  ].join('\n\n');
  return await format(text, { ...(await resolveConfig(path)), filepath: path });
}
