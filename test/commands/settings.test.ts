import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { logKeyFromPem } from '../../src/tlog/log-key.ts';
import { newLogKeys } from '../support/log-keys.ts';
import { serveBefore } from '../support/front.ts';
import { createSigner } from '../support/signer.ts';
import { trustedRoot } from '../support/trusted-root.ts';
import { World } from '../support/world/world.ts';

let world: World;
let chart: Awaited<ReturnType<World['loggedChart']>>;
/** Files that hold the wrong keys, each well formed. */
let wrong: { keyring: string; logKey: string };

beforeAll(async () => {
  world = await World.open();
  chart = await world.loggedChart('set');
  const stranger = await createSigner();
  const otherLog = newLogKeys['P-256']().key.publicKey.export({ format: 'pem', type: 'spki' }).toString();
  wrong = {
    keyring: await world.write('stranger.gpg', stranger.certificate),
    logKey: await world.write('other-log.pem', otherLog),
  };
});

afterAll(async () => {
  await world.close();
});

/** Settings in variables, all of them right. */
function variables(): Record<string, string> {
  return {
    REKOR_SERVER: world.log.url,
    KEYRING: world.keyring,
    SIGSTORE_REKOR_PUBLIC_KEY: world.log.publicKeyPath,
  };
}

/** A `trusted_root.json` that names the log's key. */
async function rootFile(): Promise<string> {
  const key = logKeyFromPem(world.log.publicKeyPem);
  const { privateKey } = newLogKeys['P-256']();
  const logs = [{ url: world.log.url, keys: { key, privateKey }, validFor: { start: 1_700_000_000 } }];
  return await world.write('trusted_root.json', trustedRoot(logs));
}

async function verify(options: readonly string[], env: Readonly<Record<string, string>> = {}) {
  return await world.run(['verify', chart.path, ...options], { env });
}

/** The document of a run with `--output json`. */
async function documentOf(argv: readonly string[], env: Readonly<Record<string, string>>) {
  const { stdout } = await world.run([...argv, '--output', 'json'], { env });
  return JSON.parse(stdout) as { log: { url: string; trust: { kind: string; detail: string } } };
}

describe('variables', () => {
  test('are enough for everything: log, its key, keyring', async () => {
    expect(await verify([], variables())).toMatchObject({ status: 0 });
  });

  test('may name a trusted root', async () => {
    const { REKOR_SERVER = '', KEYRING = '' } = variables();
    const env = { REKOR_SERVER, KEYRING, SIGSTORE_TRUSTED_ROOT: await rootFile() };
    expect(await verify([], env)).toMatchObject({ status: 0 });
  });

  test.each(['REKOR_SERVER', 'KEYRING', 'SIGSTORE_REKOR_PUBLIC_KEY'])(
    '%s is used, not ignored',
    async (name) => {
      const { status, stderr } = await verify([], { ...variables(), [name]: '/nonexistent' });
      expect(status).toBe(name === 'REKOR_SERVER' ? 2 : 3);
      expect(stderr).toContain('/nonexistent');
    },
  );

  test('that contradict each other are a usage error', async () => {
    const { status, stderr } = await verify([], { ...variables(), SIGSTORE_TRUSTED_ROOT: await rootFile() });
    expect(status).toBe(2);
    expect(stderr).toMatch(
      /^Error: expected SIGSTORE_REKOR_PUBLIC_KEY or SIGSTORE_TRUSTED_ROOT, found both\n/,
    );
  });

  test('that a command does not use cannot spoil it', async () => {
    const env = { REKOR_SERVER: 'nonsense', SIGSTORE_REKOR_PUBLIC_KEY: '/nonexistent' };
    const argv = ['inspect', chart.path, '--keyring', world.keyring];
    expect(await world.run(argv, { env })).toMatchObject({ status: 0, stderr: '' });
  });
});

describe('an empty variable is unset', () => {
  test('REKOR_SERVER: the log is the public one, with the built-in keys', async () => {
    // The keyring does not have the signer, so no log is asked.
    const argv = ['verify', chart.path, '--keyring', wrong.keyring];
    const { log } = await documentOf(argv, { REKOR_SERVER: '' });
    expect(log.url).toBe('https://rekor.sigstore.dev');
    expect(log.trust.kind).toBe('built-in');
  });

  test('KEYRING: the keyring is that of GnuPG', async () => {
    const { status, stderr } = await verify(world.trusting(), { KEYRING: '' });
    expect(status).toBe(10);
    expect(stderr).toMatch(
      /^Error: .*: provenance-signature: the key that made the signature is not in the keyring/,
    );
  });

  test('SIGSTORE_REKOR_PUBLIC_KEY: no key of the log is trusted', async () => {
    expect(await verify([], { ...variables(), SIGSTORE_REKOR_PUBLIC_KEY: '' })).toMatchObject({ status: 5 });
  });

  test('SIGSTORE_TRUSTED_ROOT: it does not contradict the other one', async () => {
    expect(await verify([], { ...variables(), SIGSTORE_TRUSTED_ROOT: '' })).toMatchObject({ status: 0 });
  });
});

describe('an option beats its variable', () => {
  test.each([
    ['--rekor-server', { REKOR_SERVER: 'http://127.0.0.1:1' }],
    ['--keyring', { KEYRING: '/nonexistent' }],
    ['--rekor-public-key', { SIGSTORE_REKOR_PUBLIC_KEY: '/nonexistent' }],
    ['--rekor-public-key, over the variable of the other kind', { SIGSTORE_TRUSTED_ROOT: '/nonexistent' }],
  ])('%s', async (_, env) => {
    expect(await verify(world.knowing(), env)).toMatchObject({ status: 0 });
  });

  test('--public-key, over KEYRING', async () => {
    const options = [...world.trusting(), '--public-key', world.keyring];
    expect(await verify(options, { KEYRING: '/nonexistent' })).toMatchObject({ status: 0 });
  });

  test('--trusted-root, over SIGSTORE_REKOR_PUBLIC_KEY', async () => {
    const options = ['--trusted-root', await rootFile()];
    const env = { ...variables(), SIGSTORE_REKOR_PUBLIC_KEY: wrong.logKey };
    expect(await verify(options, env)).toMatchObject({ status: 0 });
  });
});

test('--rekor-public-key and --trusted-root together are a usage error', async () => {
  const { status, stderr } = await verify([...world.knowing(), '--trusted-root', await rootFile()]);
  expect(status).toBe(2);
  expect(stderr).toMatch(/^Error: expected --rekor-public-key or --trusted-root, found both\nHint: /);
});

test('the key of another log makes every entry fail log-key', async () => {
  const options = ['--rekor-server', world.log.url, '--rekor-public-key', wrong.logKey];
  const { status, stderr } = await verify([...options, '--keyring', world.keyring]);
  expect(status).toBe(10);
  expect(stderr).toMatch(
    /^Error: .*: log-key: .*: expected [0-9a-f]{64}, found [0-9a-f]{64}\nHint: .*--rekor-public-key/,
  );
});

test('keyrings add up: the signer may be in any of them', async () => {
  const keyrings = ['--keyring', wrong.keyring, '--public-key', world.keyring];
  expect(await verify([...world.trusting(), ...keyrings])).toMatchObject({ status: 0 });
});

describe('options of the Go plugin stand before the sub-command as well', () => {
  test('--rekor-server and --keyring', async () => {
    const before = ['--rekor-server', world.log.url, '--keyring', world.keyring];
    const argv = [...before, 'verify', chart.path, '--rekor-public-key', world.log.publicKeyPath];
    expect(await world.run(argv)).toMatchObject({ status: 0 });
  });

  test('--public-key, which is the query of a search', async () => {
    const argv = ['--public-key', world.keyring, 'search', ...world.trusting()];
    expect(await world.run(argv)).toMatchObject({ status: 0 });
  });

  test('--output json', async () => {
    const { status, stdout } = await world.run([
      '--output',
      'json',
      'verify',
      chart.path,
      ...world.knowing(),
    ]);
    expect({ status, document: JSON.parse(stdout) as unknown }).toMatchObject({
      status: 0,
      document: { status: 0 },
    });
  });

  test('and the one behind it wins', async () => {
    const argv = ['--rekor-server', 'http://127.0.0.1:1', 'verify', chart.path, ...world.knowing()];
    expect(await world.run(argv)).toMatchObject({ status: 0 });
  });
});

describe("GnuPG's own keyring is the default", () => {
  test.each([
    ['in GNUPGHOME', 'gnupg', (home: string) => ({ env: { GNUPGHOME: home } })],
    ['in .gnupg at home', 'somebody/.gnupg', (home: string) => ({ home: join(home, '..') })],
  ])('%s', async (_, folder, surroundings) => {
    const home = await world.subdirectory(folder);
    await copyFile(world.keyring, join(home, 'pubring.gpg'));
    const argv = ['verify', chart.path, ...world.trusting()];
    expect(await world.run(argv, surroundings(home))).toMatchObject({ status: 0 });
  });

  test('and not read when another one is given', async () => {
    const home = await world.subdirectory('broken-gnupg');
    await world.write('broken-gnupg/pubring.gpg', 'garbage');
    const env = { GNUPGHOME: home };
    expect(await verify(world.trusting(), env)).toMatchObject({ status: 3 });
    expect(await verify(world.knowing(), env)).toMatchObject({ status: 0 });
  });
});

describe('the address of the log', () => {
  test('may have a path prefix, which is in every address that is shown', async () => {
    const front = await serveBefore(world.log, { prefix: '/some/rekor' });
    const { status, stdout } = await world.run(['upload', chart.path, ...world.knowing(front)]);
    expect(stdout).toContain(`available at: ${front.url}/api/v1/log/entries/${chart.uuid}\n`);
    expect(status).toBe(0);
    for (const command of ['verify', 'search'])
      expect(
        await world.run([
          command,
          chart.path,
          ...(command === 'verify' ? world.knowing(front) : world.trusting(front)),
        ]),
      ).toMatchObject({
        status: 0,
        stdout: expect.stringContaining(`\nRekor Server: ${front.url}\n`) as string,
      });
  });

  test('may end in a slash, which is not shown', async () => {
    const { status, stdout } = await verify(world.knowing({ url: `${world.log.url}/` }));
    expect(stdout).toContain(`\nRekor Server: ${world.log.url}\n`);
    expect(status).toBe(0);
  });
});
