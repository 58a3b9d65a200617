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

export const LOG = '/api/v1/log';
export const ENTRIES = `${LOG}/entries`;
export const JSON_TYPE = { 'content-type': 'application/json' };

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
  'another method than that of ping': () => ({ path: '/ping', method: 'POST' }),
  'another method than that of a search': () => ({ path: '/api/v1/index/retrieve' }),
};

/** Posts JSON. */
export function post(path: string, value: unknown): Request {
  return { path, method: 'POST', headers: JSON_TYPE, body: JSON.stringify(value) };
}
