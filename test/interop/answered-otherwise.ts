import { ENTRIES, JSON_TYPE, LOG, post, type Request } from './requests.ts';

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
    why: 'it searches, and loads nothing of other sites; that of Rekor shows a number, with their help',
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
