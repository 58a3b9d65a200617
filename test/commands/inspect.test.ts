import { copyFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sha256Hex } from '../../src/digest.ts';
import { chartArchive, writeSignedChart, type ChartOnDisk } from '../support/chart.ts';
import { CHART_SIGNED, createSigner, DAY } from '../support/signer.ts';
import { World } from '../support/world/world.ts';

let world: World;
let chart: ChartOnDisk;

beforeAll(async () => {
  world = await World.open();
  chart = await world.chart('inspected');
});

afterAll(async () => {
  await world.close();
});

async function inspect(path: string, keyring = world.keyring, ...options: readonly string[]) {
  return await world.run(['inspect', path, '--keyring', keyring, ...options]);
}

test('inspect shows what is signed, who signed it with what key, and four checks', async () => {
  const { status, stdout, stderr } = await inspect(chart.path);
  const { fingerprint } = world.publisher;
  const digest = sha256Hex(chart.archive);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout.split('\n')).toEqual([
    `Provenance: ${chart.path}.prov`,
    `Archive: ${chart.path}`,
    `Digest: sha256:${digest}`,
    'Chart: inspected 0.1.0',
    `Signed File: inspected-0.1.0.tgz sha256:${digest}`,
    'Signed By: Test Publisher <publisher@charts.example>',
    `Fingerprint: ${fingerprint.toUpperCase()}`,
    'Key: Ed25519, created 2024-01-01T00:00:00Z, does not expire',
    `Key ID: ${fingerprint.slice(-16).toUpperCase()}`,
    `Found In: ${world.keyring}`,
    'Signed At: 2024-06-01T00:00:00Z',
    '',
    `  passed   archive-digest        the archive is the one that was signed: sha256:${digest}`,
    '  passed   archive-name          the provenance signs inspected-0.1.0.tgz and nothing else',
    `  passed   provenance-signature  signed by ${fingerprint} at 2024-06-01T00:00:00Z`,
    "  passed   signer-key            the signer's key was good at 2024-06-01T00:00:00Z, the signature's own time",
    '',
  ]);
});

test('a provenance alone is judged alone, and the archive is said not to have been looked at', async () => {
  const path = join(await world.subdirectory('alone'), 'inspected-0.1.0.tgz.prov');
  await copyFile(`${chart.path}.prov`, path);
  const { status, stdout } = await inspect(path);
  expect(stdout).toContain(`Provenance: ${path}\n`);
  expect(stdout).toMatch(/^ {2}skipped {2}archive-digest +the archive was not looked at$/m);
  expect(stdout).toMatch(/^ {2}skipped {2}archive-name +the archive was not looked at$/m);
  expect(stdout).toMatch(/^ {2}passed {3}provenance-signature /m);
  expect(status).toBe(0);
});

test('a signing subkey is shown beside its primary key', async () => {
  const signer = await createSigner({ subkey: {} });
  const { path, keyring } = await world.chart('by-subkey', signer);
  const { status, stdout } = await inspect(path, keyring);
  expect(stdout).toContain(`Fingerprint: ${signer.fingerprint.toUpperCase()}\n`);
  expect(stdout).toContain(`Signing Subkey: ${signer.signingFingerprint.toUpperCase()}\n`);
  expect(status).toBe(0);
});

describe('without a log, the key is judged at the time that the signature itself gives', () => {
  test('one that has expired since passes, with a warning about today', async () => {
    const { path, keyring } = await world.chart('expired', await createSigner({ expiresAfter: 365 * DAY }));
    const { status, stdout } = await inspect(path, keyring);
    expect(stdout).toMatch(/^Key: Ed25519, created 2024-01-01T00:00:00Z, expires 2024-12-31T00:00:00Z$/m);
    expect(stdout).toMatch(/^Warning: today the key would not be good \(.* expired on 2024-12-31T00:00:00Z/m);
    expect(status).toBe(0);
  });

  test('one that had expired before is rejected', async () => {
    const { path, keyring } = await world.chart('late', await createSigner({ expiresAfter: 100 * DAY }));
    const { status, stderr } = await inspect(path, keyring);
    expect(stderr).toMatch(
      /^Error: .*: signer-key: at 2024-06-01T00:00:00Z, the signature's own time: the key .* expired/,
    );
    expect(status).toBe(10);
  });

  test.each([
    { reason: 1, meaning: 'superseded since', status: 0 },
    { reason: 3, meaning: 'retired since', status: 0 },
    { reason: 2, meaning: 'compromised', status: 10 },
    { reason: 0, meaning: 'revoked without a reason', status: 10 },
  ])('one that was $meaning makes status $status', async ({ reason, status }) => {
    const revocations = [{ at: CHART_SIGNED + DAY, reason }];
    const certificate = await world.publisher.certificateWith({ revocations });
    const ran = await inspect(chart.path, await world.write('revoked.gpg', certificate));
    expect(ran.stdout).toMatch(/^Key Revoked: /m);
    expect(ran.status).toBe(status);
  });
});

describe('what a signature does not cover is rejected by inspect', () => {
  test('another archive', async () => {
    const path = join(await world.subdirectory('swapped'), 'inspected-0.1.0.tgz');
    await copyFile(`${chart.path}.prov`, `${path}.prov`);
    await writeFile(
      path,
      await chartArchive('inspected', '0.1.0', 'apiVersion: v1\nname: inspected\nversion: 0.1.0\n'),
    );
    const { status, stderr } = await inspect(path);
    expect(stderr).toMatch(
      /^Error: .*: archive-digest: .*: expected sha256:[0-9a-f]{64}, found sha256:[0-9a-f]{64}\nHint: /,
    );
    expect(status).toBe(10);
  });

  test('a changed text', async () => {
    const path = join(await world.subdirectory('changed'), 'inspected-0.1.0.tgz.prov');
    await writeFile(
      path,
      Buffer.from(chart.provenance).toString().replace('apiVersion: v2', 'apiVersion: v1'),
    );
    const { status, stderr } = await inspect(path);
    expect(stderr).toMatch(/^Error: .*: provenance-signature: .*changed after signing/);
    expect(status).toBe(10);
  });

  test('a signature that has expired', async () => {
    const directory = await world.subdirectory('short-lived');
    const { path } = await writeSignedChart(directory, world.publisher, { expiresAfter: DAY });
    const { status, stderr } = await inspect(path);
    expect(stderr).toMatch(
      /^Error: .*: provenance-signature: the signature expired on 2024-06-02T00:00:00Z\n/,
    );
    expect(status).toBe(10);
  });

  test('another signer than --fingerprint', async () => {
    const { status, stderr } = await inspect(chart.path, world.keyring, '--fingerprint', 'ab'.repeat(20));
    expect(stderr).toMatch(/^Error: .*: provenance-signature: the signer is not an acceptable one/);
    expect(status).toBe(10);
  });
});

test('inspect takes --as for an archive that was renamed', async () => {
  const path = join(await world.subdirectory('renamed'), 'download.tgz');
  await copyFile(chart.path, path);
  await copyFile(`${chart.path}.prov`, `${path}.prov`);
  expect(await inspect(path)).toMatchObject({ status: 10 });
  expect(await inspect(path, world.keyring, '--as', 'inspected-0.1.0.tgz')).toMatchObject({ status: 0 });
  await rm(path);
});

test('a Chart.yaml that says something else than the signed text is said, and is no rejection', async () => {
  const directory = await world.subdirectory('differing');
  const path = join(directory, 'inspected-0.1.0.tgz');
  const archive = await chartArchive('inspected', '0.1.0', 'name: inspected\nversion: 0.2.0\n');
  await writeFile(path, archive);
  await writeFile(`${path}.prov`, await world.publisher.sign('inspected', '0.1.0', archive));
  const { status, stdout } = await inspect(path);
  expect(stdout).toContain('Warning: Chart.yaml has the version 0.2.0, the signed text 0.1.0\n');
  expect(status).toBe(0);
});
