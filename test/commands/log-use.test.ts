import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { logKeyFromPem } from '../../src/tlog/log-key.ts';
import { FakeTiledLog } from '../support/fake-tiled-log.ts';
import { serveBefore } from '../support/front.ts';
import { World } from '../support/world/world.ts';

const PUBLIC = 'https://rekor.sigstore.dev';

let world: World;
let chart: Awaited<ReturnType<World['loggedChart']>>;
let fingerprint: string;
let config: string;

beforeAll(async () => {
  world = await World.open();
  chart = await world.loggedChart('chosen');
  fingerprint = logKeyFromPem(world.log.publicKeyPem).logId;
  config = join(world.directory, 'config');
});

beforeEach(async () => {
  await rm(config, { recursive: true, force: true });
});

afterAll(async () => {
  await world.close();
});

/** Runs a command with the user's configuration, and no option or variable that names a log. */
async function run(argv: readonly string[], env: Readonly<Record<string, string>> = {}) {
  return await world.run(argv, { env: { HELM_CONFIG_HOME: config, ...env } });
}

async function use(url = world.log.url) {
  return await run(['log', 'use', url, '--fingerprint', fingerprint]);
}

/** The log that a run without options asks. */
async function usedLog(env: Readonly<Record<string, string>> = {}): Promise<string> {
  const { stdout } = await run(['trust', 'show', '--output', 'json'], env);
  const { log, errors } = JSON.parse(stdout) as { log?: { url: string }; errors?: { message: string }[] };
  return log?.url ?? errors?.[0]?.message ?? '';
}

const choice = () => join(config, 'sigstore', 'default-log.json');

describe('log use', () => {
  test('pins the log and makes it the one that verify and upload use', async () => {
    const chosen = await use();
    expect(chosen).toMatchObject({ status: 0, stderr: '' });
    expect(chosen.stdout).toMatch(
      new RegExp(
        `^Default Rekor Server: ${world.log.url}\\nFingerprint: ${fingerprint}\\nPin: .*\\.json\\nDefault: ${choice()}\\n$`,
      ),
    );
    expect(await run(['verify', chart.path, '--keyring', world.keyring])).toMatchObject({ status: 0 });
    const fresh = await world.chart('fresh');
    const uploaded = await run(['upload', fresh.path, '--keyring', world.keyring]);
    expect(uploaded.stderr).toContain(` on ${world.log.url}, for good`);
    expect(uploaded.status).toBe(0);
    const { stdout } = await run(['doctor', '--keyring', world.keyring]);
    expect(stdout).toMatch(new RegExp(`^ok +Default Log +${world.log.url} \\(chosen by log use\\)$`, 'm'));
  });

  test('run again changes nothing but the time of the pin', async () => {
    await use();
    const before = await readFile(choice(), 'utf8');
    expect(await use()).toMatchObject({ status: 0 });
    expect(await readFile(choice(), 'utf8')).toBe(before);
    expect(await readdir(join(config, 'sigstore'))).toEqual(['default-log.json', 'pins']);
  });

  test('without --fingerprint chooses a log that is pinned, and asks nobody', async () => {
    const front = await serveBefore(world.log);
    await run(['log', 'pin', front.url, '--fingerprint', fingerprint]);
    const asked = front.seen.length;
    expect(await run(['log', 'use', front.url])).toMatchObject({ status: 0 });
    expect(front.seen).toHaveLength(asked);
    expect(await usedLog()).toBe(front.url);
  });

  test('without --fingerprint chooses no other log: nothing is written', async () => {
    const { status, stdout, stderr } = await run(['log', 'use', world.log.url]);
    expect(status).toBe(2);
    expect(stdout).toMatch(/^Nothing Pinned Yet: compare each fingerprint /);
    expect(stderr).toContain(`helm sigstore log use ${world.log.url} --fingerprint ${fingerprint}\n`);
    expect(await readdir(world.directory)).not.toContain('config');
  });

  test('with a wrong, or one more, fingerprint is rejected: nothing is written', async () => {
    for (const wrong of [['ab'.repeat(32)], [fingerprint, 'ab'.repeat(32)]]) {
      const options = wrong.flatMap((hex) => ['--fingerprint', hex]);
      expect(await run(['log', 'use', world.log.url, ...options])).toMatchObject({
        status: 10,
        stdout: '',
      });
    }
    expect(await readdir(world.directory)).not.toContain('config');
  });

  test('a flag wins over REKOR_SERVER, that over the choice, and whoever chooses is told', async () => {
    const warned = await run(['log', 'use', world.log.url, '--fingerprint', fingerprint], {
      REKOR_SERVER: 'https://other.example.com',
    });
    expect(warned.stderr).toBe('Warning: REKOR_SERVER names another log, and wins\n');
    expect(await usedLog({ REKOR_SERVER: PUBLIC })).toBe(PUBLIC);
    const options = ['--rekor-server', PUBLIC, '--output', 'json'];
    expect((await run(['trust', 'show', ...options], { REKOR_SERVER: world.log.url })).stdout).toContain(
      PUBLIC,
    );
    expect(await usedLog({ REKOR_SERVER: '' })).toBe(world.log.url);
    const { stdout } = await run(['doctor', '--rekor-server', world.log.url, '--keyring', world.keyring]);
    expect(stdout).toContain(`(chosen by log use); --rekor-server names ${world.log.url} here\n`);
  });

  test.each([
    [['log', 'use', '--default']],
    [['log', 'use', PUBLIC]],
    [['log', 'use', 'HTTPS://REKOR.sigstore.dev:443/']],
  ])('%j is the way back, also from nothing', async (argv) => {
    await use();
    for (let times = 0; times < 2; times++)
      expect(await run(argv)).toEqual({ status: 0, stdout: `Default Rekor Server: ${PUBLIC}\n`, stderr: '' });
    expect(await usedLog()).toBe(PUBLIC);
    expect((await readdir(join(config, 'sigstore', 'pins'))).length).toBe(1);
  });

  test.each([
    [['log', 'use']],
    [['log', 'use', PUBLIC, '--default']],
    [['log', 'use', '--default', '--fingerprint', 'ab'.repeat(32)]],
  ])('%j is a usage error', async (argv) => {
    expect(await run(argv)).toMatchObject({ status: 2, stdout: '' });
  });

  test.each(['use', 'pin', 'unpin'])(
    'log %s neither stores nor prints credentials of a URL',
    async (command) => {
      const url = world.log.url.replace('//', '//ann:sesame@');
      const { status, stdout, stderr } = await run(['log', command, url]);
      expect(status).toBe(2);
      expect(stdout + stderr).not.toMatch(/sesame|ann:/);
      expect(await readdir(world.directory)).not.toContain('config');
    },
  );

  test('fails with 3 where it cannot write', async () => {
    const file = await world.write('no-directory', '');
    const env = { HELM_CONFIG_HOME: file };
    expect(await run(['log', 'use', world.log.url, '--fingerprint', fingerprint], env)).toMatchObject({
      status: 3,
    });
  });
});

describe('a choice that cannot be read', () => {
  test.each([
    ['empty', ''],
    ['cut', '{"url": "https://rek'],
    ['without a URL', '{}'],
    ['with something else than a URL', '{"url": "rekor"}'],
    ['with credentials', '{"url": "https://ann:sesame@rekor.example.com"}'],
  ])('%s, never becomes the public log: status 3, unless a log is named', async (_, content) => {
    await use();
    await writeFile(choice(), content);
    for (const command of ['verify', 'upload', 'search']) {
      const { status, stderr } = await run([command, chart.path]);
      expect({ command, status }).toEqual({ command, status: 3 });
      expect(stderr).toContain('Hint: choose again: helm sigstore log use URL');
      expect(stderr).not.toContain('sesame');
    }
    const named = ['verify', chart.path, '--keyring', world.keyring, '--rekor-server', world.log.url];
    expect(await run(named)).toMatchObject({ status: 0 });
    expect((await run(['doctor', '--keyring', world.keyring])).stdout).toMatch(/^failed +Default Log /m);
    expect(await run(['log', 'use', '--default'])).toMatchObject({ status: 0 });
    expect(await usedLog()).toBe(PUBLIC);
  });

  test('a directory in its place is status 3 as well', async () => {
    await mkdir(choice(), { recursive: true });
    expect(await run(['verify', chart.path])).toMatchObject({ status: 3 });
  });

  test('one that an editor saved in UTF-16 counts', async () => {
    await use();
    await writeFile(choice(), Buffer.from(`\ufeff${JSON.stringify({ url: world.log.url })}`, 'utf16le'));
    expect(await usedLog()).toBe(world.log.url);
  });
});

describe('log pins and log unpin', () => {
  test('list and remove pins, with the default', async () => {
    expect((await run(['log', 'pins'])).stdout).toBe(
      `Default Rekor Server: ${PUBLIC} (Sigstore's public log)\nPins: none\n`,
    );
    await use();
    const { stdout } = await run(['log', 'pins']);
    expect(stdout).toContain(`Default Rekor Server: ${world.log.url} (chosen by log use)\n\nRekor Server: `);
    expect(stdout).toContain(`\nFingerprint: ${fingerprint}\nPinned At: `);
    const json = await run(['log', 'pins', '--output', 'json']);
    expect(JSON.parse(json.stdout)).toMatchObject({
      default: world.log.url,
      pins: [{ url: world.log.url, keys: [{ logId: fingerprint }] }],
    });
    const removed = await run(['log', 'unpin', world.log.url]);
    expect(removed).toEqual({
      status: 0,
      stdout: `Unpinned Rekor Server: ${world.log.url}\nDefault Rekor Server: ${PUBLIC}\n`,
      stderr: `Warning: where no log is named, the public one is used again: ${PUBLIC}\n`,
    });
    expect(await usedLog()).toBe(PUBLIC);
    const again = await run(['log', 'unpin', world.log.url]);
    expect(again).toMatchObject({ status: 2, stdout: '' });
    expect(again.stderr).toContain('Hint: helm sigstore log pins lists');
  });

  test('a URL may be spelt otherwise: slash, case of the host, default port', async () => {
    const pinned = world.log.url;
    for (const spelt of [`${pinned}/`, pinned.replace('http:', 'HTTP:')]) {
      await use();
      expect(await run(['log', 'unpin', spelt])).toMatchObject({ status: 0 });
    }
  });

  test.each(['use', 'pin'])('a Rekor v2 is none to %s: that is said, and what to do', async (command) => {
    const log = await FakeTiledLog.start();
    const { status, stderr } = await run(['log', command, log.server.url]);
    expect(status).toBe(5);
    expect(stderr).toContain(`${log.server.url} is a Rekor v2: it gives no key that could be pinned`);
    expect(stderr).toContain('--trusted-root');
    await expect(readFile(choice())).rejects.toThrow(/ENOENT/);
  });

  test('unpin of another log leaves the default', async () => {
    await use();
    const front = await serveBefore(world.log);
    await run(['log', 'pin', front.url, '--fingerprint', fingerprint]);
    expect(await run(['log', 'unpin', front.url])).toMatchObject({ status: 0, stderr: '' });
    expect(await usedLog()).toBe(world.log.url);
  });

  test('a damaged pin is named with status 3, beside the good ones, and can be removed', async () => {
    await use();
    const pins = join(config, 'sigstore', 'pins');
    const [name = ''] = await readdir(pins);
    const good = await readFile(join(pins, name), 'utf8');
    await writeFile(join(pins, `rekor.example.com-${'0'.repeat(16)}.json`), good);
    const { status, stdout, stderr } = await run(['log', 'pins']);
    expect(status).toBe(3);
    expect(stdout).toContain(`\nRekor Server: ${world.log.url}\n`);
    expect(stderr).toMatch(/^Error: the pin .* is damaged: its file is not the one for /);
    await writeFile(join(pins, name), 'damaged');
    expect(await run(['log', 'unpin', world.log.url])).toMatchObject({ status: 0 });
  });
});
