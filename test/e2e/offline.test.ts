import { execFile, spawnSync } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launcher, startLog } from '../../scripts/embedded-log.mjs';

const examples = path.join(import.meta.dirname, '..', '..', 'examples');
const hook = path.join(import.meta.dirname, 'no-network.cjs');

/** A command that starts others in a network namespace without interfaces, where this machine allows it. */
const NAMESPACE = [
  ['unshare', '-rn'],
  ['unshare', '-n'],
].find(([program = '', ...args]) => spawnSync(program, [...args, 'true']).status === 0);
const where =
  NAMESPACE === undefined
    ? 'every connect, name look-up and program refused; no network namespace on this machine'
    : 'every connect, name look-up and program refused, and in a network namespace without interfaces';

/** Runs Node offline: nothing that it starts could reach anything. */
async function node(argv: readonly string[], env: NodeJS.ProcessEnv) {
  const [program = process.execPath, ...args] = [...(NAMESPACE ?? []), process.execPath, ...argv];
  return await new Promise<{ status: number; stdout: string; stderr: string }>((resolve) => {
    execFile(program, args, { env }, (error, stdout, stderr) => {
      resolve({ status: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

describe(`verify --offline, when the log is gone (${where})`, () => {
  let directory: string;
  let chart: string;
  let mirror: string;
  let env: NodeJS.ProcessEnv;

  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'offline-'));
    chart = path.join(directory, 'hello-0.1.0.tgz');
    for (const end of ['', '.prov'])
      await copyFile(path.join(examples, `hello-0.1.0.tgz${end}`), `${chart}${end}`);
    const base = { PATH: process.env['PATH'], HOME: path.join(directory, 'home') };
    const log = await startLog(path.join(directory, 'log'), base);
    env = {
      ...base,
      REKOR_SERVER: log.url,
      SIGSTORE_REKOR_PUBLIC_KEY: log.publicKey,
      KEYRING: path.join(examples, 'publisher.asc'),
    };
    const logged = await new Promise((resolve) =>
      execFile(process.execPath, [launcher, 'upload', chart], { env }, resolve),
    );
    mirror = path.join(directory, 'mirror');
    const mirrored = await new Promise((resolve) =>
      execFile(process.execPath, [launcher, 'mirror', chart, '--to', mirror], { env }, resolve),
    );
    await log.stop();
    expect([logged, mirrored]).toEqual([null, null]);
  });

  afterAll(async () => {
    await rm(directory, { recursive: true });
  });

  async function verify(options: readonly string[], others: NodeJS.ProcessEnv = {}) {
    return await node(['--require', hook, launcher, 'verify', ...options], { ...env, ...others });
  }

  test('a chart with its evidence is verified, again and again', async () => {
    for (const times of [1, 2]) {
      const { status, stdout, stderr } = await verify([chart, '--offline']);
      expect({ times, status, stderr }).toEqual({ times, status: 0, stderr: '' });
      expect(stdout).toContain('Chart Verified Successfully');
      expect(stdout).toContain('Offline: ');
    }
  });

  test('a mirror is verified, all of it', async () => {
    const { status, stdout, stderr } = await verify(['--mirror', mirror]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('Mirror Verified: ');
    await writeFile(path.join(mirror, 'more'), '');
    expect(await verify(['--mirror', mirror])).toMatchObject({ status: 10 });
  });

  test('a chart with another byte is rejected, and one without evidence not judged', async () => {
    const other = path.join(directory, 'other', 'hello-0.1.0.tgz');
    await mkdir(path.dirname(other));
    const archive = await readFile(chart);
    archive.writeUInt8(archive.readUInt8(archive.length - 1) ^ 1, archive.length - 1);
    await writeFile(other, archive);
    await copyFile(`${chart}.prov`, `${other}.prov`);
    expect(await verify([other, '--offline'])).toMatchObject({ status: 3 });
    await copyFile(`${chart}.rekor.json`, `${other}.rekor.json`);
    expect(await verify([other, '--offline'])).toMatchObject({ status: 10 });
  });

  test('the keys of the public log are at hand without a network, and are not those of this one', async () => {
    const publicLog = { REKOR_SERVER: '', SIGSTORE_REKOR_PUBLIC_KEY: '' };
    const { status, stderr } = await verify([chart, '--offline'], publicLog);
    expect(status).toBe(10);
    expect(stderr).toContain('log-key');
    expect(stderr).not.toContain('FORBIDDEN');
  });

  test('without --offline the same run would be stopped: the test can fail', async () => {
    await rm(`${chart}.rekor.json`);
    const { status, stderr } = await verify([chart]);
    expect({ status, stderr: stderr.split(':')[0] }).toEqual({ status: 97, stderr: 'FORBIDDEN' });
  });
});
