import type { Reference, Stop } from './reference.ts';

const OUT_OF_RANGE = { status: 10, says: 'expected a version in the range' };

const LATEST = 'hello-1.10.0';

/** `REPOSITORY/CHART`, by which versions of it may be meant. */
const VERSIONS: readonly (readonly [string, readonly string[], string | Stop])[] = [
  ['no version: the newest that is no pre-release', [], LATEST],
  ['an exact version', ['--version', '0.1.0'], 'hello-0.1.0'],
  ['an exact version with a v', ['--version', 'v0.1.0'], 'hello-0.1.0'],
  ['a part of a version', ['--version', '0.1'], 'hello-0.1.0'],
  ['a caret', ['--version', '^0.1.0'], 'hello-0.1.0'],
  ['a tilde', ['--version', '~1.9'], 'hello-1.9.0'],
  ['two limits with a blank', ['--version', '>=0.1.0 <1.0.0'], 'hello-0.2.0'],
  ['two limits with a comma', ['--version', '>=0.1, <1'], 'hello-0.2.0'],
  ['one of two ranges', ['--version', '^0.1.0 || ^1.0.0'], LATEST],
  ['a hyphen range', ['--version', '0.1.0 - 0.2.0'], 'hello-0.2.0'],
  ['a star', ['--version', '*'], LATEST],
  ['pre-releases as well', ['--devel'], 'hello-2.0.0-rc.1'],
  ['a range that names a pre-release', ['--version', '>1.0.0-0'], 'hello-2.0.0-rc.1'],
  ['a version beside --devel, which it overrides', ['--version', '0.1.0', '--devel'], 'hello-0.1.0'],
  ['build metadata', ['--version', '1.2.3+build.5'], 'hello-1.2.3+build.5'],
  ['a version that is not there', ['--version', '9.9.9'], { status: 4, says: '9.9.9' }],
  ['what is no version', ['--version', 'latest'], { status: 4, says: 'latest' }],
];

/** What is found through the index of a repository. */
export const IN_REPOSITORIES: readonly Reference[] = [
  ...VERSIONS.map(([what, options, becomes]) => named('relative/hello', what, options, becomes)),
  {
    // The constraints of these let a pre-release through, which is held against the range as later Helms read it.
    ...named('relative/hello', 'all versions but one', ['--version', '!=1.10.0'], 'hello-1.9.0'),
    with: { '3.17.3': OUT_OF_RANGE, '3.18.0': OUT_OF_RANGE },
  },
  exact('absolute/hello', 'absolute URLs', 'hello-0.1.0'),
  exact('elsewhere/hello', 'URLs of another server', 'hello-0.1.0'),
  exact('several/hello', 'several URLs, of which the first counts', 'hello-0.1.0'),
  exact('second/hello', 'several URLs, of which the first has nothing', { status: 4, says: '404' }),
  exact('query/hello', 'a URL with a query', 'hello-0.1.0'),
  exact('asking/hello', 'a repository with a query', 'hello-0.1.0'),
  exact('bare/hello', 'nothing is kept of the log beside it', 'hello-0.1.0'),
  named('json/hello', 'an index in JSON', [], LATEST),
  exact('moved/hello', 'a redirect', 'hello-0.1.0'),
  {
    what: 'in-oci/hello: a repository whose charts are in a registry',
    words: (at) => ['in-oci/hello', '--version', '0.1.0', '--ca-file', at.authority],
    becomes: 'hello-0.1.0',
    // 3.17 speaks HTTP to every address of loopback.
    with: { '3.17.3': { status: 5, says: '400 Bad Request' }, '3.18.0': { status: 5, says: '3.18.0' } },
  },
  exact('no-digest/hello', 'no digest in the index', 'hello-0.1.0'),
  exact('false-digest/hello', 'a false digest in the index', { status: 10, says: 'digest' }),
  named('older/hello', 'an old version as the newest', [], { status: 10, says: '3.0.0' }),
  exact('renamed/known', 'a chart under the name of another', { status: 10, says: 'known' }),
  named('relative/unsigned', 'no provenance', [], { status: 4, says: 'no provenance' }),
  named('relative/quiet', 'a chart that is not in the log', [], { status: 4, says: 'quiet' }),
  exact('guarded/hello', 'TLS and a password', 'hello-0.1.0'),
  exact('lent/hello', 'a password, and URLs of another server', 'hello-0.1.0'),
  named('unknown/hello', 'a repository that was not added', [], { status: 3, says: 'unknown/hello' }),
  named('relative/missing', 'a chart that is not there', [], { status: 4, says: 'missing' }),
  repo('--repo', 'relative', [], LATEST),
  repo('--repo with a slash at the end, and a range', 'relative/', ['--version', '<1'], 'hello-0.2.0'),
  repo('--repo with a query', 'asking?team=a', ['--version', '0.1.0'], 'hello-0.1.0'),
  repo('--repo with absolute URLs', 'absolute', ['--version', '0.1.0'], 'hello-0.1.0'),
  repo('--repo with a false digest', 'false-digest', ['--version', '0.1.0'], { status: 10, says: 'digest' }),
  repo('--repo without an index', 'nothing', [], { status: 4, says: '404' }),
];

function named(name: string, what: string, options: readonly string[], becomes: string | Stop): Reference {
  return { what: `${name}: ${what}`, words: () => [name, ...options], becomes };
}

function exact(name: string, what: string, becomes: string | Stop): Reference {
  return named(name, what, ['--version', '0.1.0'], becomes);
}

function repo(what: string, path: string, options: readonly string[], becomes: string | Stop): Reference {
  return { what, words: (at) => ['hello', '--repo', `${at.http}/${path}`, ...options], becomes };
}
