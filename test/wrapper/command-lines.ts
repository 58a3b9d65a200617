import type { HelmVerb } from '../../src/wrapper/helm-verb.ts';

/** A command line behind `helm sigstore`, and what Helm is called with; or which words the message has that stops it. */
export interface CommandLine {
  readonly what: string;
  readonly verb: HelmVerb;
  readonly words: readonly string[];
  /** The words for Helm, in which CHART stands for the path of the copy; for `pull`, where the files go. */
  readonly calls?: readonly string[];
  /** The chart, or charts, as the user named them. */
  readonly charts?: readonly string[];
  /** What chooses the chart and is not passed on. */
  readonly source?: Readonly<Record<string, string | boolean>>;
  /** What the copy is called, where that matters. */
  readonly copyName?: string;
  readonly stops?: RegExp;
  /** Of which Helms alone, by the first number of their versions. */
  readonly helm?: '3' | '4';
}

const C = 'CHART';

/** Command lines that are understood. */
export const UNDERSTOOD: readonly CommandLine[] = [
  line('a name and a file', 'install', ['a', './c-1.tgz'], ['install', '--', 'a', C], ['./c-1.tgz']),
  line(
    '-f with its file before the name',
    'install',
    ['-f', 'v.yaml', 'a', 'r/c'],
    ['install', '--values=v.yaml', '--', 'a', C],
    ['r/c'],
  ),
  line(
    '-f with its file in the same word',
    'install',
    ['a', '-fv.yaml', 'r/c'],
    ['install', '--values=v.yaml', '--', 'a', C],
    ['r/c'],
  ),
  line(
    '-f=v.yaml',
    'template',
    ['a', 'r/c', '-f=v.yaml'],
    ['template', '--values=v.yaml', '--', 'a', C],
    ['r/c'],
  ),
  line(
    '-f that takes what looks like the chart',
    'template',
    ['-f', 'r/c', 'r/d'],
    ['template', '--values=r/c', '--', C],
    ['r/d'],
  ),
  line(
    '-f that takes what looks like an option',
    'template',
    ['-f', '--set', 'r/c'],
    ['template', '--values=--set', '--', C],
    ['r/c'],
  ),
  line(
    '--set with blanks',
    'template',
    ['a', 'r/c', '--set', 'a=b c,d=e'],
    ['template', '--set=a=b c,d=e', '--', 'a', C],
    ['r/c'],
  ),
  line('--set=x=y', 'template', ['--set=x=y', 'a', 'r/c'], ['template', '--set=x=y', '--', 'a', C], ['r/c']),
  line(
    '--set of nothing',
    'template',
    ['a', 'r/c', '--set', ''],
    ['template', '--set=', '--', 'a', C],
    ['r/c'],
  ),
  line(
    'several of one option, in their order',
    'template',
    ['--set', 'a=1', 'a', '-f', 'x', 'r/c', '--set=a=2', '-fy'],
    ['template', '--set=a=1', '--values=x', '--set=a=2', '--values=y', '--', 'a', C],
    ['r/c'],
  ),
  line('-nns', 'install', ['-nns', 'a', 'r/c'], ['install', '--namespace=ns', '--', 'a', C], ['r/c']),
  line('-n=ns', 'upgrade', ['a', '-n=ns', 'r/c'], ['upgrade', '--namespace=ns', '--', 'a', C], ['r/c']),
  line(
    '-gf FILE',
    'install',
    ['-gf', 'v.yaml', 'r/c'],
    ['install', '--generate-name', '--values=v.yaml', '--', C],
    ['r/c'],
  ),
  line(
    '-gfFILE',
    'install',
    ['r/c', '-gfv.yaml'],
    ['install', '--generate-name', '--values=v.yaml', '--', C],
    ['r/c'],
  ),
  line(
    '--generate-name of a chart in a repository',
    'install',
    ['r/hello', '--generate-name'],
    ['install', '--generate-name', '--', C],
    ['r/hello'],
    { copyName: 'hello.tgz' },
  ),
  line(
    '--generate-name of an archive',
    'install',
    ['-g', './dir/hello-1.2.3.tgz'],
    ['install', '--generate-name', '--', C],
    ['./dir/hello-1.2.3.tgz'],
    { copyName: 'hello-1.tgz' },
  ),
  line(
    '--generate-name of a URL',
    'install',
    ['-g', 'https://c.example/hello-1.2.3.tgz?a=b/c.d'],
    ['install', '--generate-name', '--', C],
    ['https://c.example/hello-1.2.3.tgz?a=b/c.d'],
    { copyName: 'c.tgz' },
  ),
  line(
    '--generate-name=false',
    'install',
    ['a', 'r/c', '--generate-name=false'],
    ['install', '--generate-name=false', '--', 'a', C],
    ['r/c'],
  ),
  line(
    '--name-template',
    'install',
    ['--name-template', '{{ randAlpha 5 | lower }}', 'r/c'],
    ['install', '--name-template={{ randAlpha 5 | lower }}', '--', C],
    ['r/c'],
  ),
  line(
    'oci:// with --version',
    'install',
    ['a', 'oci://h/n/c', '--version', '^1'],
    ['install', '--', 'a', C],
    ['oci://h/n/c'],
    { source: { version: '^1' } },
  ),
  line(
    '--version and --repo, in any form',
    'upgrade',
    ['--version=1.2.3', 'a', '--repo', 'https://c.example', 'c', '-i'],
    ['upgrade', '--install', '--', 'a', C],
    ['c'],
    { source: { version: '1.2.3', repo: 'https://c.example' } },
  ),
  line(
    'the last of several --version',
    'template',
    ['r/c', '--version', '1', '--version=2', '--devel'],
    ['template', '--', C],
    ['r/c'],
    { source: { version: '2', devel: true } },
  ),
  line(
    'TLS files and --plain-http',
    'template',
    ['r/c', '--ca-file', 'a', '--cert-file=b', '--key-file', 'c', '--plain-http'],
    ['template', '--', C],
    ['r/c'],
    { source: { caFile: 'a', certFile: 'b', keyFile: 'c', plainHttp: true } },
  ),
  line(
    "Helm's own --verify and --keyring",
    'template',
    ['--verify', '--keyring', 'k', 'a', 'r/c'],
    ['template', '--', 'a', C],
    ['r/c'],
  ),
  line(
    'a name like an option behind --',
    'template',
    ['--', '-a', 'r/c'],
    ['template', '--', '-a', C],
    ['r/c'],
  ),
  line(
    'a chart like an option behind --',
    'show',
    ['values', '--', '--version'],
    ['show', 'values', '--', C],
    ['--version'],
  ),
  line('a file that is called -', 'template', ['a', '-'], ['template', '--', 'a', C], ['-']),
  line(
    '--post-renderer with arguments',
    'template',
    ['a', '--post-renderer', './p', '--post-renderer-args', '--chart', '--post-renderer-args=x', 'r/c'],
    [
      'template',
      '--post-renderer=./p',
      '--post-renderer-args=--chart',
      '--post-renderer-args=x',
      '--',
      'a',
      C,
    ],
    ['r/c'],
  ),
  line(
    'an option whose value is optional',
    'install',
    ['--dry-run', 'a', 'r/c', '--dry-run=client'],
    ['install', '--dry-run', '--dry-run=client', '--', 'a', C],
    ['r/c'],
  ),
  line('show all', 'show', ['all', 'r/c', '--version', '1'], ['show', 'all', '--', C], ['r/c'], {
    source: { version: '1' },
  }),
  line(
    'show values --jsonpath',
    'show',
    ['values', '--jsonpath', '{.a}', 'r/c'],
    ['show', 'values', '--jsonpath={.a}', '--', C],
    ['r/c'],
  ),
  line('several charts for pull', 'pull', ['r/c', '-d', 'to', 'r/d', '--prov'], ['to'], ['r/c', 'r/d']),
  line('pull to where it stands', 'pull', ['oci://h/c', '--version', '1.0.0'], ['.'], ['oci://h/c'], {
    source: { version: '1.0.0' },
  }),
  line(
    'global flags that arrive all the same',
    'template',
    ['--burst-limit', '9', 'r/c', '--debug', '--qps=1'],
    ['template', '--burst-limit=9', '--debug', '--qps=1', '--', C],
    ['r/c'],
  ),
  {
    ...line(
      '--wait with a value',
      'install',
      ['a', 'r/c', '--wait=legacy'],
      ['install', '--wait=legacy', '--', 'a', C],
      ['r/c'],
    ),
    helm: '4',
  },
  {
    ...line(
      '--wait without a value',
      'upgrade',
      ['--wait', 'a', 'r/c'],
      ['upgrade', '--wait', '--', 'a', C],
      ['r/c'],
    ),
  },
];

/** Command lines that have to stop. */
export const STOPPED: readonly CommandLine[] = [
  stop('an unknown flag', 'install', ['--new-flag', 'x', 'a', 'r/c'], /unknown .*--new-flag/),
  stop('an unknown short flag', 'install', ['-Z', 'a', 'r/c'], /unknown .*-Z/),
  stop('an unknown short flag in a cluster', 'install', ['-gZf', 'x', 'r/c'], /unknown .*-Z/),
  stop('an abbreviation', 'install', ['--vers', '1', 'a', 'r/c'], /unknown .*--vers/),
  stop('a flag of another verb', 'show', ['chart', '--set', 'a=b', 'r/c'], /unknown .*--set/),
  stop('an option without its value', 'template', ['a', 'r/c', '--set'], /--set .*value/),
  stop('a short option without its value', 'template', ['a', 'r/c', '-f'], /--values .*value/),
  stop('no chart', 'install', [], /chart/),
  stop('a name alone', 'upgrade', ['a'], /chart/),
  stop('a chart without a name', 'install', ['r/c'], /alone/),
  stop('a name too many', 'install', ['-g', 'a', 'r/c'], /--generate-name/),
  stop('a word too many', 'install', ['a', 'r/c', 'b'], /3/),
  stop('a word behind an optional value', 'template', ['--dry-run', 'client', 'a', 'r/c'], /3/),
  stop('an empty word for the chart', 'install', ['a', ''], /empty/),
  stop('a flag with a value that is no answer', 'install', ['a', 'r/c', '--devel=maybe'], /--devel/),
  stop('pull --untar', 'pull', ['r/c', '--untar'], /--untar/),
  stop(
    '--insecure-skip-tls-verify',
    'template',
    ['a', 'r/c', '--insecure-skip-tls-verify'],
    /--insecure-skip-tls-verify is refused/,
  ),
  stop('show without what', 'show', ['r/c'], /show/),
  stop('an option before what is shown', 'show', ['--version', '1', 'values', 'r/c'], /show/),
  stop('two charts for show', 'show', ['chart', 'r/c', 'r/d'], /2/),
  stop('no name behind the dashes', 'template', ['--=x', 'a', 'r/c'], /--=x/),
  stop('three dashes', 'template', ['---set=x', 'a', 'r/c'], /---set/),
  stop('a value for --help', 'template', ['--help=false', 'a', 'r/c'], /--help/),
  stop(
    'files of Helm by flags, which it takes for itself',
    'template',
    ['--repository-config', 'x', 'r/c'],
    /--repository-config/,
  ),
];

function line(
  what: string,
  verb: HelmVerb,
  words: readonly string[],
  calls: readonly string[],
  charts: readonly string[],
  more: Partial<CommandLine> = {},
): CommandLine {
  return { what, verb, words, calls, charts, ...more };
}

function stop(what: string, verb: HelmVerb, words: readonly string[], stops: RegExp): CommandLine {
  return { what, verb, words, stops };
}
