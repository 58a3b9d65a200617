import { appendFile, copyFile, mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sha256Hex } from '../../src/digest.ts';
import { readPackets, writePacket } from '../../src/openpgp/packets.ts';
import { CHECK_IDS } from '../../src/verification/openpgp-rekor.ts';
import { serveBefore } from '../support/front.ts';
import { createSigner } from '../support/signer.ts';
import { World } from '../support/world/world.ts';

let world: World;
let chart: Awaited<ReturnType<World['loggedChart']>>;

beforeAll(async () => {
  world = await World.open();
  chart = await world.loggedChart('verified');
});

afterAll(async () => {
  await world.close();
});

async function verify(...options: readonly string[]) {
  return await world.run(['verify', chart.path, ...world.knowing(), ...options]);
}

/** A copy of the chart under another name. */
async function renamed(): Promise<string> {
  const path = join(await mkdtemp(join(world.directory, 'renamed-')), 'download.tgz');
  await copyFile(chart.path, path);
  await copyFile(`${chart.path}.prov`, `${path}.prov`);
  return path;
}

test('verify prints the lines of the Go plugin to the byte, then who signed and when it was logged', async () => {
  const { status, stdout, stderr } = await verify();
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout.replace(/Logged At: [-0-9T:]+Z/, 'Logged At: TIME')).toMatch(
    [
      'Chart Verified Successfully From Helm entry:',
      '',
      `Rekor Server: ${world.log.url}`,
      'Rekor Index: 0',
      `Rekor UUID: ${chart.uuid}`,
      `Chart: ${chart.path}`,
      `Digest: sha256:${sha256Hex(chart.archive)}`,
      'Signed By: Test Publisher <publisher@charts.example>',
      `Fingerprint: ${world.publisher.fingerprint.toUpperCase()}`,
      'Logged At: TIME',
      'Checks: ',
    ].join('\n'),
  );
});

test('verify asks the log once', async () => {
  const front = await serveBefore(world.log);
  const home = await world.subdirectory('first-home');
  const argv = ['verify', chart.path, ...world.knowing(front)];
  expect(await world.run(argv, { home })).toMatchObject({ status: 0 });
  expect(front.seen.map(({ method, url }) => `${method} ${url}`)).toEqual([
    'POST /api/v1/log/entries/retrieve',
  ]);
});

describe('what the log says of a bad chart makes no difference', () => {
  const spoilt = async () => {
    const path = join(await mkdtemp(join(world.directory, 'spoilt-')), 'verified-0.1.0.tgz');
    await copyFile(chart.path, path);
    await copyFile(`${chart.path}.prov`, `${path}.prov`);
    await appendFile(path, 'x');
    return path;
  };

  test('not that it has it', async () => {
    expect(await world.run(['verify', await spoilt(), ...world.knowing()])).toMatchObject({
      status: 10,
      stderr: expect.stringContaining('the archive is not the one that was signed') as unknown,
    });
  });

  test('not that it does not answer, and nobody waits for it', async () => {
    const front = await serveBefore(world.log, {
      instead: { 'POST /api/v1/log/entries/retrieve': () => undefined },
    });
    expect(await world.run(['verify', await spoilt(), ...world.knowing(front)])).toMatchObject({
      status: 10,
      stderr: expect.stringContaining('the archive is not the one that was signed') as unknown,
    });
    // The run may have ended before what it asked arrives.
    expect(front.seen.length).toBeLessThanOrEqual(1);
  });
});

test('a signer whose subkey somebody else claims too is found, at the price of a request', async () => {
  const owner = await createSigner({ subkey: {} });
  const thief = await createSigner({ userIds: ['Thief <thief@charts.example>'] });
  const [subkey, binding] = [...readPackets(owner.certificate)].slice(-2).map(writePacket);
  const stolen = Buffer.concat([thief.certificate, subkey ?? Buffer.of(), binding ?? Buffer.of()]);
  const { path, keyring } = await world.chart('claimed', owner);
  const keyrings = ['--keyring', await world.write('thief.gpg', stolen), '--keyring', keyring];
  const argv = [path, ...world.trusting(), ...keyrings];
  expect(await world.run(['upload', '--no-evidence', ...argv])).toMatchObject({ status: 0 });
  const front = await serveBefore(world.log);
  const { status, stdout } = await world.run(['verify', path, ...world.trusting(front), ...keyrings]);
  expect({ status, stdout }).toMatchObject({
    status: 0,
    stdout: expect.stringContaining(owner.fingerprint.toUpperCase()) as unknown,
  });
  expect(front.seen.filter(({ url }) => url.endsWith('/entries/retrieve'))).toHaveLength(2);
});

test('a chart that was signed and never logged is status 4, with all checks where they are asked for', async () => {
  const { path } = await world.chart('unlogged');
  const { status, stdout, stderr } = await world.run(['verify', path, ...world.knowing()]);
  expect(status).toBe(4);
  expect(stdout).toMatch(
    /^Chart Not Verified: .*unlogged-0\.1\.0\.tgz\nDigest: sha256:[0-9a-f]{64}\n\n[0-9]+ checks: 3 passed, [0-9]+ skipped\n$/,
  );
  const all = CHECK_IDS.length;
  expect(stdout).toContain(`\n${all} checks: 3 passed, ${all - 3} skipped\n`);
  const verbose = await world.run(['verify', path, '--verbose', ...world.knowing()]);
  expect(verbose.stdout).toMatch(
    /^Chart Not Verified: .*\nDigest: .*\n\n {2}passed {3}archive-digest .*\n(?: {2}(?:passed|skipped) .*\n)+$/,
  );
  expect(verbose.stdout.match(/^ {2}(?:passed|skipped) /gm)).toHaveLength(all);
  expect(stderr).toMatch(
    /^Error: no entry for .* and its signature in http:.*\nHint: .*helm sigstore upload\n$/,
  );
});

test('an entry of somebody else for the same archive is named, and is not it', async () => {
  const other = await createSigner({ userIds: ['Other <other@charts.example>'] });
  const keyring = await world.write('other.gpg', other.certificate);
  const path = join(await world.subdirectory('by-other'), 'verified-0.1.0.tgz');
  await copyFile(chart.path, path);
  await world.write('by-other/verified-0.1.0.tgz.prov', await other.sign('verified', '0.1.0', chart.archive));
  const { status, stdout, stderr } = await world.run([
    ...['verify', path, ...world.trusting(), '--keyring', keyring],
  ]);
  expect(status).toBe(4);
  expect(stdout).toContain(`Other Entry: ${chart.uuid} (a helm entry with another signature)\n`);
  expect(stderr).toMatch(/^Error: no entry for .* \(one other entry names this archive\)\n/);
});

describe('a log without a trusted key', () => {
  test('is never believed, and not even asked', async () => {
    const front = await serveBefore(world.log);
    const options = ['--rekor-server', front.url, '--keyring', world.keyring];
    const { status, stdout, stderr } = await world.run(['verify', chart.path, ...options]);
    expect({ status, stdout }).toEqual({ status: 5, stdout: '' });
    expect(stderr).toBe(
      `Error: no key of the log ${front.url} is trusted, so its answers prove nothing\n` +
        `Hint: helm sigstore log pin ${front.url} shows its keys: pin them if its operator published these, or name a file with them: --rekor-public-key, or publicKeys in a policy\n`,
    );
    expect(front.seen).toEqual([]);
  });

  test('is believed on first use only when asked to, and the report says so', async () => {
    const options = ['--rekor-server', world.log.url, '--keyring', world.keyring];
    const argv = ['verify', chart.path, ...options];
    const { status, stdout } = await world.run([...argv, '--insecure-trust-on-first-use']);
    expect(stdout).toMatch(/^Chart Verified Successfully/);
    expect(stdout).toMatch(
      /^Warning: nobody vouches for the key of the log: it is the one that the log itself gave$/m,
    );
    expect(status).toBe(0);
    expect(await world.run(argv), 'the next run').toMatchObject({ status: 5, stdout: '' });
  });

  test('is not believed on first use when keys were given as well', async () => {
    const { status, stderr } = await verify('--insecure-trust-on-first-use');
    expect(status).toBe(2);
    expect(stderr).toMatch(/^Error: expected --insecure-trust-on-first-use or a file .*, found both\nHint: /);
  });
});

describe('--fingerprint', () => {
  test('of the signer lets the chart pass, in upper case and with blanks as well', async () => {
    const spelt = world.publisher.fingerprint.toUpperCase().replace(/.{4}/g, '$& ');
    expect(await verify('--fingerprint', spelt)).toMatchObject({ status: 0 });
  });

  test('of somebody else rejects the chart', async () => {
    const other = 'ab'.repeat(20);
    const { status, stdout, stderr } = await verify('--fingerprint', other);
    expect(status).toBe(10);
    expect(stdout).toMatch(/^Chart Not Verified: /);
    expect(stderr).toBe(
      `Error: ${chart.path}: provenance-signature: the signer is not an acceptable one: ` +
        `expected ${other}, found ${world.publisher.fingerprint}\n` +
        'Hint: if the publisher says, by another way than this chart, that this is their key, give it with --fingerprint\n',
    );
  });

  test('of one of several acceptable signers is enough', async () => {
    const options = ['--fingerprint', 'ab'.repeat(20), '--fingerprint', world.publisher.fingerprint];
    expect(await verify(...options)).toMatchObject({ status: 0 });
  });

  test.each([
    ['a short key ID', -8],
    ['a long key ID', -16],
  ])('refuses %s, which can be forged, before any work', async (_, from) => {
    const keyId = world.publisher.fingerprint.slice(from);
    const argv = ['verify', 'missing.tgz', ...world.knowing(), '--fingerprint', keyId];
    const { status, stdout, stderr } = await world.run(argv);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(
      /^Error: --fingerprint expects a full fingerprint .*, found the key ID [0-9a-f]+\nHint: /,
    );
  });
});

describe('an archive that was renamed', () => {
  test('is rejected, with the hint of --as', async () => {
    const path = await renamed();
    const { status, stderr } = await world.run(['verify', path, ...world.knowing()]);
    expect(status).toBe(10);
    expect(stderr).toBe(
      `Error: ${path}: archive-name: the provenance signs a file of another name: ` +
        'expected download.tgz, found verified-0.1.0.tgz\n' +
        'Hint: if the archive was renamed, give the name that was signed with --as NAME-VERSION.tgz\n',
    );
  });

  test('passes with --as and the name that was signed', async () => {
    const argv = ['verify', await renamed(), ...world.knowing(), '--as', 'verified-0.1.0.tgz'];
    expect(await world.run(argv)).toMatchObject({ status: 0 });
  });

  test('is rejected with --as and any other name', async () => {
    const argv = ['verify', chart.path, ...world.knowing(), '--as', 'verified-0.2.0.tgz'];
    expect(await world.run(argv)).toMatchObject({ status: 10 });
  });

  test('is one: --as with several charts is a usage error', async () => {
    const argv = ['verify', 'a.tgz', 'b.tgz', ...world.knowing(), '--as', 'c-0.1.0.tgz'];
    expect(await world.run(argv)).toEqual({
      status: 2,
      stdout: '',
      stderr: 'Error: --as names one file, but several charts were given\n',
    });
  });
});

test('--require-consistency makes the first sight of a log status 5', async () => {
  const home = await world.subdirectory('empty-home');
  const argv = ['verify', chart.path, ...world.knowing(), '--require-consistency'];
  const { status, stdout, stderr } = await world.run(argv, { home });
  expect(status).toBe(5);
  expect(stdout).toMatch(/^Chart Not Verified: /);
  expect(stderr).toMatch(/^Error: .*: consistency was required and is skipped: no checkpoint seen before\n/);
});
