import { appendFile, cp, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { sha256Hex } from '../../src/digest.ts';
import { writeSignedChart } from '../support/chart.ts';
import { remanifest } from '../support/mirrors.ts';
import type { Ran } from '../support/program.ts';
import { createSigner, type TestSigner } from '../support/signer.ts';
import { World } from '../support/world/world.ts';

let world: World;
let attacker: TestSigner;
/** A mirror of two charts. Each test has a copy. */
let original: string;
let one: string;
let count = 0;

beforeAll(async () => {
  world = await World.open();
  attacker = await createSigner();
  one = (await world.loggedChart('one')).path;
  const two = (await world.loggedChart('two')).path;
  original = join(world.directory, 'original');
  const ran = await world.run(['mirror', one, two, '--to', original, ...world.knowing()]);
  expect(ran, ran.stderr).toMatchObject({ status: 0 });
});

afterAll(async () => {
  await world.close();
});

async function copied(): Promise<string> {
  const to = join(world.directory, `copy-${++count}`);
  await cp(original, to, { recursive: true });
  onTestFinished(() => rm(to, { recursive: true, force: true }));
  return to;
}

/** Verifies a mirror as somebody does who knows the publisher's key and that of the log, and has no network. */
async function verify(directory: string, more: readonly string[] = []): Promise<Ran> {
  const nowhere = world.knowing({ url: 'http://127.0.0.1:1' });
  return await world.run(['verify', '--mirror', directory, ...nowhere, ...more]);
}

interface Document {
  readonly status: number;
  readonly results?: readonly {
    readonly chart: string;
    readonly status: number;
    readonly verdict?: string;
  }[];
  readonly mirror: { readonly differences: readonly { readonly kind: string; readonly path: string }[] };
  readonly errors?: readonly { readonly code: string; readonly message: string }[];
}

async function verifyJson(directory: string, more: readonly string[] = []): Promise<Document> {
  const { stdout } = await verify(directory, ['--output', 'json', ...more]);
  return JSON.parse(stdout) as Document;
}

describe('a mirror as it was made', () => {
  test('verifies, without any network', async () => {
    const { status, stdout, stderr } = await verify(original);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '2 verified\n' });
    expect(stdout.match(/^Chart Verified Successfully/gm)).toHaveLength(2);
    const digest = sha256Hex(await readFile(join(original, 'manifest.json')));
    expect(
      stdout.endsWith(`\nMirror Verified: ${original}\nCharts: 2\nFiles: 9\nManifest: sha256:${digest}\n`),
    ).toBe(true);
  });

  test('has no differences in JSON', async () => {
    expect(await verifyJson(original)).toMatchObject({
      status: 0,
      offline: true,
      mirror: { directory: original, charts: 2, files: 9, differences: [] },
      results: [{ verdict: 'verified' }, { verdict: 'verified' }],
    });
  });

  test('verifies with the digest that mirror printed, and with no other', async () => {
    const digest = sha256Hex(await readFile(join(original, 'manifest.json')));
    for (const spelt of [digest, `sha256:${digest}`, digest.toUpperCase()])
      expect(await verify(original, ['--manifest-digest', spelt])).toMatchObject({ status: 0 });
    const other = await verify(original, ['--manifest-digest', 'a'.repeat(64)]);
    expect(other).toMatchObject({ status: 10, stdout: '' });
    expect(other.stderr).toContain(`expected sha256:${'a'.repeat(64)}, found sha256:${digest}`);
  });

  test('verifies with keys that it has, where the user names them', async () => {
    const trust = join(original, 'trust', (await readdir(join(original, 'trust')))[0] ?? '');
    const argv = ['verify', '--mirror', original, '--rekor-server', world.log.url];
    const named = [...argv, '--keyring', join(original, 'keys'), '--rekor-public-key', trust];
    expect(await world.run(named)).toMatchObject({ status: 0 });
  });

  test('does not verify by the keys that it has, where the user names none', async () => {
    const argv = ['verify', '--mirror', original, '--rekor-server', world.log.url];
    expect(await world.run([...argv, '--keyring', world.keyring])).toMatchObject({ status: 5 });
    const log = ['--rekor-public-key', world.log.publicKeyPath];
    const { status, stderr } = await world.run([...argv, ...log]);
    expect({ status, stderr }).toMatchObject({ status: 10 });
    expect(stderr).toContain('provenance-signature');
  });
});

describe('every file that is', () => {
  const FILES = [
    ...['', '.prov', '.rekor.json'].flatMap((suffix) => [`one-0.1.0.tgz${suffix}`, `two-0.1.0.tgz${suffix}`]),
    'index.yaml',
    'KEY',
    'TRUST',
  ];

  /** The path of a file whose name depends on a key. */
  async function pathOf(name: string): Promise<string> {
    const folder = { KEY: 'keys', TRUST: 'trust' }[name];
    return folder === undefined ? name : `${folder}/${(await readdir(join(original, folder)))[0] ?? ''}`;
  }

  async function expectOnly(directory: string, kind: string, path: string): Promise<void> {
    const { status, mirror, errors = [] } = await verifyJson(directory);
    expect({ status, differences: mirror.differences }).toMatchObject({
      status: 10,
      differences: [{ kind, path }],
    });
    expect(errors).toMatchObject([{ code: 'REJECTED' }]);
    expect(errors[0]?.message).toContain(`${join(directory, path)} is ${kind}`);
    const { stdout } = await verify(directory);
    const word = `${kind.charAt(0).toUpperCase()}${kind.slice(1)}`;
    expect(stdout).toContain(`\nMirror Not Verified: ${directory}\n`);
    expect(stdout).toMatch(new RegExp(`\\n${word}: ${path.replaceAll('.', '\\.')}[ \\n]`));
  }

  test.each(FILES)('altered is named: %s', async (name) => {
    const to = await copied();
    const path = await pathOf(name);
    const bytes = await readFile(join(to, path));
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
    await writeFile(join(to, path), bytes);
    await expectOnly(to, 'altered', path);
  });

  test.each(FILES)('missing is named: %s', async (name) => {
    const to = await copied();
    const path = await pathOf(name);
    await rm(join(to, path));
    await expectOnly(to, 'missing', path);
  });

  test.each(FILES)('a link to the same bytes is named: %s', async (name) => {
    const to = await copied();
    const path = await pathOf(name);
    await rm(join(to, path));
    await symlink(join(original, path), join(to, path));
    await expectOnly(to, 'altered', path);
  });

  test.each(['evil-0.1.0.tgz', 'keys/EVIL.asc', '.hidden'])('additional is named: %s', async (path) => {
    const to = await copied();
    await writeFile(join(to, path), 'x');
    await expectOnly(to, 'additional', path);
  });

  test('additional is named, also a whole chart that would verify', async () => {
    const to = await copied();
    const { path } = await world.keptChart('three');
    for (const suffix of ['', '.prov', '.rekor.json'])
      await cp(path + suffix, join(to, basename(path) + suffix));
    const { status, mirror, errors } = await verifyJson(to);
    expect({ status, found: mirror.differences.map(({ kind }) => kind) }).toEqual({
      status: 10,
      found: ['additional', 'additional', 'additional'],
    });
    expect(errors?.[0]?.message).toContain(
      'also additional: three-0.1.0.tgz.prov, three-0.1.0.tgz.rekor.json',
    );
  });
});

test('of many files all are named, and in the error the first ones', async () => {
  const to = await copied();
  for (let number = 100; number < 150; number++) await writeFile(join(to, `x-${number}`), '');
  const { stdout, stderr } = await verify(to);
  expect(stdout.match(/^Additional: x-1[0-9]{2}$/gm)).toHaveLength(50);
  expect(stderr).toContain('x-109 and 40 more');
});

test('one chart that is damaged does not stop the others', async () => {
  const to = await copied();
  await appendFile(join(to, 'one-0.1.0.tgz'), 'x');
  const { results = [] } = await verifyJson(to);
  expect(results).toMatchObject([
    { chart: join(to, 'one-0.1.0.tgz'), status: 10 },
    { chart: join(to, 'two-0.1.0.tgz'), status: 0, verdict: 'verified' },
  ]);
});

describe('a manifest that fits what an attacker put there does not help:', () => {
  /** Puts files of a chart in the place of those of one-0.1.0. */
  async function replaceOne(directory: string, files: Readonly<Record<string, Uint8Array>>): Promise<void> {
    for (const [suffix, bytes] of Object.entries(files))
      await writeFile(join(directory, `one-0.1.0.tgz${suffix}`), bytes);
  }

  async function filesAt(path: string): Promise<Record<string, Uint8Array>> {
    const pairs = ['', '.prov', '.rekor.json'].map(
      async (suffix) => [suffix, await readFile(path + suffix)] as const,
    );
    return Object.fromEntries(await Promise.all(pairs));
  }

  test('another chart of the same publisher, logged and all', async () => {
    const to = await copied();
    await replaceOne(to, await filesAt(join(original, 'two-0.1.0.tgz')));
    await remanifest(to);
    const { status, mirror, errors } = await verifyJson(to);
    expect({ status, differences: mirror.differences }).toEqual({ status: 10, differences: [] });
    expect(errors?.[0]?.message).toContain('archive-name');
  });

  test('the name of a newer version on an old chart', async () => {
    const to = await copied();
    await remanifest(to, ({ charts, files }) => ({
      charts: charts.map((chart) => (chart.name === 'one' ? { ...chart, version: '0.2.0' } : chart)),
      files,
    }));
    const { status, errors } = await verifyJson(to);
    expect(status).toBe(10);
    expect(errors?.[0]?.message).toContain('differ in the version of the chart');
  });

  test('a chart of the attacker, with the attacker\u2019s key in the place of the publisher\u2019s', async () => {
    const to = await copied();
    const directory = await world.subdirectory('forged');
    const { path, keyring } = await writeSignedChart(directory, attacker, { name: 'one' });
    // The attacker logs it on the very log that the victim trusts.
    const upload = ['upload', path, ...world.trusting(), '--keyring', keyring];
    expect(await world.run(upload)).toMatchObject({ status: 0 });
    await replaceOne(to, await filesAt(path));
    await rm(join(to, 'keys', `${world.publisher.fingerprint.toUpperCase()}.asc`));
    await writeFile(join(to, 'keys', `${attacker.fingerprint.toUpperCase()}.asc`), attacker.armored);
    await remanifest(to, ({ charts, files }) => ({
      charts: charts.map((chart) =>
        chart.name === 'one' ? { ...chart, signer: attacker.fingerprint } : chart,
      ),
      files: files.map((file) =>
        file.path.startsWith('keys/')
          ? { ...file, path: `keys/${attacker.fingerprint.toUpperCase()}.asc` }
          : file,
      ),
    }));
    const { status, mirror, results = [], errors } = await verifyJson(to);
    expect({ status, differences: mirror.differences }).toEqual({ status: 10, differences: [] });
    expect(results).toMatchObject([{ status: 10, verdict: 'rejected' }, { status: 0 }]);
    expect(errors?.[0]?.message).toContain('provenance-signature');
  });

  test('the name of another signer', async () => {
    const to = await copied();
    await remanifest(to, ({ charts, files }) => ({
      charts: charts.map((chart) =>
        chart.name === 'one' ? { ...chart, signer: attacker.fingerprint } : chart,
      ),
      files,
    }));
    const { status, errors } = await verifyJson(to);
    expect(status).toBe(10);
    expect(errors?.[0]?.message).toContain('the manifest names another signer');
  });

  test('evidence of another chart', async () => {
    const to = await copied();
    await replaceOne(to, { '.rekor.json': await readFile(join(original, 'two-0.1.0.tgz.rekor.json')) });
    await remanifest(to);
    expect(await verifyJson(to)).toMatchObject({ status: 10, mirror: { differences: [] } });
  });

  test('an index in which a newer version is an old archive', async () => {
    const to = await copied();
    const index = await readFile(join(to, 'index.yaml'), 'utf8');
    await writeFile(join(to, 'index.yaml'), index.replace('version: "0.1.0"', 'version: "0.9.0"'));
    await remanifest(to);
    const { status, mirror, errors } = await verifyJson(to);
    expect({ status, differences: mirror.differences }).toMatchObject({
      status: 10,
      differences: [{ kind: 'altered', path: 'index.yaml' }],
    });
    expect(errors?.[0]?.message).toContain('expected the index of the charts');
  });

  test.each(['evil-0.1.0.tgz', 'keys/evil-0.1.0.tgz', 'keys/evil.asc', 'trust/evil.pem', 'README'])(
    'a file beside the charts that only the manifest vouches for: %s',
    async (path) => {
      const to = await copied();
      await writeFile(join(to, path), 'of nobody');
      await remanifest(to, ({ charts, files }) => ({
        charts,
        files: [...files, { path, size: 0, sha256: sha256Hex(Buffer.of()) }],
      }));
      const { status, stderr } = await verify(to);
      expect({ status }, stderr).toEqual({ status: 3 });
      expect(stderr).toContain('the files of charts, of keys and the index');
    },
  );

  test('a chart that is left out, which only the digest of the manifest tells', async () => {
    const digest = sha256Hex(await readFile(join(original, 'manifest.json')));
    const smaller = join(world.directory, `smaller-${++count}`);
    await world.run(['mirror', one, '--to', smaller, ...world.knowing()]);
    expect(await verify(smaller)).toMatchObject({ status: 0 });
    expect(await verify(smaller, ['--manifest-digest', digest])).toMatchObject({ status: 10 });
  });
});

describe('no mirror is', () => {
  test.each([
    ['a directory that is not there', () => Promise.resolve(join(world.directory, 'nowhere'))],
    ['an empty one', async () => await world.subdirectory(`empty-${++count}`)],
    ['one of other files', async () => dirname(await world.write(`x-${++count}`, ''))],
    [
      'one with a manifest that is cut',
      async () => {
        const to = await copied();
        await writeFile(
          join(to, 'manifest.json'),
          (await readFile(join(to, 'manifest.json'))).subarray(0, -9),
        );
        return to;
      },
    ],
    [
      'one with a manifest that leads out of it',
      async () => {
        const to = await copied();
        const text = await readFile(join(to, 'manifest.json'), 'utf8');
        await writeFile(
          join(to, 'manifest.json'),
          text.replace('"path":"index.yaml"', '"path":"../index.yaml"'),
        );
        return to;
      },
    ],
    [
      'a folder that was never one',
      async () => {
        const to = await copied();
        await rm(join(to, 'manifest.json'));
        return to;
      },
    ],
    [
      'one without charts',
      async () => {
        const to = join(world.directory, `none-${++count}`);
        await world.run(['mirror', join(world.directory, 'no.tgz'), '--to', to, ...world.knowing()]);
        return to;
      },
    ],
  ])('%s', async (_, place) => {
    const { status, stdout, stderr } = await verify(await place());
    expect({ status, stdout }, stderr).toEqual({ status: 3, stdout: '' });
    expect(stderr).toMatch(/^Error: /);
    // To have an empty directory helps nobody who wants to verify one.
    expect(stderr).toMatch(/^Hint: (?:helm sigstore mirror makes one|get it again)/m);
    expect(stderr).not.toContain('an empty directory');
  });
});

test.each([
  [['--mirror', 'm', 'chart.tgz'], 'expected --mirror alone, found charts'],
  [['--mirror', 'm', '--as', 'a-1.tgz'], 'expected --mirror alone, found --as'],
  [['--mirror', 'm', '--evidence', 'e'], 'expected --mirror alone, found --evidence'],
  [['--mirror', 'm', '--manifest-digest', 'abc'], '--manifest-digest expects the 64 hexadecimal digits'],
  [['--manifest-digest', 'a'.repeat(64), 'a.tgz'], '--manifest-digest is of a mirror'],
  [['--mirror', 'm', '--insecure-trust-on-first-use'], 'expected --offline or --insecure-trust-on-first-use'],
])('verify %j is a usage error', async (argv, message) => {
  await mkdir(join(world.directory, 'm'), { recursive: true });
  const { status, stdout, stderr } = await world.run(['verify', ...argv, '--rekor-server', world.log.url]);
  expect({ status, stdout }, stderr).toEqual({ status: 2, stdout: '' });
  expect(stderr).toContain(message);
});
