import { describe, expect, test } from 'vitest';
import { configFile, credentialsIn } from './asking.ts';

const HOST = 'registry.example:5000';
const base64 = (text: string) => Buffer.from(text).toString('base64');
const inAuths = (entry: unknown, host = HOST) => ({ auths: { [host]: entry } });

const find = async (...configs: (object | string)[]) => {
  const paths = await Promise.all(configs.map(configFile));
  return (await credentialsIn(paths).find(HOST))?.credential;
};

describe('the credentials of a registry', () => {
  test.each([
    [
      'a password',
      { auth: base64('ann:pass:word') },
      { kind: 'password', user: 'ann', password: 'pass:word' },
    ],
    [
      'a password with NULs behind it',
      { auth: base64('ann:pass\0\0') },
      { kind: 'password', user: 'ann', password: 'pass' },
    ],
    [
      'a password that is not ASCII',
      { auth: base64('änn:pässword') },
      { kind: 'password', user: 'änn', password: 'pässword' },
    ],
    [
      'a user and a password in plain',
      { username: 'ann', password: 'p' },
      { kind: 'password', user: 'ann', password: 'p' },
    ],
    ['an identity token', { auth: base64('ann:'), identitytoken: 't' }, { kind: 'identity', token: 't' }],
    ['a token of the registry', { registrytoken: 't' }, { kind: 'registry', token: 't' }],
    ['nothing', {}, undefined],
    ['null', null, undefined],
  ])('are read: %s', async (_, entry, credential) => {
    expect(await find(inAuths(entry))).toEqual(credential);
  });

  test('are those of the first file that has some, also if they are wrong', async () => {
    const [one, two] = [inAuths({ auth: base64('ann:1') }), inAuths({ auth: base64('ann:2') })];
    expect(await find(inAuths({}, 'other'), one, two)).toMatchObject({ password: '1' });
  });

  test('are looked for in every file that is there', async () => {
    const path = await configFile(inAuths({ auth: base64('ann:1') }));
    expect((await credentialsIn([`${path}.missing`, path]).find(HOST))?.place).toBe(path);
  });

  test.each(['https://registry.example:5000', 'http://registry.example:5000/v1/', 'registry.example:5000/'])(
    'are found under %s, as older tools wrote it',
    async (key) => {
      expect(await find(inAuths({ auth: base64('ann:1') }, key))).toMatchObject({ password: '1' });
    },
  );

  test.each([
    ['registry.example:443', 'registry.example', true],
    ['https://registry.example:443/v1/', 'registry.example', true],
    ['[::1]:443', '[::1]', true],
    ['registry.example:80', 'registry.example', false],
    ['registry.example:443', 'registry.example:8443', false],
    ['registry.example', 'registry.example:80', false],
  ])('of %s are those of %s: %j, as 443 is what is not written', async (key, host, isFound) => {
    const path = await configFile(inAuths({ auth: base64('ann:1') }, key));
    const found = await credentialsIn([path]).find(host);
    expect(found?.credential).toEqual(isFound ? { kind: 'password', user: 'ann', password: '1' } : undefined);
  });

  test('under the host alone count before those with the default port, in one file, and a file before the next', async () => {
    const both = {
      auths: { 'a.example:443': { auth: base64('ann:1') }, 'a.example': { auth: base64('ann:2') } },
    };
    const [first, second] = [
      await configFile(both),
      await configFile(inAuths({ auth: base64('ann:3') }, 'a.example')),
    ];
    const withPort = await configFile(inAuths({ auth: base64('ann:4') }, 'a.example:443'));
    const passwords = await Promise.all(
      [[first], [withPort, second]].map(
        async (paths) => (await credentialsIn(paths).find('a.example'))?.credential,
      ),
    );
    expect(passwords).toMatchObject([{ password: '2' }, { password: '4' }]);
  });

  test.each([
    'registry.example',
    'registry.example:500',
    'x.registry.example:5000',
    'registry.example:5000.evil.example',
    'https://evil.example/registry.example:5000',
    'evil.example#registry.example:5000',
    '__proto__',
    '',
  ])('are not those of %s', async (key) => {
    expect(await find(inAuths({ auth: base64('ann:1') }, key))).toBeUndefined();
  });

  test('of Docker Hub are under its old address', async () => {
    const path = await configFile(inAuths({ auth: base64('ann:1') }, 'https://index.docker.io/v1/'));
    for (const host of ['docker.io', 'index.docker.io', 'registry-1.docker.io'])
      expect(await credentialsIn([path]).find(host)).toMatchObject({ credential: { password: '1' } });
    expect(await credentialsIn([path]).find('docker.io.evil.example')).toBeUndefined();
  });

  test('are not those of a host with the name of a member of every object', async () => {
    const path = await configFile({ auths: {}, credHelpers: {} });
    for (const host of ['constructor', 'toString', '__proto__'])
      expect(await credentialsIn([path]).find(host)).toBeUndefined();
  });
});

describe('a file of credentials', () => {
  test.each([
    ['no JSON', 'secret {'],
    ['a list', '[]'],
    ['auths that are a text', { auths: 'secret' }],
    ['an entry that is a text', inAuths('secret')],
    ['auth that is no base64', inAuths({ auth: 'secret!' })],
    ['auth without a colon', inAuths({ auth: base64('secret') })],
    ['auth that is not UTF-8', inAuths({ auth: Buffer.of(0xff, 0x3a).toString('base64') })],
    ['a token that is a number', inAuths({ identitytoken: 1 })],
  ])('with %s is refused, and the message shows no secret', async (_, config) => {
    const failure = await find(config).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'INPUT', message: expect.stringContaining(HOST) as unknown });
    expect(String(failure)).not.toContain('secret');
  });

  test.each(['../../bin/sh', 'a/b', 'a b', 'a;b', '$(a)', '-x y', '', 'a\0b', 'ä'])(
    'with the helper %j is refused',
    async (name) => {
      const failure = find({ credHelpers: { [HOST]: name } });
      if (name === '') expect(await failure).toBeUndefined();
      else
        await expect(failure).rejects.toMatchObject({
          code: 'INPUT',
          message: expect.stringContaining('name of a credential helper') as unknown,
        });
    },
  );

  test('may be empty, and may begin with a byte order mark', async () => {
    expect(await find('', `\ufeff${JSON.stringify(inAuths({ auth: base64('ann:1') }))}`)).toMatchObject({
      user: 'ann',
    });
  });
});
