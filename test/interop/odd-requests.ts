import { ENTRIES, LOG, post, type Request } from './requests.ts';

const KEY = { content: 'eA==' };

const PATHS = ['//', `${LOG}/`, `${ENTRIES}/`, `${ENTRIES}/a/b`, '/API/v1/log', `${ENTRIES}/%ff`];

const INDEXES = [
  '?logIndex=',
  '?logIndex=1.5',
  '?logIndex=%2B0',
  '?logIndex=99999999999999999999',
  '?logIndex=0&logIndex=1',
  '?logIndex=00',
];

const PROOFS = [
  '?firstSize=x&lastSize=1',
  '?firstSize=-1&lastSize=1',
  '?lastSize=1&treeID=x',
  '?lastSize=1&treeID=',
  '?lastSize=1&treeID=1',
];

const UPLOADS = [
  1,
  null,
  [],
  { kind: 1 },
  { kind: 'helm', apiVersion: '0.0.1', spec: 'x' },
  { kind: 'helm', apiVersion: '0.0.1', spec: { publicKey: 'x' } },
  { kind: 'helm', apiVersion: '0.0.1', spec: { chart: { provenance: { content: 1 } }, publicKey: KEY } },
  { kind: 'helm', apiVersion: '0.0.1', spec: { chart: { provenance: KEY }, publicKey: { content: 1 } } },
  { kind: 'helm', apiVersion: '0.0.2', spec: {} },
  { kind: 'helm', apiVersion: 1, spec: {} },
];

const ENTRY_QUERIES = [
  {},
  [],
  null,
  { entryUUIDs: 'x' },
  { entryUUIDs: [1] },
  { logIndexes: ['1'] },
  { logIndexes: [-1] },
  { logIndexes: [1.5] },
  { logIndexes: [2 ** 60] },
  { entries: [null] },
  { entries: ['x'] },
  { entries: [{}] },
  { entries: [{ kind: 1 }] },
  { entries: [{ kind: 'chart' }] },
];

const INDEX_QUERIES = [
  [],
  null,
  { hash: 1 },
  { hash: '' },
  { hash: 'sha512:00' },
  { email: { a: 1 } },
  { email: 'a@b' },
  { operator: 'xor' },
  { operator: 'and' },
  { publicKey: 'x' },
  { publicKey: {} },
  { publicKey: { format: 'pgp' } },
  { publicKey: { format: 'pgp', content: '!' } },
  { publicKey: { format: 'pgp', content: 'eA==' } },
  { publicKey: { format: 'odd', content: 'eA==' } },
  { subject: 'nobody' },
  { subject: 1 },
  { unknown: 1 },
];

/** Requests with something wrong in them, or odd, by what they are; the embedded log answers them as Rekor does. */
export const ODD_REQUESTS: Readonly<Record<string, () => Request>> = {
  ...named('the path', PATHS, (path) => ({ path })),
  ...named('the entry', INDEXES, (query) => ({ path: ENTRIES + query })),
  ...named('the proof', PROOFS, (query) => ({ path: `${LOG}/proof${query}` })),
  ...named('an upload of', UPLOADS, (value) => post(ENTRIES, value)),
  ...named('entries by', ENTRY_QUERIES, (value) => post(`${ENTRIES}/retrieve`, value)),
  ...named('a search by', INDEX_QUERIES, (value) => post('/api/v1/index/retrieve', value)),
};

function named<T>(
  what: string,
  values: readonly T[],
  request: (value: T) => Request,
): Record<string, () => Request> {
  const name = (value: T) => (typeof value === 'string' ? value : JSON.stringify(value));
  return Object.fromEntries(values.map((value) => [`${what} ${name(value)}`, () => request(value)]));
}
