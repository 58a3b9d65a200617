import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { commandTree } from '../../src/program/command-tree.ts';
import { PASSING_COMMANDS } from '../../src/program/table.ts';
import type { OptionDeclaration } from '../../src/settings/option-declaration.ts';
import { OPTIONS } from '../../src/settings/options.ts';
import { isThorough } from '../support/thorough.ts';
import { World } from '../support/world/world.ts';

const SECRETS = ['ci', 's3cr3t', 't0k3n', 'token'];
const URLS = [
  'https://ci:s3cr3t@charts.example/hello-0.1.0.tgz?token=t0k3n',
  'HTTP://ci:s3cr3t@charts.example/x#token=t0k3n',
  ' https://ci:s3cr3t@charts.example/blank-in-front?token=t0k3n',
  'oci://ci:s3cr3t@charts.example/hello:0.1.0?token=t0k3n',
  'https:ci:s3cr3t@charts.example/no-slashes?token=t0k3n',
];

let world: World;
let chart: string;
let list: string;
let policy: string;

beforeAll(async () => {
  world = await World.open();
  chart = (await world.loggedChart('a')).path;
  policy = await world.write(
    'policy.yaml',
    `version: 1\nrules: [{ name: a, charts: [hello], signedBy: [{ openpgp: ${'A'.repeat(40)} }] }]\n`,
  );
  list = await world.write('list', `${chart}\n\n${URLS.join('\n')}\n`);
});

afterAll(async () => {
  await world.close();
});

interface Place {
  readonly place: string;
  readonly argv: (url: string) => readonly string[];
  readonly env?: (url: string) => Record<string, string>;
}

const tree = await commandTree();
const leaves = tree.commands.flatMap((each) => (each.commands.length > 0 ? [...each.commands] : [each]));
const pathOf = (command: (typeof leaves)[number]) =>
  command.parent === tree ? [command.name()] : [command.parent?.name() ?? '', command.name()];
/** The one option that takes a URL of a key as well. */
const takesUrl = (words: readonly string[], flags: string) =>
  flags === OPTIONS.publicKey.flags && words[0] !== 'search';
const DEAD = 'http://127.0.0.1:1';
const isPath = (flags: string) => /<(?:path|directory|file)>$/.test(flags);

/** Every operand and every option of every command that takes a path, and every variable. */
const PLACES: readonly Place[] = [
  ...leaves.flatMap((command) => {
    const words = pathOf(command);
    const operand = command.registeredArguments.some((each) => each.name() === 'chart');
    const given = command.registeredArguments.map((each) => (each.name() === 'chart' ? 'missing.tgz' : DEAD));
    const filled = [...words, ...given];
    const isRuled = words[0] === 'policy' && words[1] !== 'init';
    const more = () => [
      ...(words[0] === 'mirror' ? ['--to', 'nowhere'] : []),
      ...(isRuled ? ['--policy', policy] : []),
    ];
    return [
      ...(operand
        ? [{ place: `${words.join(' ')} CHART`, argv: (url: string) => [...words, url, ...more()] }]
        : []),
      ...command.options
        .filter(({ flags }) => isPath(flags) && !takesUrl(words, flags))
        .map(({ long, flags }) => ({
          place: `${words.join(' ')} ${flags}`,
          argv: (url: string) =>
            PASSING_COMMANDS.includes(words[0] ?? '')
              ? [long ?? '', url, ...words, 'missing.tgz']
              : [...filled, long ?? '', url],
        })),
    ];
  }),
  ...Object.values<OptionDeclaration>(OPTIONS)
    .filter(({ flags, variable }) => variable !== undefined && isPath(flags))
    .map(({ variable = '' }) => ({
      place: variable,
      argv: () => ['verify', 'missing.tgz'],
      env: (url: string) => ({ [variable]: url }),
    })),
  {
    place: 'HELM_SIGSTORE_HOME',
    argv: () => ['verify', 'a.tgz'],
    env: (url) => ({ HELM_SIGSTORE_HOME: url }),
  },
  { place: 'GNUPGHOME', argv: () => ['inspect', 'a.tgz'], env: (url) => ({ GNUPGHOME: url }) },
];

test('the table has every place', () => {
  const places = PLACES.map(({ place }) => place);
  expect(places).toEqual(
    expect.arrayContaining([
      ...['upload CHART', 'verify CHART', 'inspect CHART', 'search CHART', 'log serve --dir <directory>'],
      ...['search --public-key <path>', 'verify --as <file>', 'verify --charts-dir <directory>'],
      ...['KEYRING', 'SIGSTORE_REKOR_PUBLIC_KEY', 'SIGSTORE_TRUSTED_ROOT'],
    ]),
  );
  expect(places.length).toBeGreaterThan(30);
});

function forms(argv: readonly string[]): (readonly string[])[] {
  if (argv[1] === 'serve' || argv.some((word) => PASSING_COMMANDS.includes(word))) return [argv];
  return [argv, [...argv, '--output', 'json'], [...argv, '--output', 'jsonl']];
}

function expectNoSecrets(text: string): void {
  const without = text.replaceAll(/--(?:identity-token|(?:log|upload)-token-file)/g, '');
  for (const secret of SECRETS) expect(without).not.toMatch(new RegExp(`\\b${secret}\\b`));
}

/** Each with every URL; where there is no time for all, one here and another there. */
const TRIED = PLACES.map((place, at) => ({
  ...place,
  urls: URLS.filter((_, of) => isThorough || of === at % URLS.length),
}));

test.each(TRIED)('a URL in place of a path is refused, and nothing of it shown: $place', async (place) => {
  for (const url of place.urls)
    for (const argv of forms(place.argv(url))) {
      const env = { REKOR_SERVER: DEAD, ...place.env?.(url) };
      const { status, stdout, stderr } = await world.run(argv, { env });
      expect(stderr).toMatch(/^(?:Warning: REKOR_SERVER is ignored.*\n)?Error: .*URL.*\nHint: /);
      expect(status).toBe(2);
      expectNoSecrets(stdout + stderr);
    }
});

test.each(['verify', 'upload', 'inspect'])(
  'in a list of charts it is a problem of its line: %s',
  async (command) => {
    const options = command === 'inspect' ? ['--keyring', world.keyring] : world.knowing();
    for (const argv of forms([command, '--from-file', list, ...options])) {
      const { status, stdout, stderr } = await world.run(argv);
      expect(stderr.match(/^Error: .*expected (?:a|the) .*URL/gm)).toHaveLength(URLS.length);
      expect(stdout).toContain(chart);
      expect(status).toBe(3);
      expectNoSecrets(stdout + stderr);
    }
  },
);

describe('wherever else a URL stands in a command line, its credentials are not shown', () => {
  const url = URLS[0] ?? '';
  test.each([
    ['a command', [url]],
    ['help for a command', ['help', url]],
    ['a command of a group', ['log', url]],
    ['an option', ['verify', `--${url}`]],
    ['the value of an unknown option', ['verify', `--keyrng=${url}`]],
    ['a choice', ['verify', 'a.tgz', '--output', url]],
    ['an excess operand', ['search', 'a.tgz', url]],
    ['a duration', ['verify', 'a.tgz', '--timeout', url]],
    ['a fingerprint', ['verify', 'a.tgz', '--fingerprint', url]],
    ['a digest', ['search', '--sha256', url]],
    ['an address', ['search', '--email', url]],
    ['the log', ['verify', 'a.tgz', '--rekor-server', url]],
    ['the address to pin', ['log', 'pin', url]],
    ['the mirror', ['trust', 'update', '--mirror', url]],
    ['a key to fetch', ['verify', 'a.tgz', '--public-key', url]],
    ['an address to listen at', ['log', 'serve', '--dir', '/nonexistent', '--listen', url]],
  ])('%s', async (_, argv) => {
    for (const words of forms(argv)) {
      const { status, stdout, stderr } = await world.run(words, { env: { REKOR_SERVER: DEAD } });
      expect(status).toBe(2);
      expectNoSecrets(stdout + stderr);
    }
  });

  test('a log that does not answer', async () => {
    const { status, stderr } = await world.run(['verify', chart, '--keyring', world.keyring], {
      env: { REKOR_SERVER: DEAD, HTTP_PROXY: 'http://ci:s3cr3t@127.0.0.1:1' },
    });
    expect(status).toBe(5);
    expectNoSecrets(stderr);
  });
});
