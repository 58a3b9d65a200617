/** An entry of the server that is asked. */
export interface Entry {
  /** 80 hexadecimal digits. */
  readonly uuid: string;
  readonly treeId: string;
  readonly sha256: string;
}

/** As it is sent. */
export interface Request {
  readonly path: string;
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

const LOG = '/api/v1/log';
const ENTRIES = `${LOG}/entries`;
const JSON_TYPE = { 'content-type': 'application/json' };
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

/** Requests of every sort, by what they are, that the embedded log answers as Rekor does. */
export const REQUESTS: Readonly<Record<string, (entry: Entry) => Request>> = {
  'an entry by its ID': ({ uuid }) => ({ path: `${ENTRIES}/${uuid}` }),
  'an entry by its leaf hash': ({ uuid }) => ({ path: `${ENTRIES}/${uuid.slice(-64)}` }),
  'an entry by its ID in upper case': ({ uuid }) => ({ path: `${ENTRIES}/${uuid.toUpperCase()}` }),
  'an entry of another tree': ({ uuid }) => ({ path: `${ENTRIES}/0000000000000001${uuid.slice(-64)}` }),
  'an entry that is not there': () => ({ path: `${ENTRIES}/${'0'.repeat(64)}` }),
  'an ID that is none': () => ({ path: `${ENTRIES}/xyz` }),
  'an entry by its index': () => ({ path: `${ENTRIES}?logIndex=0` }),
  'an index past the end': () => ({ path: `${ENTRIES}?logIndex=1000000` }),
  'a negative index': () => ({ path: `${ENTRIES}?logIndex=-1` }),
  'no index': () => ({ path: ENTRIES }),
  'entries by ID': ({ uuid }) => post(`${ENTRIES}/retrieve`, { entryUUIDs: [uuid, '0'.repeat(64)] }),
  'entries by index': () => post(`${ENTRIES}/retrieve`, { logIndexes: [0, 1000000] }),
  'too many entries': () => post(`${ENTRIES}/retrieve`, { logIndexes: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10] }),
  'a search by digest': ({ sha256 }) => post('/api/v1/index/retrieve', { hash: `sha256:${sha256}` }),
  'a search by digest in upper case': ({ sha256 }) =>
    post('/api/v1/index/retrieve', { hash: sha256.toUpperCase() }),
  'a search by e-mail address': () => post('/api/v1/index/retrieve', { email: 'p256@charts.example' }),
  'a search for no e-mail address': () => post('/api/v1/index/retrieve', { email: 'nobody' }),
  'a search for nothing': () => post('/api/v1/index/retrieve', {}),
  'log info': () => ({ path: LOG }),
  'a consistency proof': ({ treeId }) => ({ path: `${LOG}/proof?firstSize=1&lastSize=2&treeID=${treeId}` }),
  'a consistency proof of a tree that is too large': () => ({ path: `${LOG}/proof?lastSize=1000000000` }),
  'a consistency proof without sizes': () => ({ path: `${LOG}/proof` }),
  'a consistency proof backwards': () => ({ path: `${LOG}/proof?firstSize=2&lastSize=1` }),
  'the public key': () => ({ path: `${LOG}/publicKey` }),
  'the public key as JSON': () => ({ path: `${LOG}/publicKey`, headers: { accept: 'application/json' } }),
  'the public key of no tree': () => ({ path: `${LOG}/publicKey?treeID=1` }),
  'an upload of nothing': () => ({ path: ENTRIES, method: 'POST', headers: JSON_TYPE }),
  'an upload of no entry': () => post(ENTRIES, {}),
  'an upload of an unknown kind': () => post(ENTRIES, { kind: 'chart', apiVersion: '0.0.1', spec: {} }),
  'an upload without a key': () =>
    post(ENTRIES, {
      kind: 'helm',
      apiVersion: '0.0.1',
      spec: { chart: { provenance: { content: 'AA==' } } },
    }),
  'an upload without a provenance': () =>
    post(ENTRIES, {
      kind: 'helm',
      apiVersion: '0.0.1',
      spec: { chart: {}, publicKey: { content: 'AA==' } },
    }),
  'an upload with nothing in its parts': () =>
    post(ENTRIES, { kind: 'helm', apiVersion: '0.0.1', spec: { chart: {}, publicKey: {} } }),
  'an upload of an empty spec': () => post(ENTRIES, { kind: 'helm', apiVersion: '0.0.1', spec: {} }),
  'an upload that is no JSON': () => ({ path: ENTRIES, method: 'POST', headers: JSON_TYPE, body: '{"kind"' }),
  'an upload of text': () => ({
    path: ENTRIES,
    method: 'POST',
    headers: { 'content-type': 'text/plain' },
    body: '{}',
  }),
  'a path that is none': () => ({ path: '/api/v1/nothing' }),
  'a method that is none': () => ({ path: LOG, method: 'DELETE' }),
  'the head of log info': () => ({ path: LOG, method: 'HEAD' }),
  ping: () => ({ path: '/ping' }),
  'an upload with a charset': () => ({
    path: ENTRIES,
    method: 'POST',
    headers: { 'content-type': 'application/json; charset=utf-8' },
    body: '{}',
  }),
  'an upload without a type': () => ({ path: ENTRIES, method: 'POST', body: '{}' }),
  ...named('the path', PATHS, (path) => ({ path })),
  ...named('the entry', INDEXES, (query) => ({ path: ENTRIES + query })),
  ...named('the proof', PROOFS, (query) => ({ path: `${LOG}/proof${query}` })),
  ...named('an upload of', UPLOADS, (value) => post(ENTRIES, value)),
  ...named('entries by', ENTRY_QUERIES, (value) => post(`${ENTRIES}/retrieve`, value)),
  ...named('a search by', INDEX_QUERIES, (value) => post('/api/v1/index/retrieve', value)),
  'another method than that of ping': () => ({ path: '/ping', method: 'POST' }),
  'another method than that of a search': () => ({ path: '/api/v1/index/retrieve' }),
};

function named<T>(
  what: string,
  values: readonly T[],
  request: (value: T) => Request,
): Record<string, () => Request> {
  const name = (value: T) => (typeof value === 'string' ? value : JSON.stringify(value));
  return Object.fromEntries(values.map((value) => [`${what} ${name(value)}`, () => request(value)]));
}

const ORIGIN = { origin: 'https://charts.example' };

/** Requests that the embedded log answers otherwise than Rekor, and why. */
export const ANSWERED_OTHERWISE: readonly { what: string; why: string; request: Request }[] = [
  {
    what: 'entries of other kinds than helm',
    why: 'it is a log of charts; it answers as a Rekor does on which these kinds are disabled',
    request: post(ENTRIES, { kind: 'hashedrekord', apiVersion: '0.0.1', spec: {} }),
  },
  {
    what: 'JSON that is broken (another message)',
    why: 'each names the fault in the words of its own reader',
    request: { path: ENTRIES, method: 'POST', headers: JSON_TYPE, body: '{"kind":helm}' },
  },
  {
    what: 'searches for keys that are not of OpenPGP',
    why: 'nothing is found, and whether they are good keys does not matter',
    request: post('/api/v1/index/retrieve', { publicKey: { format: 'x509', content: 'eA==' } }),
  },
  {
    what: 'paths with a percent sign that is no escape (422 for 400)',
    why: 'it is no entry ID, as any other text that is none',
    request: { path: `${ENTRIES}/%` },
  },
  {
    what: 'the page at `/`',
    why: 'there is none: it would show a number, with the help of other sites',
    request: { path: '/' },
  },
  {
    what: 'answers in a type that was not asked for (200 for 406)',
    why: 'whoever looks at it with a browser sees the answer',
    request: { path: LOG, headers: { accept: 'text/html' } },
  },
  {
    what: 'scripts of other sites that ask whether they may use the log (`OPTIONS`)',
    why: 'they may not: a log on loopback is for those on the machine, not for the pages that they look at',
    request: { path: LOG, method: 'OPTIONS', headers: { ...ORIGIN, 'access-control-request-method': 'GET' } },
  },
  {
    what: 'scripts of other sites that read (`Access-Control-Allow-Origin`)',
    why: 'the same',
    request: { path: LOG, headers: ORIGIN },
  },
];

function post(path: string, value: unknown): Request {
  return { path, method: 'POST', headers: JSON_TYPE, body: JSON.stringify(value) };
}
