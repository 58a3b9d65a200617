import { copyFile, readdir, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Readable } from 'node:stream';
import { dump } from 'js-yaml';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Context } from '../../src/cli/context.ts';
import { namedCharts } from '../../src/cli/named-charts.ts';
import { Settings } from '../../src/cli/settings.ts';
import { sha256Hex } from '../../src/digest.ts';
import { serveBefore } from '../support/front.ts';
import { unusedPort } from '../support/loopback.ts';
import type { Surroundings } from '../support/program.ts';
import { Workshop } from './workshop.ts';

type Json = Readonly<Record<string, unknown>>;

let workshop: Workshop;
/** A chart that the log has, and one that it has not. */
let logged: Awaited<ReturnType<Workshop['loggedChart']>>;
let unlogged: Awaited<ReturnType<Workshop['chart']>>;

beforeAll(async () => {
  workshop = await Workshop.open();
  logged = await workshop.loggedChart('logged');
  unlogged = await workshop.chart('unlogged');
});

afterAll(async () => {
  await workshop.close();
});

/** Verifies what is named, and reads the lines of the answer. */
async function verify(argv: readonly string[], surroundings: Surroundings = {}) {
  const options = [...workshop.knowing(), '--output', 'jsonl'];
  const { status, stdout, stderr } = await workshop.run(['verify', ...argv, ...options], surroundings);
  const lines = stdout.trimEnd().split('\n');
  const documents = lines.map((line) => JSON.parse(line) as Json);
  return { status, stderr, charts: documents.slice(0, -1), last: documents.at(-1) ?? {} };
}

const outcomesOf = (charts: readonly Json[]) => charts.map(({ chart, status }) => [chart, status]);

/** A folder with the chart under this name, and perhaps its provenance. */
async function folderWith(folder: string, ...names: readonly string[]): Promise<string> {
  const path = await workshop.subdirectory(folder);
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
    const folder = await workshop.subdirectory('empty');
    const { status, charts, stderr } = await verify([folder, logged.path]);
    expect(outcomesOf(charts)).toEqual([
      [folder, 3],
      [logged.path, 0],
    ]);
    expect({ status, stderr }).toEqual({
      status: 3,
      stderr: `Error: there is no chart (*.tgz) in ${folder}\n`,
    });
  });
});

describe('--from-file', () => {
  test('names charts after those of the command line, each as often as it is there', async () => {
    const list = await workshop.write('list', `# ours\n${logged.path}\n\n${logged.path}\r\nmissing.tgz\n`);
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
    return await workshop.write(place, dump({ apiVersion: 'v1', entries }, { skipInvalid: true }));
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
      const options = command === 'inspect' ? ['--keyring', workshop.keyring] : workshop.knowing();
      const { status, stdout, stderr } = await workshop.run([command, path, ...options]);
      expect({ status, stdout }).toEqual({ status: 10, stdout: '' });
      expect(stderr).toContain(
        `Error: ${join(folder, 'logged-0.1.0.tgz')} is not the archive that the index names: ` +
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
        checks: expect.arrayContaining([
          expect.objectContaining({ id: 'archive-name', outcome: 'failed', expected: 'logged-0.2.0.tgz' }),
        ]) as object[],
      },
    ]);
  });

  test('knows the signed name of an archive that is served under another one', async () => {
    const folder = await workshop.subdirectory('renamed');
    await folderWith('renamed', 'logged-0.1.0.tgz');
    for (const end of ['', '.prov'])
      await rename(join(folder, `logged-0.1.0.tgz${end}`), join(folder, `42.tgz${end}`));
    const { charts } = await verify([await index('renamed/index.yaml', ['logged', '0.1.0', '42.tgz'])]);
    expect(outcomesOf(charts)).toEqual([[join(folder, '42.tgz'), 0]]);
  });

  test('that is none is an input error of its own', async () => {
    const path = await workshop.write('values.yaml', 'replicas: 1\n');
    const { status, charts } = await verify([path, logged.path]);
    expect(outcomesOf(charts)).toEqual([
      [path, 3],
      [logged.path, 0],
    ]);
    expect(status).toBe(3);
  });

  test('is needed for --charts-dir', async () => {
    const { status, last } = await verify([logged.path, '--charts-dir', workshop.directory]);
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
    const argv = ['verify', unlogged.path, logged.path, 'missing.tgz', ...workshop.knowing()];
    const { stdout, stderr } = await workshop.run([...argv, '--output', 'json']);
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
      expect(line).toMatchObject({ schema: 'helm-sigstore/1', command: 'verify' });
  });

  test.each([
    ['a command without charts', ['version'], 0],
    ['a command line that is wrong', ['verify', '--foo'], 2],
    ['help', ['--help'], 0],
  ])('prints the document of %s on one line', async (_, argv, status) => {
    const { stdout } = await workshop.run([...argv, '--output=jsonl']);
    expect(stdout).toMatch(/^\{.*\}\n$/);
    expect(JSON.parse(stdout)).toMatchObject({ schema: 'helm-sigstore/1', status });
  });

  test('shows what weakens the answer on every line', async () => {
    const { charts, last } = await verify([logged.path, logged.path, '--insecure-allow-weak-keys']);
    for (const line of [...charts, last])
      expect(line).toMatchObject({ insecure: ['--insecure-allow-weak-keys'] });
  });
});

test('people are told at the end what came of all charts, and nothing more than before of one', async () => {
  const argv = [logged.path, unlogged.path, logged.path, 'missing.tgz', ...workshop.knowing()];
  const { stderr } = await workshop.run(['verify', ...argv]);
  expect(stderr).toMatch(/\n2 verified, 1 not found, 1 unreadable\n$/);
  expect(await workshop.run(['verify', logged.path, ...workshop.knowing()])).toMatchObject({ stderr: '' });
});

describe('of many charts', () => {
  const many = () => Array.from({ length: 60 }, () => logged.path);

  test.each(['text', 'jsonl'])(
    'results are printed while others are still to be asked for: %s',
    async (form) => {
      const front = await serveBefore(workshop.log);
      let askedAtFirst: number | undefined;
      const onStdout = () => (askedAtFirst ??= front.seen.length);
      const argv = ['verify', ...many(), ...workshop.knowing(front), '--output', form];
      const { status } = await workshop.run(argv, { onStdout });
      expect(status).toBe(0);
      expect(askedAtFirst).toBeLessThan(front.seen.length / 2);
    },
  );

  test('an interruption leaves those that were verified verified, and says of all others that they were not', async () => {
    const interruption = new AbortController();
    const home = await workshop.subdirectory('interrupted-home');
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

  test.each(['verify', 'upload'])(
    'those that nobody would hear of are not begun, and nothing is said of them: %s',
    async (command) => {
      let pieces = 0;
      const front = await serveBefore(workshop.log);
      const { status, stdout, stderr } = await workshop.run(
        [command, ...many(), ...workshop.knowing(front)],
        {
          onStdout: () => (pieces += 1),
          isStdoutClosed: () => pieces > 0,
        },
      );
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
    for (const name of ['one', 'two', 'three']) paths.push((await workshop.chart(`cut-${name}`)).path);
    const front = await serveBefore(workshop.log, {
      instead: {
        'POST /api/v1/log/entries': () => {
          note('sent');
        },
      },
    });
    const list = await workshop.write('many', `${paths.join('\n')}\n`.repeat(10));
    const { status, stdout, stderr } = await workshop.run(
      ['upload', '--from-file', list, ...workshop.knowing(front)],
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

test('of several charts each error names its chart, also where the log does not answer', async () => {
  const dead = { url: `http://127.0.0.1:${await unusedPort()}` };
  const { stderr } = await workshop.run(['verify', logged.path, unlogged.path, ...workshop.knowing(dead)]);
  for (const { path } of [logged, unlogged])
    expect(stderr).toContain(`Error: ${path}: no usable answer from `);
  const { stderr: alone } = await workshop.run(['verify', logged.path, ...workshop.knowing(dead)]);
  expect(alone).toMatch(/^Error: no usable answer from /);
});

test('a list may name more charts than a call can have arguments', async () => {
  const list = await workshop.write('endless', 'missing.tgz\n'.repeat(200_000));
  const context = { stdin: () => Readable.from([]), interrupted: new AbortController().signal };
  const settings = new Settings({ fromFile: list }, {});
  expect(await namedCharts([], settings, context as unknown as Context)).toHaveLength(200_000);
});

test('the bytes of text are the same for charts that are named one by one or as a folder', async () => {
  const folder = await folderWith('same', 'a.tgz', 'logged-0.1.0.tgz');
  const options = workshop.knowing();
  const one = await workshop.run(['verify', folder, ...options]);
  const paths = ['a.tgz', basename(logged.path)].map((name) => join(folder, name));
  expect(await workshop.run(['verify', ...paths, ...options])).toEqual(one);
  expect(one.stdout).toMatch(/^Chart Not Verified: [^]*\n\nChart Verified Successfully/);
});
