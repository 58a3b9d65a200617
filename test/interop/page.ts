import { format, resolveConfig } from 'prettier';
import { DEVIATIONS, STRICTER } from '../embedded-log/deviations.ts';
import { REFUSALS } from './refusals.ts';
import { ANSWERED_OTHERWISE } from './answered-otherwise.ts';
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
      'entry, and verified with both clients; of the plugin it has the leaf that was predicted. `rekor-cli` sends certificates as they are;',
      'those with two user IDs no Rekor finds again, because it stores user IDs in any order.',
    ].join('\n'),
    kinds.toString(),
    'Why uploads are refused:',
    REFUSALS.map(({ kind, says, why }) => `- ${kind}: “${says}”: ${why}.`).join('\n'),
    '## Operations',
    'An empty cell: the client has no such command.',
    operations.toString(),
    '## Where the embedded log differs',
    [
      'Both servers are sent the same requests, by hand and by `rekor-cli`, and have to answer with the same statuses, headers and members;',
      'so have recorded exchanges with a Rekor 1.5.4, which are replayed. What is left is here, each for its reason.',
    ].join('\n'),
    'Rekor takes this, and `log serve` refuses it:',
    list(STRICTER),
    'Both answer this, and not the same, or have it in another way:',
    list([...DEVIATIONS.map(withStatus), ...ANSWERED_OTHERWISE, ...OTHERWISE]),
  ].join('\n\n');
  return await format(text, { ...(await resolveConfig(path)), filepath: path });
}

/** What no request of the tests shows. */
const OTHERWISE: readonly Reason[] = [
  { what: 'several trees', why: 'a log of this size needs one' },
  {
    what: 'the index, which Rekor writes after its answer and may lose',
    why: 'it is a part of the log, and complete when an upload is answered',
  },
  {
    what: 'the user IDs of a certificate, which Rekor stores in any order',
    why: 'they stay in the order in which they came, so that an entry has one leaf',
  },
  {
    what: 'bodies of more than 16 MiB: status 413, where Rekor (if it has a limit) says 500 to an upload',
    why: 'later versions of Rekor say 413, too',
  },
];

interface Reason {
  readonly what: string;
  readonly why: string;
}

function list(reasons: readonly Reason[]): string {
  return reasons.map(({ what, why }) => `- ${what}: ${why}.`).join('\n');
}

function withStatus({ what, why, rekor, status }: (typeof DEVIATIONS)[number]): Reason {
  const how = rekor === status ? 'another message' : `status ${status} for ${rekor}`;
  return { what: `${what} (${how})`, why };
}
