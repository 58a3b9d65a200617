import { copyFile, readdir, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';
import { dump } from 'js-yaml';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Context } from '../../src/run/context.ts';
import { withCharts } from '../../src/proving/named-charts.ts';
import { Settings } from '../../src/settings/settings.ts';
import { sha256Hex } from '../../src/digest.ts';
import { serveBefore } from '../support/front.ts';
import { unusedPort } from '../support/loopback.ts';
import type { Surroundings } from '../support/program.ts';
import { executableUnderTest } from '../support/standalone.ts';
import { World } from '../support/world/world.ts';

type Json = Readonly<Record<string, unknown>>;

let world: World;
/** A chart that the log has, and one that it has not. */
let logged: Awaited<ReturnType<World['loggedChart']>>;
let unlogged: Awaited<ReturnType<World['chart']>>;

beforeAll(async () => {
  world = await World.open();
  logged = await world.loggedChart('logged');
  unlogged = await world.chart('unlogged');
});

afterAll(async () => {
  await world.close();
});

/** Verifies what is named, and reads the lines of the answer. */
async function verify(argv: readonly string[], surroundings: Surroundings = {}) {
  const options = [...world.knowing(), '--output', 'jsonl'];
  const { status, stdout, stderr } = await world.run(['verify', ...argv, ...options], surroundings);
  const lines = stdout.trimEnd().split('\n');
  const documents = lines.map((line) => JSON.parse(line) as Json);
  return { status, stderr, charts: documents.slice(0, -1), last: documents.at(-1) ?? {} };
}

const outcomesOf = (charts: readonly Json[]) => charts.map(({ chart, status }) => [chart, status]);

/** A folder with the chart under this name, and perhaps its provenance. */
async function folderWith(folder: string, ...names: readonly string[]): Promise<string> {
  const path = await world.subdirectory(folder);
  for (const name of names) {
    await copyFile(logged.path, join(path, name));
    await copyFile(`${logged.path}.prov`, join(path, `${name}.prov`));
  }
  return path;
}

describe('a folder', () => {
  test('stands for the archives in it, in the order of their bytes, and not for those in its folders', async () => {
    const folder = await folderWith('several', 'b.tgz', 'logged-0.1.0.tgz', 'B.tgz', '.hidden.tgz', 'c.tar');
    await folderWith('several/inner', 'inner.tgz');
    await rm(join(folder, 'b.tgz.prov'));
    const { status, charts } = await verify([folder]);
    expect(outcomesOf(charts)).toEqual([
      // The provenance signs another name; there is none; and this one is as it should be.
      [join(folder, 'B.tgz'), 10],
      [join(folder, 'b.tgz'), 3],
      [join(folder, 'logged-0.1.0.tgz'), 0],
    ]);
    expect(status).toBe(10);
  });

  test('without archives is an input error, and does not keep others from being verified', async () => {
    const folder = await world.subdirectory('empty');
    const { status, charts, stderr } = await verify([folder, logged.path]);
    expect(outcomesOf(charts)).toEqual([
      [folder, 3],
      [logged.path, 0],
    ]);
    expect({ status, stderr }).toEqual({
      status: 3,
      stderr: expect.stringMatching(
        /^Error: there is no chart \(\*\.tgz\) in .*\nHint: folders in it .*\n$/,
      ) as string,
    });
  });
});

describe('--from-file', () => {
  test('names charts after those of the command line, each as often as it is there', async () => {
    const list = await world.write('list', `# ours\n${logged.path}\n\n${logged.path}\r\nmissing.tgz\n`);
    const { status, charts } = await verify([unlogged.path, '--from-file', list]);
    expect(outcomesOf(charts)).toEqual([
      [unlogged.path, 4],
      [logged.path, 0],
      [logged.path, 0],
      ['missing.tgz', 3],
    ]);
    expect(status).toBe(3);
  });

  test('reads standard input for "-"', async () => {
    const { charts } = await verify(['--from-file', '-'], { stdin: `${logged.path}\n${unlogged.path}\n` });
    expect(outcomesOf(charts)).toEqual([
      [logged.path, 0],
      [unlogged.path, 4],
    ]);
  });

  test.each([
    ['is missing', '/nonexistent/list', 'there is no file /nonexistent/list'],
    ['names nothing', '-', 'expected standard input to name charts, found none'],
  ])('that %s is an input error before any chart is looked at', async (_, list, message) => {
    const { status, charts, last } = await verify([logged.path, '--from-file', list]);
    expect({ status, charts }).toEqual({ status: 3, charts: [] });
    expect(last).toMatchObject({ status: 3, errors: [{ code: 'INPUT', message }] });
  });
});

describe('the index of a repository', () => {
  /** An index with these charts: their name, version, the file that they are in, and their digest. */
  async function index(place: string, ...charts: readonly (readonly [string, string, string, string?])[]) {
    const entries: Record<string, object[]> = {};
    for (const [name, version, file, digest] of charts)
      (entries[name] ??= []).push({ name, version, urls: [`https://charts.example/${file}`], digest });
    return await world.write(place, dump({ apiVersion: 'v1', entries }, { skipInvalid: true }));
  }

  test('stands for every version that it names, found beside it', async () => {
    const folder = await folderWith('repository', 'logged-0.1.0.tgz');
    const path = await index(
      'repository/index.yaml',
      ['logged', '0.2.0', 'logged-0.2.0.tgz'],
      ['logged', '0.1.0', 'logged-0.1.0.tgz', sha256Hex(logged.archive)],
    );
    const { status, charts } = await verify([path]);
    expect(outcomesOf(charts)).toEqual([
      [join(folder, 'logged-0.2.0.tgz'), 3],
      [join(folder, 'logged-0.1.0.tgz'), 0],
    ]);
    expect(status).toBe(3);
  });

  test('may be elsewhere: --charts-dir says where the archives are', async () => {
    const folder = await folderWith('archives', 'logged-0.1.0.tgz');
    const path = await index('stable-index.yaml', ['logged', '0.1.0', 'logged-0.1.0.tgz']);
    const { charts } = await verify([path, '--charts-dir', folder]);
    expect(outcomesOf(charts)).toEqual([[join(folder, 'logged-0.1.0.tgz'), 0]]);
  });

  test.each(['verify', 'upload', 'inspect'])(
    'that has another digest for an archive has it rejected: %s',
    async (command) => {
      const folder = await folderWith(`digest-${command}`, 'logged-0.1.0.tgz');
      const path = await index(`digest-${command}/index.yaml`, [
        'logged',
        '0.1.0',
        'logged-0.1.0.tgz',
        'ab'.repeat(32),
      ]);
      const options = command === 'inspect' ? ['--keyring', world.keyring] : world.knowing();
      const { status, stdout, stderr } = await world.run([command, path, '--verbose', ...options]);
      expect(status).toBe(10);
      expect(stdout).toMatch(/failed +archive-digest /);
      expect(stderr).toContain(
        `Error: ${join(folder, 'logged-0.1.0.tgz')}: archive-digest: the archive is not the one that the index names: ` +
          `expected sha256:${'ab'.repeat(32)}, found sha256:${sha256Hex(logged.archive)}\n`,
      );
    },
  );

  test('that sells an old chart as a new one has it rejected: another name was signed', async () => {
    const folder = await folderWith('sold', 'logged-0.1.0.tgz');
    const path = await index('sold/index.yaml', ['logged', '0.2.0', 'logged-0.1.0.tgz']);
    const { charts } = await verify([path]);
    expect(charts).toMatchObject([
      {
        chart: join(folder, 'logged-0.1.0.tgz'),
        status: 10,
        evidences: [
          {
            checks: expect.arrayContaining([
              expect.objectContaining({
                id: 'archive-name',
                outcome: 'failed',
                expected: 'logged-0.2.0.tgz',
              }),
            ]) as object[],
          },
        ],
      },
    ]);
  });

  test('knows the signed name of an archive that is served under another one', async () => {
    const folder = await world.subdirectory('renamed');
    await folderWith('renamed', 'logged-0.1.0.tgz');
    for (const end of ['', '.prov'])
      await rename(join(folder, `logged-0.1.0.tgz${end}`), join(folder, `42.tgz${end}`));
    const { charts } = await verify([await index('renamed/index.yaml', ['logged', '0.1.0', '42.tgz'])]);
    expect(outcomesOf(charts)).toEqual([[join(folder, '42.tgz'), 0]]);
  });

  test('that is none is an input error of its own', async () => {
    const path = await world.write('values.yaml', 'replicas: 1\n');
    const { status, charts } = await verify([path, logged.path]);
    expect(outcomesOf(charts)).toEqual([
      [path, 3],
      [logged.path, 0],
    ]);
    expect(status).toBe(3);
  });

  test('is needed for --charts-dir', async () => {
    const { status, last } = await verify([logged.path, '--charts-dir', world.directory]);
    expect(status).toBe(2);
    expect(last).toMatchObject({ errors: [{ code: 'USAGE' }] });
  });
});

test('--as is for one chart, however several are named', async () => {
  const folder = await folderWith('two', 'a.tgz', 'b.tgz');
  expect(await verify([folder, '--as', 'logged-0.1.0.tgz'])).toMatchObject({ status: 2, charts: [] });
  await rm(join(folder, 'b.tgz'));
  expect(await verify([folder, '--as', 'logged-0.1.0.tgz'])).toMatchObject({ status: 0 });
});

describe('--output jsonl', () => {
  test('says of each chart what json says of it, and at the end what it says of the run', async () => {
    const argv = ['verify', unlogged.path, logged.path, 'missing.tgz', ...world.knowing()];
    const { stdout, stderr } = await world.run([...argv, '--output', 'json']);
    const { results, ...document } = JSON.parse(stdout) as Json & { results: Json[]; errors: Json[] };
    const { charts, last, stderr: said } = await verify([unlogged.path, logged.path, 'missing.tgz']);
    expect(charts).toMatchObject(results);
    const added = new Set(['schema', 'command', 'errors']);
    expect(
      charts.map((chart) =>
        Object.keys(chart)
          .filter((name) => !added.has(name))
          .sort(),
      ),
    ).toEqual(results.map((result) => Object.keys(result).sort()));
    expect(charts.flatMap(({ errors = [] }) => errors)).toEqual(document.errors);
    expect(last).toEqual({ ...document, errors: undefined });
    expect(last['counts']).toMatchObject({ good: 1, notFound: 1, unreadable: 1, rejected: 0 });
    expect(said).toBe(stderr);
    for (const line of [...charts, last])
      expect(line).toMatchObject({ schema: 'helm-sigstore/2', command: 'verify' });
  });

  test.each([
    ['a command without charts', ['version'], 0],
    ['a command line that is wrong', ['verify', '--foo'], 2],
    ['help', ['--help'], 0],
  ])('prints the document of %s on one line', async (_, argv, status) => {
    const { stdout } = await world.run([...argv, '--output=jsonl']);
    expect(stdout).toMatch(/^\{.*\}\n$/);
    expect(JSON.parse(stdout)).toMatchObject({ schema: 'helm-sigstore/2', status });
  });

  test('shows what weakens the answer on every line', async () => {
    const { charts, last } = await verify([logged.path, logged.path, '--insecure-allow-weak-keys']);
    for (const line of [...charts, last])
      expect(line).toMatchObject({ insecure: ['--insecure-allow-weak-keys'] });
  });
});

test('people are told at the end what came of all charts, and nothing more than before of one', async () => {
  const argv = [logged.path, unlogged.path, logged.path, 'missing.tgz', ...world.knowing()];
  const { stderr } = await world.run(['verify', ...argv]);
  expect(stderr).toMatch(/\n2 verified, 1 not found, 1 unreadable\n$/);
  expect(await world.run(['verify', logged.path, ...world.knowing()])).toMatchObject({ stderr: '' });
});

describe('of many charts', () => {
  const many = () => Array.from({ length: 60 }, () => logged.path);

  test.each(['text', 'jsonl'])(
    'results are printed while others are still to be asked for: %s',
    async (form) => {
      const front = await serveBefore(world.log);
      let askedAtFirst: number | undefined;
      const onStdout = () => (askedAtFirst ??= front.seen.length);
      const argv = ['verify', ...many(), ...world.knowing(front), '--output', form];
      const { status } = await world.run(argv, { onStdout });
      expect(status).toBe(0);
      expect(askedAtFirst).toBeLessThan(front.seen.length / 2);
    },
  );

  test('an interruption leaves those that were verified verified, and says of all others that they were not', async () => {
    const interruption = new AbortController();
    const home = await world.subdirectory('interrupted-home');
    const { status, stderr, charts, last } = await verify(many(), {
      home,
      interrupted: interruption.signal,
      onStdout: () => {
        interruption.abort();
      },
    });
    const good = charts.filter(({ verdict }) => verdict === 'verified');
    const others = charts.filter((each) => !good.includes(each));
    expect(status).toBe(5);
    expect(charts).toHaveLength(60);
    expect(good.length).toBeGreaterThan(0);
    expect(others.length).toBeGreaterThan(30);
    expect(last).toMatchObject({
      counts: { good: good.length, notChecked: others.length },
      errors: [
        { code: 'UNCHECKED', message: `interrupted before ${others.length} of 60 charts were verified` },
      ],
    });
    for (const each of others)
      expect(each).toMatchObject({
        status: 5,
        error: { code: 'UNCHECKED', message: `${logged.path} was not verified: interrupted` },
      });
    expect(stderr).toBe(`Error: interrupted before ${others.length} of 60 charts were verified\n`);
    const history = await readdir(join(home, '.local/share/helm/sigstore/history'));
    expect(history.length).toBeGreaterThan(0);
  });

  test('after an interruption people are told the names of those that were not done, as many as fit a screen', async () => {
    const interruption = new AbortController();
    const argv = ['verify', ...many(), ...world.knowing()];
    const { status, stderr } = await world.run(argv, {
      interrupted: interruption.signal,
      onStdout: () => {
        interruption.abort();
      },
    });
    expect(status).toBe(5);
    const named = stderr.match(/^Not verified: .*logged-0\.1\.0\.tgz$/gm) ?? [];
    const [, more] = /\nand ([0-9]+) more\n/.exec(stderr) ?? [];
    const [, all] = /\nError: interrupted before ([0-9]+) of 60 charts were verified\n$/.exec(stderr) ?? [];
    expect(named).toHaveLength(20);
    expect(Number(more)).toBe(Number(all) - 20);
  });

  test('after an interruption of a few all are named', async () => {
    const interruption = new AbortController();
    interruption.abort();
    const argv = ['upload', 'a.tgz', 'b\u202e.tgz', ...world.knowing()];
    const { status, stderr } = await world.run(argv, { interrupted: interruption.signal });
    expect({ status, stderr }).toEqual({
      status: 5,
      stderr:
        'Not logged: a.tgz\nNot logged: b\\u202e.tgz\n2 not known to be logged\n' +
        'Error: interrupted before 2 of 2 charts were logged\n',
    });
  });

  test.skipIf(executableUnderTest() !== undefined).each(['verify', 'upload'])(
    'those that nobody would hear of are not begun, and nothing is said of them: %s (needs the program in this process)',
    async (command) => {
      let pieces = 0;
      const front = await serveBefore(world.log);
      const { status, stdout, stderr } = await world.run([command, ...many(), ...world.knowing(front)], {
        onStdout: () => (pieces += 1),
        isStdoutClosed: () => pieces > 0,
      });
      expect({ status, stderr }).toEqual({ status: 5, stderr: '' });
      // What was begun is brought to its end.
      const shown = stdout.match(/^Rekor UUID: |^Helm entry already exists/gm) ?? [];
      expect(shown.length).toBeGreaterThan(0);
      expect(shown.length).toBeLessThan(30);
      expect(front.seen.length).toBeLessThan(12);
    },
  );

  test('an interrupted upload says which charts the log may have, and sends no others', async () => {
    const interruption = new AbortController();
    const done = new Set<string>();
    const note = (what: string) => {
      if (done.add(what).size === 2) interruption.abort();
    };
    const paths = [logged.path];
    for (const name of ['one', 'two', 'three']) paths.push((await world.chart(`cut-${name}`)).path);
    const front = await serveBefore(world.log, {
      instead: {
        'POST /api/v1/log/entries': () => {
          note('sent');
        },
      },
    });
    const list = await world.write('many', `${paths.join('\n')}\n`.repeat(10));
    const { status, stdout, stderr } = await world.run(
      ['upload', '--from-file', list, ...world.knowing(front)],
      {
        interrupted: interruption.signal,
        onStdout: () => {
          note('printed');
        },
      },
    );
    expect(status).toBe(5);
    expect(stdout).toContain('Helm entry already exists');
    expect(stdout).not.toContain('Created');
    const doubts = stderr.match(/^Error: .* was sent, and interrupted before .*$/gm) ?? [];
    const posted = front.seen.filter(({ url }) => url === '/api/v1/log/entries');
    expect(doubts.length).toBeGreaterThan(0);
    expect(posted.length).toBeLessThanOrEqual(doubts.length);
    expect(stderr).toMatch(/\nError: interrupted before [0-9]+ of 40 charts were logged\n$/);
  });
});

describe('each result names its chart and its digest', () => {
  const lines = () => `Chart: ${logged.path}\nDigest: sha256:${sha256Hex(logged.archive)}\n`;
  const ways = (): (readonly [way: string, charts: number, argv: readonly string[]])[] => [
    ['alone', 1, [logged.path]],
    ['several times', 3, [logged.path, logged.path, logged.path]],
  ];

  test.each(['verify', 'upload'])('%s', async (command) => {
    const list = await world.write('naming', `\n${logged.path}\n\n# none\n${logged.path}\r\n\n`);
    for (const [, charts, argv] of [...ways(), ['from a list', 2, ['--from-file', list]] as const]) {
      const { status, stdout } = await world.run([command, ...argv, ...world.knowing()]);
      expect(status).toBe(0);
      expect(stdout.split(lines())).toHaveLength(charts + 1);
      expect(stdout.match(/^Signed By: /gm)).toHaveLength(charts);
    }
  });

  test('inspect', async () => {
    for (const [, charts, argv] of ways()) {
      const { stdout } = await world.run(['inspect', ...argv, '--keyring', world.keyring]);
      expect(stdout.split(`Archive: ${lines().slice('Chart: '.length)}`)).toHaveLength(charts + 1);
    }
  });

  test('also where it is not verified', async () => {
    const { stdout } = await world.run(['verify', unlogged.path, ...world.knowing()]);
    expect(stdout).toContain(
      `Chart Not Verified: ${unlogged.path}\nDigest: sha256:${sha256Hex(unlogged.archive)}\n`,
    );
  });

  test.each(['verify', 'upload', 'inspect'])('in JSON: %s', async (command) => {
    const options = command === 'inspect' ? ['--keyring', world.keyring] : world.knowing();
    const { stdout } = await world.run([command, logged.path, ...options, '--output', 'json']);
    const [result] = (JSON.parse(stdout) as { results: Json[] }).results;
    expect(result).toMatchObject({ chart: logged.path, archive: { sha256: sha256Hex(logged.archive) } });
  });
});

test('charts that the log has already are counted apart from those that it got now', async () => {
  const { path } = await world.chart('counted');
  const charts = [logged.path, path, logged.path, 'missing.tgz'];
  const argv = ['upload', ...charts, '--no-evidence', ...world.knowing()];
  const { status, stderr } = await world.run(argv);
  expect(status).toBe(3);
  expect(stderr).toMatch(/\n1 logged, 2 already there, 1 unreadable\n$/);
  for (const [charts, counts] of [
    [[path], { good: 1, exists: 1 }],
    [[(await world.chart('counted-alone')).path], { good: 1, exists: 0 }],
    [[path, logged.path, 'missing.tgz'], { good: 2, exists: 2, unreadable: 1 }],
  ] as const) {
    const { stdout } = await world.run(['upload', ...charts, ...world.knowing(), '--output', 'json']);
    expect(JSON.parse(stdout)).toMatchObject({ counts });
  }
  expect((await verify([path])).last['counts']).not.toHaveProperty('exists');
});

test('of several charts each error names its chart, also where the log does not answer', async () => {
  const dead = { url: `http://127.0.0.1:${await unusedPort()}` };
  const paths = [(await world.loggedChart('unanswered')).path, unlogged.path] as const;
  const { stderr } = await world.run(['verify', ...paths, ...world.knowing(dead)]);
  for (const path of paths) expect(stderr).toContain(`Error: ${path}: no usable answer from `);
  const { stderr: alone } = await world.run(['verify', paths[0], ...world.knowing(dead)]);
  expect(alone).toMatch(/^Error: no usable answer from /);
});

test('a list may name more charts than a call can have arguments', async () => {
  const list = await world.write('endless', 'missing.tgz\n'.repeat(200_000));
  const context = { stdin: () => Readable.from([]), interrupted: new AbortController().signal };
  const settings = new Settings({ fromFile: list }, {});
  await withCharts([], settings, context as unknown as Context, {}, (named) => {
    expect(named).toHaveLength(200_000);
    return Promise.resolve();
  });
});

test('the bytes of text are the same for charts that are named one by one or as a folder', async () => {
  const folder = await folderWith('same', 'a.tgz', 'logged-0.1.0.tgz');
  const options = world.knowing();
  const one = await world.run(['verify', folder, ...options]);
  const paths = ['a.tgz', basename(logged.path)].map((name) => join(folder, name));
  expect(await world.run(['verify', ...paths, ...options])).toEqual(one);
  expect(one.stdout).toMatch(/^Chart Not Verified: [^]*\n\nChart Verified Successfully/);
});
