import type { Reference, Stop } from './reference.ts';

/** URLs of archives. */
export const URLS: readonly Reference[] = [
  url('an archive', 'relative/hello-0.1.0.tgz', 'hello-0.1.0'),
  url('a query that the server does not look at', 'relative/hello-0.1.0.tgz?token=x', 'hello-0.1.0'),
  url('a query with the endings behind it', 'asking/hello-0.1.0.tgz?team=a', 'hello-0.1.0'),
  url('a query behind the endings', 'signed/hello-0.1.0.tgz?signature=a', 'hello-0.1.0'),
  url('a version with a plus sign', 'relative/hello-1.2.3+build.5.tgz', 'hello-1.2.3+build.5'),
  url('nothing is kept of the log beside it', 'bare/hello-0.1.0.tgz', 'hello-0.1.0'),
  url('a redirect on the same server', 'away/hello-0.1.0.tgz', 'hello-0.1.0'),
  url('a redirect to another server', 'abroad/hello-0.1.0.tgz', 'hello-0.1.0'),
  url('nothing there', 'relative/hello-9.9.9.tgz', { status: 4, says: '404' }),
  url('no provenance beside it', 'relative/unsigned-0.1.0.tgz', {
    status: 4,
    says: 'unsigned-0.1.0.tgz.prov is 404',
  }),
  url('a chart that is not in the log', 'relative/quiet-0.1.0.tgz', { status: 4, says: 'quiet-0.1.0' }),
  url('a chart that a stranger signed', 'relative/strange-0.1.0.tgz', { status: 10, says: 'strange-0.1.0' }),
  url('an archive under the name of another version', 'false/hello-0.2.0.tgz', {
    status: 10,
    says: 'hello-0.2.0',
  }),
  {
    what: 'a scheme of a downloader plugin',
    words: (at) => [`store+${at.http}/relative/hello-0.1.0.tgz`],
    becomes: 'hello-0.1.0',
  },
  {
    what: 'a scheme of a downloader plugin, and nothing there',
    words: (at) => [`store+${at.http}/relative/missing-0.1.0.tgz`],
    becomes: { status: 5, says: '404' },
  },
  {
    what: 'a redirect from https to http',
    words: (at) => [`${at.https}/away/hello-0.1.0.tgz`],
    becomes: { status: 5, says: 'from https to http' },
  },
  {
    what: 'TLS, with the authority and the password of the repository that has that URL',
    words: (at) => [`${at.https}/charts/hello-0.1.0.tgz`],
    becomes: 'hello-0.1.0',
  },
];

function url(what: string, path: string, becomes: string | Stop): Reference {
  return { what, words: (at) => [`${at.http}/${path}`], becomes };
}
