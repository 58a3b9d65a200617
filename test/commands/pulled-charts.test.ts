import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { sha256Hex } from '../../src/digest.ts';
import { indexOfTags } from '../../src/gate/gated-index.ts';
import { chartArchive } from '../support/chart.ts';
import { ForgedSigstore } from '../support/forged-sigstore.ts';
import { HelmStandIn } from '../support/helm-stand-in.ts';
import type { Surroundings } from '../support/program.ts';
import { serveRegistry } from '../support/registry/server.ts';
import { serveFiles, type StaticFiles } from '../support/static-server.ts';
import { World } from '../support/world/world.ts';

interface Result {
  readonly chart?: string;
  readonly verdict?: string;
  readonly error?: { readonly code: string; readonly message: string };
  readonly source?: Record<string, unknown>;
  readonly evidence?: { readonly path: string };
}

let world: World;
let helm: HelmStandIn;
let hello: Awaited<ReturnType<World['keptChart']>>;
let evidence: Buffer;
let home: string;
let cache: string;
let temporary: string;

beforeAll(async () => {
  world = await World.open();
  helm = await HelmStandIn.create(await world.subdirectory('bin'));
  hello = await world.keptChart('hello');
  evidence = await readFile(hello.evidence);
});

afterAll(async () => {
  await world.close();
});

beforeEach(async () => {
  temporary = await world.subdirectory('temporary');
  home = await world.subdirectory('config');
  cache = await world.subdirectory('cache');
  await rm(join(home, 'repositories.yaml'), { force: true });
});

afterEach(async () => {
  expect(await readdir(temporary), 'nothing of what was fetched is left').toEqual([]);
});

const FILE = 'hello-0.1.0.tgz';
const files = () => ({ [FILE]: hello.archive, [`${FILE}.prov`]: hello.provenance });

interface Entry {
  readonly version?: string;
  readonly url?: string;
  readonly digest?: string;
}
const index = (...entries: readonly Entry[]) =>
  JSON.stringify({
    apiVersion: 'v1',
    entries: {
      hello: entries.map(({ version = '0.1.0', url = FILE, digest = sha256Hex(hello.archive) }) => ({
        name: 'hello',
        version,
        urls: [url],
        digest,
      })),
    },
  });

async function configure(text: string, url = 'http://127.0.0.1:1/charts', more = ''): Promise<void> {
  await writeFile(
    join(home, 'repositories.yaml'),
    `apiVersion: ""\nrepositories:\n- name: mine\n  url: ${url}\n${more}`,
  );
  await writeFile(join(cache, 'mine-index.yaml'), text);
  await writeFile(join(cache, 'mine-charts.txt'), 'hello\n');
}

async function run(argv: readonly string[], { env, ...more }: Surroundings = {}) {
  const ran = await world.run([...argv, ...world.knowing(), '--output', 'json'], {
    env: {
      TMPDIR: temporary,
      HELM_CONFIG_HOME: home,
      HELM_REPOSITORY_CACHE: cache,
      HELM_CACHE_HOME: '/of/the/user',
      HELM_CONTENT_CACHE: '/of/the/user/content',
      HELM_BIN: helm.program,
      ...env,
    },
    ...more,
  });
  const document = JSON.parse(ran.stdout || '{}') as { readonly results?: readonly Result[] };
  return { ...ran, result: document.results?.[0] ?? {} };
}

/** A dead server for the evidence beside the chart would be another matter. */
async function repository(more: StaticFiles = {}): Promise<string> {
  return (await serveFiles(more)).url;
}

describe('a chart of a configured repository', () => {
  test('is pulled by the Helm that called, with a content cache of its own and the index of the user', async () => {
    await configure(index({}), await repository());
    await helm.willPull({ files: files() });
    const { status, result } = await run(['verify', 'mine/hello', '--version', '0.1.0']);
    expect({ status, ...result }).toMatchObject({
      status: 0,
      chart: 'mine/hello',
      verdict: 'verified',
      source: {
        form: 'repository',
        reference: 'mine/hello',
        url: expect.stringMatching(/hello-0\.1\.0\.tgz$/) as unknown,
      },
    });
    expect(result.source).not.toHaveProperty('versionChosenBy');
    const { argv, env } = await helm.called();
    expect(argv).toEqual([
      'pull',
      'mine/hello',
      '--version=0.1.0',
      '--prov',
      '--destination',
      expect.any(String),
    ]);
    expect(env['HELM_CACHE_HOME']).toBe('/of/the/user');
    expect(env['HELM_REPOSITORY_CACHE']).toBe(cache);
    expect(env['HELM_CONTENT_CACHE']).toMatch(new RegExp(`^${temporary}/`));
  });

  test.each([[[]], [['--version', '^0.1']], [['--devel']]])(
    'says that the repository chose the version, with %j',
    async (options) => {
      await configure(index({}), await repository());
      await helm.willPull({ files: files() });
      const { status, result } = await run(['verify', 'mine/hello', ...options]);
      expect([status, result.source]).toEqual([
        0,
        expect.objectContaining({ version: '0.1.0', versionChosenBy: 'repository' }),
      ]);
    },
  );

  test('is proven by the evidence that lies beside the URL of the index, with the query of the repository', async () => {
    const { url, seen } = await serveFiles({ [`/charts/${FILE}.rekor.json?a=1`]: evidence });
    await configure(index({}), `${url}/charts?a=1`, '  username: ci\n  password: s3cr3t\n');
    await helm.willPull({ files: files() });
    const { status, result, stdout, stderr } = await run(['verify', 'mine/hello']);
    expect([status, result.evidence?.path]).toEqual([0, `${url}/charts/${FILE}.rekor.json`]);
    expect(seen.map((each) => each.headers.authorization)).toEqual(seen.map(() => 'Basic Y2k6czNjcjN0'));
    expect(stdout + stderr).not.toContain('s3cr3t');
    expect(JSON.stringify((await helm.called()).argv)).not.toContain('s3cr3t');
  });

  test.each([
    ['', undefined],
    ['  pass_credentials_all: true\n', 'Basic Y2k6czNjcjN0'],
  ])(
    'sends credentials to another server that the index names only with pass_credentials_all (%j)',
    async (more, sent) => {
      const { url, seen } = await serveFiles({});
      await configure(
        index({ url: `${url}/${FILE}` }),
        await repository(),
        `  username: ci\n  password: s3cr3t\n${more}`,
      );
      await helm.willPull({ files: files() });
      expect(await run(['verify', 'mine/hello'])).toMatchObject({ status: 0 });
      expect(seen.map((each) => [each.url, each.headers.authorization])).toEqual([
        [`/${FILE}.rekor.json`, sent],
        [`/${FILE}.prov.sigstore.json`, sent],
      ]);
    },
  );

  test('has credentials in the URL of its repository, which are no part of what a policy compares', async () => {
    const { url } = await serveFiles({});
    await configure(index({}), `${url.replace('//', '//ci:s3cr3t@')}/charts`);
    await helm.willPull({ files: files() });
    const rules = [{ name: 'ours', charts: [`${url}/charts/hello`], signedBy: 'any', level: 'warn' }];
    const policy = await world.write('rules.yaml', JSON.stringify({ version: 1, rules, otherwise: 'deny' }));
    const { status, stdout, stderr } = await world.run(
      ['policy', 'check', 'mine/hello', '--policy', policy],
      {
        env: {
          TMPDIR: temporary,
          HELM_CONFIG_HOME: home,
          HELM_REPOSITORY_CACHE: cache,
          HELM_BIN: helm.program,
        },
      },
    );
    expect(stdout).toContain('Rule: ours');
    expect([status, (stdout + stderr).includes('s3cr3t')]).toEqual([0, false]);
  });

  test.each([
    ['a v in front of an exact version is left out', 'v0.1.0', 0],
    ['build metadata counts', '0.1.0+other', 10],
    ['an old version as the one that was asked for', '0.2.0', 10],
  ])('%s', async (_, version, status) => {
    await configure(index({}), await repository());
    await helm.willPull({ files: files() });
    const ran = await run(['verify', 'mine/hello', '--version', version]);
    expect(ran.status).toBe(status);
    if (status === 10) expect(ran.stderr).toContain('archive-name');
  });
});

describe('an archive name that the index gives several times: for', () => {
  test.each<[string, Entry[], string[], number, string]>([
    ['two versions, of which one is wanted', [{ version: '0.2.0' }, {}], ['--version', '0.1.0'], 0, ''],
    ['two, of which one is in the range', [{ version: '0.2.0' }, {}], ['--version', '<0.2'], 0, ''],
    [
      'two, of which the wrong one is wanted',
      [{ version: '0.2.0' }, {}],
      ['--version', '0.2.0'],
      10,
      'archive-name',
    ],
    [
      'two files of one name in two folders',
      [{ version: '0.2.0', url: `new/${FILE}`, digest: 'b'.repeat(64) }, { url: `old/${FILE}` }],
      ['--version', 'v0.1.0'],
      0,
      '',
    ],
    [
      'one version twice, with two digests',
      [{ digest: 'b'.repeat(64) }, {}],
      ['--version', '0.1.0'],
      10,
      'several versions or digests',
    ],
    ['one version twice, as the same', [{}, {}], ['--version', '0.1.0'], 0, ''],
  ])('%s', async (_, entries, wanted, expected, words) => {
    await configure(index(...entries), await repository());
    await helm.willPull({ files: files() });
    const { status, stderr } = await run(['verify', 'mine/hello', ...wanted]);
    expect(stderr).toContain(words);
    expect(status).toBe(expected);
  });
});

describe('is not verified', () => {
  test.each<[string[], number]>([
    [['--version', '^0.2.0'], 10],
    [['--version', '>0.1.0 || 9.x'], 10],
    [['--version', '^0.1.0'], 0],
    [['--version', '0.1'], 0],
  ])('for %j an older version that Helm was told by another index than we are', async (wanted, expected) => {
    const { url } = await serveFiles({ '/charts/index.yaml': index({}) });
    await helm.willPull({ files: files() });
    const { status, stderr } = await run(['verify', 'hello', '--repo', `${url}/charts`, ...wanted]);
    expect([status, stderr.includes('expected a version in the range')]).toEqual([expected, expected === 10]);
  });

  test('an old version that the index sells as a new one', async () => {
    await configure(index({ version: '0.2.0' }), await repository());
    await helm.willPull({ files: files() });
    const { status, stderr } = await run(['verify', 'mine/hello']);
    expect([status, stderr]).toEqual([10, expect.stringContaining('archive-name')]);
  });

  test('an archive that the index gives two versions', async () => {
    await configure(index({ version: '0.2.0' }, {}), await repository());
    await helm.willPull({ files: files() });
    const { status, stderr } = await run(['verify', 'mine/hello']);
    expect([status, stderr]).toEqual([10, expect.stringMatching(/several versions[^]*say with --version/)]);
  });

  test('one chart as another', async () => {
    const other = await world.loggedChart('other');
    await configure(index({ digest: '' }), await repository());
    await helm.willPull({ files: { [FILE]: other.archive, [`${FILE}.prov`]: other.provenance } });
    const { status, stderr } = await run(['verify', 'mine/hello']);
    expect([status, stderr]).toEqual([10, expect.stringContaining('archive-name')]);
  });

  test('an archive with another digest than the index says', async () => {
    await configure(index({ digest: 'a'.repeat(64) }), await repository());
    await helm.willPull({ files: files() });
    const { status, stderr } = await run(['verify', 'mine/hello']);
    expect([status, stderr]).toEqual([10, expect.stringContaining('archive-digest')]);
  });

  test('an archive of which the index says nothing: 5', async () => {
    await configure(index({ url: 'another-0.1.0.tgz' }), await repository());
    await helm.willPull({ files: files() });
    const { status, stderr } = await run(['verify', 'mine/hello']);
    expect([status, stderr]).toEqual([5, expect.stringContaining('says nothing of the archive')]);
  });

  test('a chart whose archive says another name than what is signed', async () => {
    const archive = await chartArchive('evil', '0.1.0');
    const provenance = await world.publisher.sign('hello', '0.1.0', archive);
    await configure(index({ digest: sha256Hex(archive) }), await repository());
    await helm.willPull({ files: { [FILE]: archive, [`${FILE}.prov`]: provenance } });
    const { status } = await run(['inspect', 'mine/hello']);
    expect(status).not.toBe(0);
  });

  test('is verified by the log where the server that may have evidence does not answer', async () => {
    await configure(index({}));
    await helm.willPull({ files: files() });
    const { status, result } = await run(['verify', 'mine/hello']);
    expect([status, result.verdict, result.evidence]).toEqual([0, 'verified', undefined]);
  });

  test('a chart without provenance, for which Helm only warns: 4', async () => {
    await configure(index({}), await repository());
    await helm.willPull({
      files: { [FILE]: hello.archive },
      stdout: `WARNING: Verification not found for mine/hello: failed to fetch : 404 Not Found\n`,
    });
    const { status, result } = await run(['verify', 'mine/hello']);
    expect([status, result.error]).toEqual([
      4,
      expect.objectContaining({
        code: 'NOT_FOUND',
        message: expect.stringContaining('no provenance beside it') as unknown,
      }),
    ]);
  });

  test.each([
    [
      'a chart that is not there',
      'Error: chart "hello" matching 9.9.9 not found in mine index. (try \'helm repo update\'): no chart version found for hello-9.9.9\n',
      4,
    ],
    [
      'a range that nothing fits',
      'Error: Could not locate a version matching provided version string ^9\n',
      4,
    ],
    [
      'a range that nothing fits, in Helm 4',
      'Error: could not locate a version matching provided version string ^9\n',
      4,
    ],
    [
      'a repository that a registry does not have',
      'Error: GET "https://h/v2/x/tags/list": response status code 404: name unknown\n',
      4,
    ],
    [
      'a helper of credentials that is missing',
      'Error: exec: "docker-credential-desktop": executable file not found in $PATH\n',
      5,
    ],
    [
      'a proxy that nobody knows',
      'Error: Get "https://h/index.yaml": proxyconnect tcp: dial tcp: lookup proxy: host not found\n',
      5,
    ],
    [
      'a server of tokens that gives none',
      'Error: failed to fetch anonymous token: unexpected status from GET request to https://h/token: 404 Not Found\n',
      5,
    ],
    [
      'what 3.18.0 does not pull',
      'Error: media type "application/vnd.cncf.helm.chart.provenance.v1.prov" is not allowed, found in descriptor\n',
      5,
    ],
    [
      'a server that is not there',
      'Error: Get "http://127.0.0.1:1/index.yaml": dial tcp 127.0.0.1:1: connect: connection refused\n',
      5,
    ],
  ])('%s: Helm says so, and so do we', async (_, stderr, status) => {
    await configure(index({}), await repository());
    await helm.willPull({ stderr, status: 1 });
    const ran = await run(['verify', 'mine/hello']);
    expect([ran.status, ran.stderr]).toEqual([status, expect.stringContaining(stderr.slice(0, 40))]);
  });

  test('what Helm says is cut, and what a terminal acts on is shown as text', async () => {
    await configure(index({}), await repository());
    await helm.willPull({ stderr: `Error: \u001b[31m${'x'.repeat(1 << 20)}\n`, status: 1 });
    const { status, stderr } = await run(['verify', 'mine/hello']);
    expect([status, stderr.length < 3000, stderr.includes('\u001b')]).toEqual([5, true, false]);
  });

  const noted = (code: unknown, message: unknown = 'not by the rule') =>
    JSON.stringify({ href: 'sigstore+https://h/hello-0.1.0.tgz', diagnosis: { code, message } });

  test.each([
    ['no text', noted('REJECTED', 7)],
    ['no diagnosis', '{"href":"https://h/"}'],
    ['no object', 'null'],
    ['no JSON', '{"href":'],
    ['JSON that nobody needs', '['.repeat(1 << 16)],
  ])('a plugin notes %s where our downloader notes a refusal: what Helm says counts', async (_, refusal) => {
    await configure(index({}), await repository());
    await helm.willPull({ stderr: 'Error: plugin "x" exited with error\n', status: 1, refusal });
    const { status, stderr } = await run(['verify', 'mine/hello']);
    expect([status, stderr]).toEqual([5, expect.stringContaining('helm pull ended with status 1')]);
  });

  test.each(['', 'sigstore+https://', 'sigstore+https://h/hello-0.1.0.tgz#name=hello', 'x'.repeat(1 << 16)])(
    'what is noted of a URL that no index of the gate has, policy explain says: %.40s',
    async (href) => {
      await configure(index({}), await repository());
      const refusal = JSON.stringify({ href, diagnosis: { code: 'REJECTED', message: 'not by the rule' } });
      await helm.willPull({ stderr: 'Error: x\n', status: 1, refusal });
      const policy = await world.write('explained.yaml', 'version: 1\notherwise: allow\n');
      const env = { HELM_CONFIG_HOME: home, HELM_REPOSITORY_CACHE: cache, HELM_BIN: helm.program };
      const argv = ['policy', 'explain', 'mine/hello', '--policy', policy];
      const ran = await world.run(argv, { env: { ...env, TMPDIR: temporary } });
      expect([ran.status, ran.stderr]).toEqual([10, expect.stringContaining('not by the rule')]);
    },
  );

  test.each([
    ['REJECTED', 10],
    ['INPUT', 3],
    ['NOT_FOUND', 4],
    ['LOG_UNREACHABLE', 5],
    ['USAGE', 5],
    ['INTERNAL', 5],
    ['DONE', 5],
    ['constructor', 5],
  ])('what our downloader notes is passed on: %s as %i', async (code, status) => {
    await configure(index({}), await repository());
    await helm.willPull({ stderr: 'Error: x\n', status: 1, refusal: noted(code) });
    const ran = await run(['verify', 'mine/hello']);
    expect([ran.status, ran.stderr]).toEqual([status, expect.stringContaining('not by the rule')]);
  });

  test.each([
    ['two charts', () => ({ ...files(), 'other-1.0.0.tgz': hello.archive })],
    ['something else beside it', () => ({ ...files(), x: hello.archive })],
    ['nothing', () => ({})],
  ])('%s brought by Helm: 5', async (_, brought) => {
    await configure(index({}), await repository());
    await helm.willPull({ files: brought() });
    expect(await run(['verify', 'mine/hello'])).toMatchObject({ status: 5 });
  });

  test('anything when HELM_BIN names no program: 5', async () => {
    await configure(index({}), await repository());
    const { status, stderr } = await run(['verify', 'mine/hello'], {
      env: { HELM_BIN: '/nonexistent/helm' },
    });
    expect([status, stderr]).toEqual([5, expect.stringContaining('HELM_BIN')]);
  });

  test('anything without HELM_BIN: no helm of PATH is guessed', async () => {
    await configure(index({}), await repository());
    const { status, stderr } = await run(['verify', 'mine/hello'], {
      env: { HELM_BIN: '', PATH: join(helm.program, '..') },
    });
    expect([status, stderr]).toEqual([2, expect.stringContaining('HELM_BIN')]);
  });
});

describe('a Helm that does not end', () => {
  /** One that has ended and that nobody has asked about is no more alive. */
  const isAlive = async (pid: number) => {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
    if (stat !== undefined) return !stat.includes(') Z ');
    try {
      return process.kill(pid, 0);
    } catch {
      return false;
    }
  };

  const isKilledWithItsChild = async () => {
    const { child } = await helm.called();
    await expect.poll(() => isAlive(child ?? 0)).toBe(false);
  };

  test('in time is killed with what it started', async () => {
    await configure(index({}), await repository());
    // On a busy machine it may be killed before it has started anything: then it gets more time.
    for (const time of ['400ms', '2s', '10s']) {
      await helm.willPull({ hangs: true });
      expect(await run(['verify', 'mine/hello', '--timeout', time])).toMatchObject({ status: 5 });
      if (await helm.wasCalled()) break;
    }
    await isKilledWithItsChild();
  });

  test('before the user wants it to is killed with what it started', async () => {
    await configure(index({}), await repository());
    await helm.willPull({ hangs: true });
    const user = new AbortController();
    void helm.untilCalled().then(() => {
      user.abort();
    });
    expect(await run(['verify', 'mine/hello'], { interrupted: user.signal })).toMatchObject({ status: 5 });
    await isKilledWithItsChild();
  });
});

describe('a word with a slash', () => {
  const inside = async (work: () => Promise<void>) => {
    const before = process.cwd();
    process.chdir(await world.subdirectory('inside'));
    try {
      await mkdir('mine/hello', { recursive: true });
      await mkdir('mine/other', { recursive: true });
      await work();
    } finally {
      process.chdir(before);
    }
  };

  test('that is a path and a chart of a repository is a usage error', async () => {
    await configure(index({}), await repository());
    await inside(async () => {
      const { status, stderr } = await run(['verify', 'mine/hello']);
      expect([status, stderr]).toEqual([2, expect.stringContaining('write ./mine/hello')]);
      expect(await run(['verify', './mine/hello'])).toMatchObject({ status: 3 });
      // The repository has no such chart.
      expect(await run(['verify', 'mine/other'])).toMatchObject({ status: 3 });
    });
  });

  test.each([
    ['indented', 'repositories:\n  - url: https://h.example\n    name: mine\n'],
    ['with the name first', 'repositories:\n  - name: "mine"\n    url: https://h.example\n'],
    ['JSON', '{"repositories":[{"name":"mine","url":"https://h.example"}]}'],
    ['in single quotes', "repositories:\n- {url: 'https://h.example', 'name': 'mine'}\n"],
  ])('is that also by a list of repositories that is %s', async (_, list) => {
    await configure(index({}));
    await writeFile(join(home, 'repositories.yaml'), list);
    await inside(async () => {
      expect(await run(['verify', 'mine/hello'])).toMatchObject({ status: 2 });
    });
  });

  test.each([
    ['longer', 'repositories:\n- {name: ofmine, url: "https://h.example"}\n'],
    ['that of a host', 'repositories:\n- {name: h, url: "https://mine.example"}\n'],
    ['in a comment', '# name: mine\nrepositories:\n- {name: h, url: "https://h.example"}\n'],
  ])('is a path where the name of the repository is %s', async (_, list) => {
    await configure(index({}));
    await writeFile(join(home, 'repositories.yaml'), list);
    await inside(async () => {
      expect(await run(['verify', 'mine/hello'])).toMatchObject({ status: 3 });
    });
  });

  test('in a list that is both is a problem of that line alone', async () => {
    await configure(index({}), await repository());
    await helm.willPull({ files: files() });
    const list = await world.write('list.txt', `mine/hello\n${hello.path}\n`);
    await inside(async () => {
      const { status, stdout } = await run(['verify', '--from-file', list]);
      const { results } = JSON.parse(stdout) as { readonly results: readonly Result[] };
      expect([status, results.map(({ error }) => error?.message)]).toEqual([
        3,
        [expect.stringContaining('may be a chart of the repository mine as well'), undefined],
      ]);
    });
  });

  test('of which no repository is configured is a path', async () => {
    const { status, stderr } = await run(['verify', 'mine/hello']);
    expect([status, stderr]).toEqual([3, expect.stringContaining('there is no file mine/hello')]);
  });
});

describe('a chart of a repository that --repo names', () => {
  test('is pulled, and held against the index that we fetch', async () => {
    const { url } = await serveFiles({
      '/charts/index.yaml': index({}),
      [`/charts/${FILE}.rekor.json`]: evidence,
    });
    await helm.willPull({ files: files() });
    const { status, result } = await run(['verify', 'hello', '--repo', `${url}/charts`]);
    expect({ status, ...result }).toMatchObject({
      status: 0,
      source: { form: 'repository-url', url: `${url}/charts/${FILE}`, versionChosenBy: 'repository' },
      evidence: { path: `${url}/charts/${FILE}.rekor.json` },
    });
    expect((await helm.called()).argv.slice(0, 3)).toEqual(['pull', 'hello', `--repo=${url}/charts`]);
  });

  test.each(['https://ci:s3cr3t@h.example', 'oci://h.example/x', 'h.example', 'http://192.0.2.1/'])(
    'is refused for %s',
    async (url) => {
      const { status, stderr } = await run(['verify', 'hello', '--repo', url]);
      expect(status).toBe(2);
      expect(stderr).not.toContain('s3cr3t');
    },
  );

  test.each(['mine/hello', './hello', '--', 'https://h.example/x-1.0.0.tgz', 'hello-0.1.0.tgz'])(
    'has a name alone, and is not %s',
    async (word) => {
      await helm.willPull({ stderr: 'Error: chart "x" not found in https://h repository\n', status: 1 });
      const { status } = await run(['verify', word, '--repo', 'https://127.0.0.1:1']);
      expect([2, 4]).toContain(status);
    },
  );
});

test('a chart in a registry without a version is pulled', async () => {
  await helm.willPull({ files: files() });
  const { status, result } = await run(['verify', 'oci://127.0.0.1:1/charts/hello', '--version', '>=0.1']);
  expect({ status, ...result }).toMatchObject({
    status: 0,
    source: { form: 'oci', version: '0.1.0', versionChosenBy: 'repository' },
  });
  expect((await helm.called()).argv.slice(0, 3)).toEqual([
    'pull',
    'oci://127.0.0.1:1/charts/hello',
    '--version=>=0.1',
  ]);
});

test('a chart with a scheme of a plugin is pulled, and its name is what Helm calls the file', async () => {
  await helm.willPull({ files: files() });
  expect(await run(['verify', 's3://bucket/hello-0.1.0.tgz'])).toMatchObject({ status: 0 });
  await helm.willPull({
    files: { 'hello-0.2.0.tgz': hello.archive, 'hello-0.2.0.tgz.prov': hello.provenance },
  });
  expect(await run(['verify', 's3://bucket/hello-0.2.0.tgz'])).toMatchObject({ status: 10 });
});

test.each([
  ['of a repository', false],
  ['of a repository behind the gate', true],
])('a chart that the index %s names in a registry has there what is attached to it', async (_, isGated) => {
  const { host, store } = await serveRegistry();
  const { manifest } = store.addChart('charts/hello', hello.archive, '0.1.0');
  const sigstore = new ForgedSigstore();
  const mediaType = 'application/vnd.dev.sigstore.bundle.v0.3+json';
  const bundle = JSON.stringify(sigstore.message(hello.archive, sigstore.signer()));
  store.addManifest('charts/hello', {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    artifactType: mediaType,
    config: store.addBlob('charts/hello', '{}', 'application/vnd.oci.empty.v1+json'),
    layers: [store.addBlob('charts/hello', bundle, mediaType)],
    subject: manifest,
  });
  if (isGated) {
    const { text } = indexOfTags({ host, repository: 'charts/hello' }, ['0.1.0']);
    await configure(text, `sigstore+oci://${host}/charts/hello`);
  } else await configure(index({ url: `oci://${host}/charts/hello:0.1.0` }), await repository());
  await helm.willPull({ files: { [FILE]: hello.archive } });
  const root = ['--trusted-root', await world.write('root.json', sigstore.trustedRoot())];
  const named = (name: string) => [
    ...['verify', 'mine/hello', '--certificate-identity', name],
    ...['--certificate-oidc-issuer', 'https://issuer.example', ...root],
  ];
  expect(await run(named('a@example.com'))).toMatchObject({ status: 0 });
  expect(await run(named('b@example.com'))).toMatchObject({ status: 10 });
});

test('a registry of this machine that speaks plain http is pulled from so, without an option', async () => {
  const { host } = await serveRegistry();
  await helm.willPull({ files: files() });
  expect(await run(['verify', `oci://${host}/charts/hello`])).toMatchObject({ status: 0 });
  expect((await helm.called()).argv).toContain('--plain-http');
});

test('the version that was chosen is shown to people', async () => {
  await configure(index({}), await repository());
  await helm.willPull({ files: files() });
  const { stdout } = await world.run(['verify', 'mine/hello', ...world.knowing()], {
    env: { TMPDIR: temporary, HELM_CONFIG_HOME: home, HELM_REPOSITORY_CACHE: cache, HELM_BIN: helm.program },
  });
  expect(stdout).toContain('\nVersion: 0.1.0\nVersion Chosen By: the repository\n');
});

describe('a line of a list', () => {
  const results = ({ stdout }: { readonly stdout: string }) =>
    (JSON.parse(stdout) as { readonly results: readonly Result[] }).results;

  test('may name a chart of a repository, as a word may', async () => {
    await configure(index({}), await repository());
    await helm.willPull({ files: files() });
    const list = await world.write('list.txt', `# charts\n${hello.path}\nmine/hello\n`);
    const ran = await run(['verify', '--from-file', list]);
    expect([ran.status, results(ran).map(({ verdict }) => verdict)]).toEqual([0, ['verified', 'verified']]);
  });

  test('is the name of a chart with --repo', async () => {
    const { url } = await serveFiles({ '/index.yaml': index({}) });
    await helm.willPull({ files: files() });
    const list = await world.write('list.txt', 'hello\n');
    const ran = await run(['verify', '--from-file', list, '--repo', url]);
    expect([ran.status, results(ran).map(({ verdict }) => verdict)]).toEqual([0, ['verified']]);
  });
});

describe('a chart of a configured repository, where none is taken,', () => {
  test.each([
    [
      'upload',
      [],
      'expected a file or a chart in a registry (oci://), found a URL or a chart of a repository',
    ],
    ['verify', ['--offline'], 'expected files with --offline'],
  ])('is refused by %s %j in these words, and not as a missing file', async (command, options, message) => {
    await configure(index({}));
    const { status, stderr } = await run([command, 'mine/hello', ...options]);
    expect([status, stderr]).toEqual([2, expect.stringContaining(message)]);
  });

  test('is a missing file if no repository has exactly this name', async () => {
    await configure(index({}), 'https://mi.example/charts');
    const { status, stderr } = await run(['upload', 'mi/hello']);
    expect([status, stderr]).toEqual([3, expect.stringContaining('there is no file mi/hello')]);
  });
});

test.each([
  ['mine/hello', [], 'helm search repo mine/hello --versions'],
  ['hello', ['--repo', 'https://127.0.0.1:1'], 'the index.yaml of the repository has all that are there'],
  ['oci://registry.test/charts/hello', [], 'the publisher says which are there'],
])('the hint for %s %j that is not there fits it', async (word, options, hint) => {
  await configure(index({}));
  await helm.willPull({ stderr: 'Error: chart "hello" not found in x repository\n', status: 1 });
  const { status, stderr } = await run(['verify', word, ...options]);
  expect([status, stderr]).toEqual([4, expect.stringContaining(hint)]);
});

test.each([
  ['mine/hello', 'helm repo add'],
  ['oci://registry.test/charts/hello', 'helm registry login registry.test\n'],
])('%s that its server does not give to this user says how to log in', async (word, hint) => {
  await configure(index({}));
  await helm.willPull({ stderr: 'Error: GET "x": unexpected status code 401: unauthorized\n', status: 1 });
  const { status, stderr } = await run(['verify', word]);
  expect([status, stderr]).toEqual([5, expect.stringContaining(hint)]);
});

test.each([
  [
    'registry.example.com/charts/hello:0.1.0',
    'write oci:// before it: oci://registry.example.com/charts/hello:0.1.0',
  ],
  ['127.0.0.1:5000/charts/hello', 'write oci:// before it'],
  ['hello:0.1.0', 'oci://HOST/PATH/hello:VERSION'],
  ['nowhere/hello', 'helm repo list'],
])('%s, which is no file, gets a hint at what it may be meant to be', async (word, hint) => {
  const { status, stderr } = await run(['verify', word]);
  expect([status, stderr]).toEqual([3, expect.stringContaining(hint)]);
});
