import type { Addresses } from '../world/addresses.ts';
import type { Reference } from './reference.ts';

/** Stands for what must be shown nowhere. */
export const SECRET = 'of-the-user-alone';

/** Words that could be read in two ways, show a secret to everybody, or stand for what is no chart. */
export const REFUSED: readonly Reference[] = [
  refused('a password in a URL', 'credentials', ({ http }) => http.replace('//', `//jo:${SECRET}@`) + HELLO),
  refused('a password in a reference', 'credentials', ({ oci }) =>
    oci.plain.replace('//', `//jo:${SECRET}@`).concat('/hello:0.1.0'),
  ),
  refused('an escaped slash', '%2f', ({ http }) => `${http}/relative%2Fhello-0.1.0.tgz`),
  refused('an escaped dot', '%2e', ({ http }) => `${http}/absolute/%2e%2e${HELLO}`),
  refused('a folder above', '".."', ({ http }) => `${http}/absolute/..${HELLO}`),
  refused('a backslash', 'backslashes', ({ http }) => `${http}\\relative\\hello-0.1.0.tgz`),
  refused('a fragment', 'fragment', ({ http }) => `${http}${HELLO}#version=2`),
  refused('a host with a dot at its end', 'dot', () => `http://charts.example.${HELLO}`),
  refused('http to another machine', 'https', () => `http://charts.example${HELLO}`),
  refused('a URL of what is no archive', 'packed chart', ({ http }) => `${http}/relative/index.yaml`),
  refused('a repository in capitals', 'oci://', ({ oci }) => `${oci.plain}/Hello:0.1.0`),
  refused('a reference without a repository', 'oci://', ({ oci }) => oci.plain.slice(0, -'/charts'.length)),
  refused('a file as a URL', 'file://', ({ file }) => `file://${file}`),
  refused('the scheme of our own downloader', 'sigstore+', () => `sigstore+https://charts.example${HELLO}`),
  {
    what: 'a scheme that no plugin of Helm has',
    words: () => [`unknown://charts.example${HELLO}`],
    becomes: { status: 5, says: 'unknown' },
  },
];

const HELLO = '/relative/hello-0.1.0.tgz';

function refused(what: string, says: string, word: (at: Addresses) => string): Reference {
  return { what, words: (at) => [word(at)], becomes: { status: 2, says } };
}
