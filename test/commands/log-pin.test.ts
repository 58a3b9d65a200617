import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { logKeyFromPem } from '../../src/tlog/log-key.ts';
import { serveBefore } from '../support/front.ts';
import { World } from '../support/world/world.ts';

let world: World;
let chart: Awaited<ReturnType<World['loggedChart']>>;
let fingerprint: string;

beforeAll(async () => {
  world = await World.open();
  chart = await world.loggedChart('pinned');
  fingerprint = logKeyFromPem(world.log.publicKeyPem).logId;
});

beforeEach(async () => {
  await rm(join(world.user.home, '.config'), { recursive: true, force: true });
});

afterAll(async () => {
  await world.close();
});

async function pin(...options: readonly string[]) {
  return await world.run(['log', 'pin', world.log.url, ...options]);
}

/** Verifies without any option that would make the log trusted. */
async function verify(env: Readonly<Record<string, string>> = {}) {
  const options = ['--rekor-server', world.log.url, '--keyring', world.keyring];
  return await world.run(['verify', chart.path, ...options], { env });
}

describe('without --fingerprint', () => {
  test('the fingerprint of the log is shown and nothing is trusted', async () => {
    const { status, stdout, stderr } = await pin();
    expect(status).toBe(2);
    expect(stdout).toBe(
      `Nothing Pinned Yet: compare each fingerprint with what the operator of the log published\nRekor Server: ${world.log.url}\nFingerprint: ${fingerprint}\n`,
    );
    expect(stderr).toMatch(/^Error: nothing was pinned: --fingerprint is expected, found none\nHint: if /);
    expect(stderr).toContain(`helm sigstore log pin ${world.log.url} --fingerprint ${fingerprint}\n`);
    expect(await readdir(world.user.home)).not.toContain('.config');
    expect(await verify()).toMatchObject({ status: 5 });
  });
});

describe('with the fingerprint of the log', () => {
  test('the log is pinned, and verify believes it from then on', async () => {
    const pinned = await pin('--fingerprint', fingerprint);
    expect(pinned).toMatchObject({ status: 0, stderr: '' });
    expect(pinned.stdout).toMatch(
      new RegExp(
        `^Pinned Rekor Server: ${world.log.url}\\nFingerprint: ${fingerprint}\\nPin: /.*\\.json\\n$`,
      ),
    );
    const { status, stdout } = await verify();
    expect(stdout).toMatch(/^Chart Verified Successfully From Helm entry:\n/);
    expect(status).toBe(0);
  });

  test('it may be written with colons and in upper case', async () => {
    const spelt = fingerprint.toUpperCase().replace(/..(?=.)/g, '$&:');
    expect(await pin('--fingerprint', spelt)).toMatchObject({ status: 0 });
  });

  test('the pin is below HELM_CONFIG_HOME, and counts there only', async () => {
    const config = await world.subdirectory('config');
    const env = { HELM_CONFIG_HOME: config };
    const argv = ['log', 'pin', world.log.url, '--fingerprint', fingerprint];
    const { stdout } = await world.run(argv, { env });
    expect(stdout).toContain(`\nPin: ${join(config, 'sigstore')}`);
    expect(await verify(env)).toMatchObject({ status: 0 });
    expect(await verify()).toMatchObject({ status: 5 });
  });

  test('the pin is of this address and of no other', async () => {
    await pin('--fingerprint', fingerprint);
    const front = await serveBefore(world.log);
    const options = ['--rekor-server', front.url, '--keyring', world.keyring];
    expect(await world.run(['verify', chart.path, ...options])).toMatchObject({ status: 5 });
  });

  test('a directory that cannot be written makes status 3', async () => {
    const file = await world.write('a-file', 'not a directory');
    const argv = ['log', 'pin', world.log.url, '--fingerprint', fingerprint];
    const { status, stdout, stderr } = await world.run(argv, { env: { HELM_CONFIG_HOME: file } });
    expect({ status, stdout }).toEqual({ status: 3, stdout: '' });
    expect(stderr).toMatch(/^Error: cannot write the pin .*a-file/);
  });
});

test('another fingerprint than that of the log is rejected, and nothing is trusted', async () => {
  const { status, stdout, stderr } = await pin('--fingerprint', 'ab'.repeat(32));
  expect({ status, stdout }).toEqual({ status: 10, stdout: '' });
  expect(stderr).toBe(
    `Error: the keys of ${world.log.url} are not the expected ones: expected ${'ab'.repeat(32)}, found ${fingerprint}\n` +
      'Hint: nothing was pinned; ask the operator of the log\n',
  );
  expect(await readdir(world.user.home)).not.toContain('.config');
  expect(await verify()).toMatchObject({ status: 5 });
});

test('one expected fingerprint too many is rejected: all trees of a log must be the expected ones', async () => {
  const options = ['--fingerprint', fingerprint, '--fingerprint', 'ab'.repeat(32)];
  expect(await pin(...options)).toMatchObject({ status: 10, stdout: '' });
});

test('something else than a fingerprint is a usage error, before the log is asked', async () => {
  const front = await serveBefore(world.log);
  const argv = ['log', 'pin', front.url, '--fingerprint', fingerprint.slice(0, 40)];
  const { status, stderr } = await world.run(argv);
  expect(status).toBe(2);
  expect(stderr).toMatch(/^Error: --fingerprint expects the 64 hexadecimal digits of a log ID, found "/);
  expect(front.seen).toEqual([]);
});
