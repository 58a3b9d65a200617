import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { sha256Hex } from '../../src/digest.ts';
import { describeProcess } from '../../src/files/process-identity.ts';
import { writeSignedChart, type ChartOnDisk } from '../support/chart.ts';
import { HelmStandIn } from '../support/helm-stand-in.ts';
import type { LoopbackServer } from '../support/loopback.ts';
import { createSigner } from '../support/signer.ts';
import { serveFiles, type StaticFiles } from '../support/static-server.ts';
import { UnpackedParent, type ListedDependency } from '../support/unpacked-parent.ts';
import { World } from '../support/world/world.ts';

let world: World;
let helm: HelmStandIn;
let hello: ChartOnDisk;
let old: ChartOnDisk;
let temporary: string;
let repository: LoopbackServer;
let served: StaticFiles;

const FILE = 'hello-0.1.0.tgz';

beforeAll(async () => {
  world = await World.open();
  helm = await HelmStandIn.create(await world.subdirectory('bin'));
  hello = await world.loggedChart('hello');
  old = await writeSignedChart(await world.subdirectory('old'), world.publisher, {
    name: 'hello',
    version: '0.0.9',
  });
  expect((await world.runKnowing('upload', old.path, '--no-evidence')).status).toBe(0);
});

afterAll(async () => {
  await world.close();
});

beforeEach(async () => {
  temporary = await world.subdirectory('temporary');
  served = { '/index.yaml': index() };
  repository = await serveFiles(served);
  await helm.willPull({ files: { [FILE]: hello.archive, [`${FILE}.prov`]: hello.provenance } });
});

afterEach(async () => {
  expect(await readdir(temporary), 'nothing of what was fetched is left').toEqual([]);
});

function index(digest: string = sha256Hex(hello.archive), version = '0.1.0'): string {
  const entries = { hello: [{ name: 'hello', version, urls: [`hello-${version}.tgz`], digest }] };
  return JSON.stringify({ apiVersion: 'v1', entries });
}

let count = 0;

async function parentOf(
  required: readonly ListedDependency[] = [
    { name: 'hello', version: '0.1.0', range: '^0.1.0', repository: repository.url },
  ],
  locked?: readonly ListedDependency[],
): Promise<UnpackedParent> {
  return await UnpackedParent.create(await world.subdirectory(`parent-${count++}`), required, locked);
}

const environment = () => ({ env: { TMPDIR: temporary, HELM_BIN: helm.program } });

async function build({ path }: UnpackedParent, ...options: readonly string[]) {
  return await world.run(['dependency', 'build', path, ...world.knowing(), ...options], environment());
}

async function inCharts({ path }: UnpackedParent): Promise<string[]> {
  return (await readdir(join(path, 'charts')).catch(() => [])).sort();
}

test('charts/ gets the archives that the lock lists, and Helm was asked for exactly them', async () => {
  const parent = await parentOf();
  const { status, stdout, stderr } = await build(parent);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toContain('Chart Verified Successfully From Helm entry:\n');
  expect(stdout).toMatch(/\nWritten: .*\/charts\/hello-0\.1\.0\.tgz\n$/);
  expect(await readFile(join(parent.path, 'charts', FILE))).toEqual(Buffer.from(hello.archive));
  expect((await readdir(parent.path)).sort()).toEqual(['Chart.lock', 'Chart.yaml', 'charts']);
  const { argv } = await helm.called();
  expect(argv.slice(0, 4)).toEqual(['pull', 'hello', `--repo=${repository.url}/`, '--version=0.1.0']);
});

test('what else is in charts/ stays, but for archives', async () => {
  const parent = await parentOf();
  await parent.write('charts/hello-0.0.9.tgz', old.archive);
  await parent.write('charts/evil.tgz', 'x');
  await parent.write('charts/README.md', 'x');
  await parent.write('charts/_kept/x', 'x');
  expect(await build(parent)).toMatchObject({ status: 0, stderr: '' });
  expect(await inCharts(parent)).toEqual(['README.md', '_kept', FILE]);
});

test('JSON says what was written', async () => {
  const parent = await parentOf();
  const { stdout } = await build(parent, '--output', 'json');
  expect(JSON.parse(stdout)).toMatchObject({
    status: 0,
    built: { directory: parent.path, written: [FILE] },
    results: [
      {
        chart: `hello 0.1.0 of ${repository.url}`,
        verdict: 'verified',
        dependency: { of: parent.path, name: 'hello', version: '0.1.0', repository: repository.url },
      },
    ],
  });
});

test('what was built is verified, by the provenance of the repository', async () => {
  const parent = await parentOf();
  expect((await build(parent)).status).toBe(0);
  const argv = ['verify', '--dependencies', parent.path, ...world.knowing()];
  expect(await world.run(argv, environment())).toMatchObject({ status: 0, stderr: '' });
  await parent.write(`charts/${FILE}`, old.archive);
  const changed = await world.run(argv, environment());
  expect(changed.stderr).toContain('archive-digest: the archive is not the one that was signed');
  expect(changed.status).toBe(10);
});

test('evidence that the repository offers and does not hold does no harm', async () => {
  const parent = await parentOf();
  served[`/${FILE}.rekor.json`] = '{}';
  expect((await build(parent)).status).toBe(0);
  const argv = ['verify', '--dependencies', parent.path, ...world.knowing()];
  expect((await world.run(argv, environment())).status).toBe(0);
});

/** A run that was killed at its work, and what it was at. */
async function leaveWorkshop(parent: UnpackedParent, owner: string): Promise<void> {
  await parent.write('tmpcharts-sigstore/owner', owner);
  await parent.write('tmpcharts-sigstore/new/half.tgz', 'x');
}

/** What a process that was killed said of itself. */
async function endedProcess(): Promise<string> {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  await once(child, 'spawn');
  const words = `${await describeProcess(child.pid)} \n`;
  child.kill('SIGKILL');
  await once(child, 'exit');
  return words;
}

describe('after a run that was killed', () => {
  const failing = () => helm.willPull({ status: 1, stderr: 'Error: dial tcp: connection refused' });

  test('before it replaced anything, charts/ is what it was, and the rest is gone', async () => {
    const parent = await parentOf();
    await parent.write('charts/before-1.0.0.tgz', 'x');
    await leaveWorkshop(parent, await endedProcess());
    await failing();
    expect((await build(parent)).status).toBe(5);
    expect(await inCharts(parent)).toEqual(['before-1.0.0.tgz']);
    expect((await readdir(parent.path)).sort()).toEqual(['Chart.lock', 'Chart.yaml', 'charts']);
  });

  test('between taking the old one away and putting the new one there, charts/ is the old one', async () => {
    const parent = await parentOf();
    await leaveWorkshop(parent, await endedProcess());
    await parent.write('tmpcharts-sigstore/old/before-1.0.0.tgz', 'x');
    await parent.write('tmpcharts-sigstore/old/README.md', 'x');
    await failing();
    expect((await build(parent)).status).toBe(5);
    expect(await inCharts(parent)).toEqual(['README.md', 'before-1.0.0.tgz']);
    await helm.willPull({ files: { [FILE]: hello.archive, [`${FILE}.prov`]: hello.provenance } });
    expect((await build(parent)).status).toBe(0);
    expect(await inCharts(parent)).toEqual(['README.md', FILE]);
    expect((await readdir(parent.path)).sort()).toEqual(['Chart.lock', 'Chart.yaml', 'charts']);
  });

  test('after it put the new one there, charts/ is the new one', async () => {
    const parent = await parentOf();
    await parent.write(`charts/${FILE}`, hello.archive);
    await leaveWorkshop(parent, await endedProcess());
    await parent.write('tmpcharts-sigstore/old/before-1.0.0.tgz', 'x');
    await failing();
    expect((await build(parent)).status).toBe(5);
    expect(await inCharts(parent)).toEqual([FILE]);
    expect((await readdir(parent.path)).sort()).toEqual(['Chart.lock', 'Chart.yaml', 'charts']);
  });
});

describe('charts/ stays as it was', () => {
  const pull = (archive: Uint8Array, provenance?: Uint8Array, name = FILE) =>
    helm.willPull({ files: { [name]: archive, ...(provenance && { [`${name}.prov`]: provenance }) } });
  const refused: [
    what: string,
    prepare: (parent: UnpackedParent) => Promise<unknown>,
    status: number,
    message: string | RegExp,
    required?: () => readonly ListedDependency[],
  ][] = [
    [
      'where the repository sells an old version as the new one',
      async () => {
        served['/index.yaml'] = index(sha256Hex(old.archive));
        await pull(old.archive, old.provenance);
      },
      10,
      'archive-name',
    ],
    ['where the archive is another one', () => pull(old.archive, hello.provenance), 10, 'archive-digest'],
    [
      'where the index has the digest of another archive',
      () => Promise.resolve((served['/index.yaml'] = index('a'.repeat(64)))),
      10,
      'archive-digest',
    ],
    [
      'where a stranger signed it',
      async () => {
        const forged = await world.chart('hello', await createSigner({ userIds: ['M <m@evil.example>'] }));
        served['/index.yaml'] = index(sha256Hex(forged.archive));
        await pull(forged.archive, forged.provenance);
      },
      10,
      'provenance-signature',
    ],
    ['where there is no provenance', () => pull(hello.archive), 4, 'no provenance beside it'],
    [
      'where Helm fails',
      () => helm.willPull({ status: 1, stderr: 'Error: dial tcp: connection refused' }),
      5,
      'connection refused',
    ],
    [
      'where an unpacked chart is in it',
      (parent) => parent.write('charts/evil/Chart.yaml', 'apiVersion: v2\nname: evil\nversion: 1.0.0\n'),
      10,
      'charts/evil is an unpacked chart',
    ],
    [
      'where the lock is old',
      (parent) =>
        parent.write(
          'Chart.yaml',
          JSON.stringify({ apiVersion: 'v2', name: 'parent', version: '1.0.0', dependencies: [] }),
        ),
      10,
      'Chart.lock is out of date',
    ],
    ['without a lock', (parent) => rm(join(parent.path, 'Chart.lock')), 3, 'no Chart.lock'],
    [
      'where something is made of a directory',
      () => Promise.resolve(),
      10,
      'is made of "file://../hello": nobody signed',
      () => [{ name: 'hello', version: '0.1.0', repository: 'file://../hello' }],
    ],
    [
      'where something is of no repository',
      () => Promise.resolve(),
      10,
      'is of no repository',
      () => [{ name: 'hello', version: '0.1.0', repository: '' }],
    ],
    [
      'where one of two is of no repository',
      () => Promise.resolve(),
      10,
      'is of no repository',
      () => [
        { name: 'hello', version: '0.1.0', repository: repository.url },
        { name: 'other', version: '0.1.0', repository: '' },
      ],
    ],
    [
      'where a name leads out of it',
      () => Promise.resolve(),
      3,
      'expected the name of a chart',
      () => [{ name: '../../hello', version: '0.1.0', repository: repository.url }],
    ],
    [
      'where a name is an option',
      () => Promise.resolve(),
      3,
      'expected the name of a chart',
      () => [{ name: '--post-renderer', version: '0.1.0', repository: repository.url }],
    ],
    [
      'where a repository has credentials in it',
      () => Promise.resolve(),
      3,
      'without credentials',
      () => [{ name: 'hello', version: '0.1.0', repository: 'https://user:secret@charts.example' }],
    ],
    [
      'where a repository is spoken to without encryption',
      () => Promise.resolve(),
      3,
      'expected an https URL',
      () => [{ name: 'hello', version: '0.1.0', repository: 'http://charts.example' }],
    ],
    [
      'where one file would be two charts',
      () => Promise.resolve(),
      10,
      'of two repositories',
      () => [
        { name: 'hello', version: '0.1.0', repository: repository.url },
        { name: 'hello', version: '0.1.0', repository: 'https://other.example' },
      ],
    ],
    [
      'where another run is at work',
      (parent) => mkdir(join(parent.path, 'tmpcharts-sigstore')),
      3,
      'another run makes charts/, or one was stopped',
    ],
    [
      'where another run is in the middle of it',
      async (parent) => leaveWorkshop(parent, `${await describeProcess()} \n`),
      3,
      'another run makes charts/',
    ],
    [
      'where a run on another machine may be in the middle of it',
      (parent) => leaveWorkshop(parent, '1@another-boot/pid:[4026531999]@77 \n'),
      3,
      /first put .*\/tmpcharts-sigstore\/old in place of charts\//,
    ],
    [
      'where a link is in the place of what is made',
      async (parent) => {
        const elsewhere = new UnpackedParent(await world.subdirectory(`elsewhere-${count++}`));
        await leaveWorkshop(elsewhere, await endedProcess());
        await symlink(join(elsewhere.path, 'tmpcharts-sigstore'), join(parent.path, 'tmpcharts-sigstore'));
      },
      3,
      'another run makes charts/',
    ],
  ];
  test.each(refused)('%s', async (_, prepare, status, message, required) => {
    const parent = await parentOf(required?.());
    await parent.write('charts/before-1.0.0.tgz', 'x');
    await prepare(parent);
    const before = (await readdir(parent.path, { recursive: true })).sort();
    const { status: found, stderr } = await build(parent);
    expect(stderr).toMatch(message);
    expect(stderr).not.toContain('secret');
    expect(found).toBe(status);
    expect((await readdir(parent.path, { recursive: true })).sort()).toEqual(before);
  });

  test('where the run is interrupted', async () => {
    const parent = await parentOf();
    await helm.willPull({ hangs: true });
    const interrupted = new AbortController();
    void helm.untilCalled().then(() => {
      interrupted.abort();
    });
    const { status } = await world.run(['dependency', 'build', parent.path, ...world.knowing()], {
      ...environment(),
      interrupted: interrupted.signal,
    });
    expect(status).toBe(5);
    expect((await readdir(parent.path)).sort()).toEqual(['Chart.lock', 'Chart.yaml']);
  });
});

test('a chart without dependencies needs nothing', async () => {
  const path = await world.subdirectory('alone');
  await writeFile(join(path, 'Chart.yaml'), 'apiVersion: v2\nname: alone\nversion: 1.0.0\n');
  expect(await build(new UnpackedParent(path))).toMatchObject({
    status: 0,
    stdout: `No Dependencies: ${path}\n`,
  });
  expect(await readdir(path)).toEqual(['Chart.yaml']);
});

test('several directories are no operand', async () => {
  const { status } = await world.runKnowing('dependency', 'build', 'a', 'b');
  expect(status).toBe(2);
});

describe('a policy is obeyed', () => {
  async function buildUnder(lines: string, parent: UnpackedParent) {
    const path = await world.write(
      `policy-${count++}.yaml`,
      `version: 1\nkeys: [publisher.gpg]\nlogs: [{ url: "${world.log.url}", publicKeys: [log.pem] }]\n${lines}\n`,
    );
    await copyFile(world.keyring, join(world.directory, 'publisher.gpg'));
    await copyFile(world.log.publicKeyPath, join(world.directory, 'log.pem'));
    const env = { ...environment().env, HELM_SIGSTORE_POLICY: path };
    return await world.run(['dependency', 'build', parent.path], { env });
  }

  const rule = (signer: string) =>
    `rules: [{ name: here, charts: ["${repository.url}/*"], signedBy: [{ openpgp: ${signer} }] }]`;

  test('one whose rule is satisfied is built; by another signer, or without a rule, nothing is', async () => {
    const parent = await parentOf();
    for (const lines of [rule('0'.repeat(40)), 'otherwise: deny']) {
      const { status, stderr } = await buildUnder(lines, parent);
      expect({ status, stderr }).toMatchObject({
        status: 10,
        stderr: expect.stringContaining('the policy refuses it') as unknown,
      });
      expect(await inCharts(parent)).toEqual([]);
    }
    expect(await buildUnder(rule(world.publisher.fingerprint), parent)).toMatchObject({
      status: 0,
      stderr: '',
    });
    expect(await inCharts(parent)).toEqual([FILE]);
  });

  test('what a policy lets pass without a proof is not built, and the status says so', async () => {
    const parent = await parentOf();
    await helm.willPull({ files: { [FILE]: hello.archive } });
    for (const lines of ['otherwise: warn', 'otherwise: allow']) {
      const { status, stderr, stdout } = await buildUnder(lines, parent);
      expect({ status, stderr }).toMatchObject({
        status: 10,
        stderr: expect.stringContaining('nothing proves it, though the policy lets it pass') as unknown,
      });
      expect(stdout).toContain('/charts is as it was');
      expect(await inCharts(parent)).toEqual([]);
    }
  });
});
