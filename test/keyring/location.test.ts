import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openKeyring } from '../../src/keyring/keyring.ts';
import { InputError } from '../../src/errors.ts';
import { locateKeyrings, type KeyringSettings } from '../../src/keyring/location.ts';

let home: string;
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'keyrings-'));
  for (const folder of ['.gnupg', 'gnupghome', 'appdata/gnupg', 'nothing', 'keys'])
    mkdirSync(join(home, folder), { recursive: true });
  for (const file of [
    '.gnupg/pubring.gpg',
    '.gnupg/pubring.kbx',
    'gnupghome/pubring.kbx',
    'appdata/gnupg/pubring.gpg',
    'one.gpg',
    'two.asc',
  ])
    writeFileSync(join(home, file), file);
  writeFileSync(join(home, 'keys/binary.gpg'), Buffer.from('99000604', 'hex'));
  writeFileSync(join(home, 'keys/text.asc'), '-----BEGIN PGP PUBLIC KEY BLOCK-----');
  writeFileSync(join(home, 'empty.gpg'), '');
  writeFileSync(join(home, 'gnupghome/pubring.gpg'), '');
});
afterAll(() => {
  rmSync(home, { recursive: true });
});

describe('keys are looked for', () => {
  it.each<[string, (path: (name: string) => string) => Partial<KeyringSettings>, string[]]>([
    ['in the files of GnuPG', () => ({}), ['.gnupg/pubring.gpg', '.gnupg/pubring.kbx']],
    [
      'where GNUPGHOME says, and an empty file there does no harm',
      (path) => ({ env: { GNUPGHOME: path('gnupghome') } }),
      ['gnupghome/pubring.kbx'],
    ],
    [
      'in the folder of applications on Windows',
      (path) => ({ platform: 'win32', env: { APPDATA: path('appdata') } }),
      ['appdata/gnupg/pubring.gpg'],
    ],
    [
      'in the file that KEYRING names, and nowhere else',
      (path) => ({ keyrings: [path('one.gpg')] }),
      ['one.gpg'],
    ],
    [
      'in all files that are given, and nowhere else',
      (path) => ({
        keyrings: [path('one.gpg')],
        publicKeys: [path('two.asc')],
        env: { GNUPGHOME: path('gnupghome') },
      }),
      ['one.gpg', 'two.asc'],
    ],
    [
      'in the files of the folder that KEYRING names',
      (path) => ({ keyrings: [path('keys')] }),
      ['keys/binary.gpg', 'keys/text.asc'],
    ],
    [
      'once in a file that is named twice',
      (path) => ({ keyrings: [path('one.gpg'), path('keys/../one.gpg')], publicKeys: [path('one.gpg')] }),
      ['one.gpg'],
    ],
    ['nowhere when there is no home directory', () => ({ home: '' }), []],
  ])('%s', async (_, change, found) => {
    const sources = await locateKeyrings(settings(change((name) => join(home, name))));
    expect(sources.map(({ place }) => place)).toEqual(found.map((name) => join(home, name)));
    for (const { place, bytes } of sources) expect(Buffer.from(bytes)).toEqual(readFileSync(place));
  });
});

it.skipIf(process.platform === 'win32')(
  'gpg starts nothing for a folder that was named and has a configuration of its own (needs a Unix)',
  async () => {
    const folder = join(home, 'downloaded');
    mkdirSync(join(folder, 'public-keys.d'), { recursive: true });
    writeFileSync(join(folder, 'common.conf'), 'use-keyboxd\nkeyboxd-program /bin/false\n');
    writeFileSync(join(folder, 'public-keys.d', 'pubring.db'), 'SQLite format 3\0');
    writeFileSync(join(home, 'gpg'), `#!/bin/sh\necho "$*" >> '${join(home, 'calls')}'\nexit 2\n`, {
      mode: 0o755,
    });
    const env = { PATH: home, GNUPGHOME: join(home, 'gnupghome') };
    await expect(locateKeyrings(settings({ keyrings: [folder], env }))).rejects.toThrow(InputError);
    const calls = (): string[] => readFileSync(join(home, 'calls'), 'utf8').trimEnd().split('\n');
    expect(calls()).toEqual([expect.stringContaining('--no-autostart')]);
    // The user's own may, and is the same by whatever path it is named.
    const own = { PATH: home, GNUPGHOME: join(folder, '..', 'downloaded') };
    await expect(locateKeyrings(settings({ keyrings: [folder], env: own }))).rejects.toThrow(InputError);
    expect(calls()).toHaveLength(3);
  },
);

it('the database of a keyboxd that GnuPG does not use is refused: gpg would answer with other keys', async () => {
  const folder = join(home, 'unused', 'public-keys.d');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'pubring.db'), 'SQLite format 3\0');
  const sources = await locateKeyrings(settings({ keyrings: [join(folder, 'pubring.db')] }));
  expect(() => openKeyring(sources)).toThrow('found the database of a GnuPG keyboxd');
});

it('where GnuPG was never used, the message about a missing key can still say where it was looked for', async () => {
  const sources = await locateKeyrings(settings({ home: join(home, 'nothing') }));
  expect(openKeyring(sources).places).toEqual([{ place: join(home, 'nothing', '.gnupg'), keys: 0 }]);
});

describe('a file of keys that was named and cannot be used is an error that names it', () => {
  it.each([
    ['missing', 'missing.gpg', 'there is no such file'],
    ['empty', 'empty.gpg', 'is empty'],
    ['a folder without keys', 'nothing', 'holds no files of OpenPGP keys'],
  ])('%s', async (_, name, message) => {
    const path = join(home, name);
    for (const change of [{ keyrings: [path] }, { publicKeys: [path] }]) {
      const located = locateKeyrings(settings(change));
      await expect(located).rejects.toThrow(InputError);
      await expect(located).rejects.toThrow(path);
      await expect(located).rejects.toThrow(message);
    }
  });

  it('missing, with what to do about it', async () => {
    const located = locateKeyrings(settings({ keyrings: [join(home, 'missing.gpg')] }));
    await expect(located).rejects.toMatchObject({
      hint: expect.stringMatching(/--keyring, --public-key or KEYRING/) as string,
    });
  });
});

function settings(change: Partial<KeyringSettings>): KeyringSettings {
  return { keyrings: [], publicKeys: [], env: {}, home, platform: 'linux', ...change };
}
