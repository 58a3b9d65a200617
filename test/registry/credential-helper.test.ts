import { chmod, readFile, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { askHelper } from '../../src/registry/credential-helper.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { configFile, credentialsIn } from './asking.ts';

const HOST = 'registry.example:5000';

/** An environment in which a helper is a shell script. */
async function withHelper(script: string, name = 'test') {
  const directory = await temporaryDirectory();
  const path = join(directory, `docker-credential-${name}`);
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
  return { directory, env: { PATH: `${directory}${delimiter}${process.env['PATH'] ?? ''}` } };
}

const ask = async (script: string, options: { time?: number; interrupted?: AbortSignal } = {}) => {
  const { env } = await withHelper(script);
  return await askHelper('test', HOST, { env, interrupted: new AbortController().signal, ...options });
};

const says = (user: string, secret: string) =>
  `echo '${JSON.stringify({ ServerURL: HOST, Username: user, Secret: secret })}'`;

describe('a credential helper', () => {
  test('is asked for the host, on standard input', async () => {
    const { directory, env } = await withHelper(
      `[ "$*" = get ] && cat > "$(dirname "$0")/asked" && ${says('ann', 'p')}`,
    );
    const found = await askHelper('test', HOST, { env, interrupted: new AbortController().signal });
    expect(found).toEqual({ kind: 'password', user: 'ann', password: 'p' });
    expect(await readFile(join(directory, 'asked'), 'utf8')).toBe(HOST);
  });

  test('gives an identity token for the user <token>', async () => {
    expect(await ask(says('<token>', 't'))).toEqual({ kind: 'identity', token: 't' });
  });

  test.each([
    ['on standard output', "echo 'credentials not found in native keychain'; exit 1"],
    ['on standard error', "echo 'credentials not found in native keychain' >&2; exit 1"],
    ['by an empty secret', says('', '')],
  ])('may have nothing, which it says %s', async (_, script) => {
    expect(await ask(script)).toBeUndefined();
  });

  test('that does not read what it is given is heard all the same', async () => {
    expect(await ask(`exec <&-; ${says('ann', 'p')}`)).toMatchObject({ user: 'ann' });
  });

  test.each([
    ['fails', 'echo locked >&2; exit 3', 'it ended with status 3 and said "locked"'],
    ['gives no JSON', 'echo secret', 'expected docker-credential-test to give a user and a secret in JSON'],
    ['gives something else', 'echo \'{"Secret":1}\'', 'a user and a secret in JSON'],
    ['writes without end', 'yes', 'it wrote more than 65536 bytes'],
    ['is killed', 'kill -9 $$', 'it could not be run'],
  ])('that %s ends the search', async (_, script, message) => {
    const failure = await ask(script).catch((error: unknown) => error);
    expect(failure).toMatchObject({
      code: 'UNCHECKED',
      message: expect.stringContaining(message) as unknown,
    });
    expect(String(failure)).not.toContain('found "secret');
  });

  test('that is missing is named', async () => {
    const failure = askHelper('missing', HOST, {
      env: { PATH: '/nonexistent' },
      interrupted: new AbortController().signal,
    });
    await expect(failure).rejects.toThrow(
      'docker-credential-missing gives nothing for registry.example:5000: there is no such program',
    );
  });

  test('that does not end is killed in time, also if it left a child behind that holds its output', async () => {
    const started = performance.now();
    await expect(ask('sleep 60 & sleep 60', { time: 300 })).rejects.toThrow('it did not end within 0.3 s');
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  test('is ended by an interruption', async () => {
    const user = new AbortController();
    setTimeout(() => {
      user.abort();
    }, 200);
    await expect(ask('sleep 60', { interrupted: user.signal })).rejects.toThrow('interrupted');
  });
});

describe('which helper is asked', () => {
  const from = async (config: object) => {
    const { env } = await withHelper(says('ann', 'of the helper'));
    return (await credentialsIn([await configFile(config)], env).find(HOST))?.credential;
  };
  const inFile = { auths: { [HOST]: { auth: Buffer.from('ann:of the file').toString('base64') } } };

  test('that of the host', async () => {
    expect(await from({ ...inFile, credHelpers: { [HOST]: 'test' }, credsStore: 'missing' })).toMatchObject({
      password: 'of the helper',
    });
  });

  test('that of all hosts, before what is in the file', async () => {
    expect(await from({ ...inFile, credHelpers: { other: 'missing' }, credsStore: 'test' })).toMatchObject({
      password: 'of the helper',
    });
  });

  test('none, where the file names none', async () => {
    expect(await from(inFile)).toMatchObject({ password: 'of the file' });
  });

  test('once in a run', async () => {
    const { directory, env } = await withHelper(`echo x >> "$(dirname "$0")/asked"; ${says('ann', 'p')}`);
    const credentials = credentialsIn([await configFile({ credsStore: 'test' })], env);
    for (let times = 0; times < 3; times++) await credentials.find(HOST);
    expect(await readFile(join(directory, 'asked'), 'utf8')).toBe('x\n');
  });
});
