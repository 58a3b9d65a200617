import type { HostileLog } from '../../support/hostile-log.ts';
import { altering, saying, type Forgery, type Row } from '../row.ts';

/** A member of the answer about the chart's entry that has another value; `undefined` leaves it out. */
const members: readonly (readonly [name: string, path: string, value: unknown, story: string])[] = [
  ['no promise', 'verification.signedEntryTimestamp', undefined, 'The signed entry timestamp is left out.'],
  ['no proof', 'verification.inclusionProof', undefined, 'The inclusion proof is left out.'],
  ['no verification', 'verification', undefined, 'Promise and proof are left out.'],
  [
    'no checkpoint',
    'verification.inclusionProof.checkpoint',
    undefined,
    'The proof comes without a checkpoint.',
  ],
  ['no root', 'verification.inclusionProof.rootHash', null, 'The root hash of the proof is null.'],
  ['no body', 'body', undefined, 'The entry comes without a body.'],
  ['a body in URL base64', 'body', '-_-_', 'The body is spelt in the alphabet of URLs.'],
  ['a body with line breaks', 'body', 'AAAA\nAAAA', 'The base64 text of the body has a line break.'],
  ['a body as an object', 'body', { kind: 'helm' }, 'The body is given as JSON and not as its bytes.'],
  [
    'a promise in URL base64',
    'verification.signedEntryTimestamp',
    '-_-_',
    'The promise is spelt in the alphabet of URLs.',
  ],
  ['a time in words', 'integratedTime', '1717203600', 'The integrated time is a text.'],
  ['a time in pieces', 'integratedTime', 1717203600.5, 'The integrated time has a fraction.'],
  ['a time before time', 'integratedTime', -1, 'The integrated time is negative.'],
  [
    'an index that is too large',
    'logIndex',
    2 ** 53,
    'The index is too large to be told from its neighbour.',
  ],
  ['an index below zero', 'logIndex', -1, 'The index over all trees is negative.'],
  ['a size below zero', 'verification.inclusionProof.treeSize', -13, 'The size of the tree is negative.'],
  ['a log ID in capitals', 'logID', 'A'.repeat(64), 'The log ID is spelt in capitals.'],
  [
    'hashes that are no list',
    'verification.inclusionProof.hashes',
    {},
    'The path of the proof is an object.',
  ],
  [
    'a hash of 31 bytes',
    'verification.inclusionProof.hashes',
    ['0'.repeat(62)],
    'A hash of the path is too short.',
  ],
  [
    '65 hashes',
    'verification.inclusionProof.hashes',
    Array<string>(65).fill('0'.repeat(64)),
    'The path is longer than that of any tree.',
  ],
  [
    'a checkpoint as an object',
    'verification.inclusionProof.checkpoint',
    { size: 13 },
    'The checkpoint is given as JSON.',
  ],
];

/** Names under which no entry can be. */
const names: readonly (readonly [name: string, uuid: (uuid: string) => string, story: string])[] = [
  ['a UUID that is too short', (uuid) => uuid.slice(1), 'The UUID lacks a digit.'],
  ['a UUID in capitals', (uuid) => uuid.toUpperCase(), 'The UUID is spelt in capitals.'],
  ['a tree without a number', (uuid) => '0'.repeat(16) + uuid.slice(16), 'The UUID names the tree 0.'],
  [
    'a tree beyond the numbers',
    (uuid) => 'f'.repeat(16) + uuid.slice(16),
    'The UUID names a tree that cannot be.',
  ],
  ['no UUID', () => '', 'The entry has an empty name.'],
  [
    'a prototype',
    () => '__proto__',
    'The entry is named so that careless readers take it for something else.',
  ],
];

/** Elements of the list of entries, or the list itself. */
const lists: readonly (readonly [name: string, list: HostileLog['retrieved'], story: string])[] = [
  [
    'two entries in one',
    ([entry]) => [{ ...entry, ['0'.repeat(80)]: {} }],
    'An element of the answer holds two entries.',
  ],
  ['an empty element', () => [{}], 'An element of the answer holds no entry.'],
  ['a null element', () => [null], 'An element of the answer is null.'],
  ['a text as element', () => ['entry'], 'An element of the answer is a text.'],
  ['an object as list', ([entry]) => ({ ...entry }), 'The entries come as an object and not as a list.'],
  [
    'forty entries for one',
    ([entry]) => Array<unknown>(40).fill(entry),
    'The good entry is answered forty times.',
  ],
  ['null as list', () => null, 'The answer is null.'],
  ['a message as list', () => ({ code: 200, message: 'ok' }), 'The answer is a message and not a list.'],
];

const entries: readonly Row[] = [
  ...members.map(([name, path, value, story]) => ({
    name,
    story,
    stage: altering((answer) => withMember(answer, path.split('.'), value)),
  })),
  ...names.map(([name, uuid, story]) => ({
    name,
    story,
    stage: saying((said) => ({ uuid: uuid(said.uuid) })),
  })),
];

/** Entries that a reader with the API at hand cannot read. */
export const misshapenEntries = entries.map(misshapen);

/** Lists of entries that such a reader cannot read. */
export const misshapenLists = lists.map(([name, list, story]) =>
  misshapen({
    name,
    story,
    stage: (world) => {
      world.logChart();
      world.log.retrieved = list;
    },
  }),
);

function misshapen(row: Row): Forgery {
  return { ...row, caughtBy: 'LOG_ANSWER', status: 5 };
}

function withMember(object: object, [name = '', ...path]: readonly string[], value: unknown): object {
  const members = object as Record<string, unknown>;
  return { ...members, [name]: path.length === 0 ? value : withMember(members[name] as object, path, value) };
}
