import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GnupgHome, gnupg, processesWith, type GpgKey } from '../support/gnupg.ts';
import { manyCertificates } from '../support/many-certificates.ts';
import { runProgram } from '../support/program.ts';
import { createSigner, DAY, KEY_CREATED } from '../support/signer.ts';

const title = `keyrings of the GnuPG ${gnupg ?? ''} of this machine (needs gpg)`;

describe.skipIf(gnupg === undefined)(title, () => {
  let home: GnupgHome;
  let gpgMade: string;
  /** What gpg says of the keys in its keybox. */
  let listed: GpgKey[];

  beforeAll(async () => {
    home = await GnupgHome.create();
    await home.import(await file('others.gpg', Buffer.concat(await certificates())));
    gpgMade = await makeKeyWithGpg(home);
    const [doomed] = manyCertificates(1);
    await home.import(await file('doomed.gpg', doomed ?? expect.fail('no certificate')));
    const before = await home.list();
    const { fingerprint } = before.find(({ userIds }) => userIds.includes('key 0')) ?? expect.fail('no key');
    await home.gpg(['--no-autostart', '--delete-keys', fingerprint]);
    listed = sorted(await home.list());
    expect(listed.length).toBe(before.length - 1);
  }, 180_000);

  afterAll(async () => {
    await home.remove();
    expect(await processesWith(home.path)).toEqual([]);
  });

  it('the comparison is about keys of many kinds', () => {
    expect(new Set(listed.map(({ algorithm }) => algorithm))).toEqual(
      new Set(['Ed25519', 'ECDSA P-256', 'RSA 2048']),
    );
    const kinds = {
      expiring: listed.filter(({ expires }) => expires !== undefined),
      revoked: listed.filter(({ isRevoked }) => isRevoked),
      subkey: listed.filter(({ signingSubkeys }) => signingSubkeys.length > 0),
      certifying: listed.filter(({ maySign }) => !maySign),
      several: listed.filter(({ userIds }) => userIds.length > 1),
    };
    for (const keys of Object.values(kinds)) expect(keys.length).toBeGreaterThan(0);
  });

  it('the default: a keybox from which a key was deleted is listed as gpg lists it', async () => {
    expect(await ourList([], { GNUPGHOME: home.path })).toEqual(listed);
  });

  it.each<[string, () => Promise<string>]>([
    ['keybox', () => Promise.resolve(join(home.path, 'pubring.kbx'))],
    ['binary keyring', async () => file('export.gpg', await home.gpg(['--no-autostart', '--export']))],
    [
      'file of armored keys',
      async () => file('export.asc', await home.gpg(['--no-autostart', '--armor', '--export'])),
    ],
    [
      'file with an armored block for each key, text between, CRLF and a byte order mark',
      async () => {
        const blocks = listed.map(({ fingerprint }) =>
          home.gpg(['--no-autostart', '--armor', '--export', fingerprint]),
        );
        const text = (await Promise.all(blocks))
          .map((block, index) => `Key ${index}:\n${block.toString()}`)
          .join('\n');
        return await file('blocks.asc', Buffer.from(`\ufeff${text.replaceAll('\n', '\r\n')}`));
      },
    ],
    [
      'keyring of the old kind, with trust packets',
      async () => {
        const ring = join(home.path, 'old.gpg');
        const all = await file('all.gpg', await home.gpg(['--no-autostart', '--export']));
        await home.import(all, ['--no-default-keyring', '--keyring', `gnupg-ring:${ring}`]);
        return ring;
      },
    ],
    [
      'folder with a file for each key',
      async () => {
        const folder = join(home.path, 'folder');
        await mkdir(folder);
        for (const [index, { fingerprint }] of listed.entries())
          await home.gpg([
            '--no-autostart',
            '--output',
            join(folder, `${index}.key`),
            '--export',
            fingerprint,
          ]);
        return folder;
      },
    ],
    [
      'folder of the layout pgp.cert.d',
      async () => {
        const folder = join(home.path, 'cert.d');
        for (const { fingerprint } of listed) {
          const shelf = join(folder, fingerprint.slice(0, 2));
          await mkdir(shelf, { recursive: true });
          const path = join(shelf, fingerprint.slice(2));
          await home.gpg(['--no-autostart', '--output', path, '--export', fingerprint]);
        }
        return folder;
      },
    ],
    [
      'home of GnuPG, given as a folder',
      async () => {
        const folder = join(home.path, 'copy');
        await mkdir(folder);
        for (const name of ['pubring.kbx', 'pubring.kbx~', 'trustdb.gpg'])
          await cp(join(home.path, name), join(folder, name));
        return folder;
      },
    ],
  ])('a %s is listed as gpg lists it', async (_, make) => {
    const path = await make();
    expect(await ourList(['--keyring', path])).toEqual(listed);
  });

  it('of a secret keyring the public part is listed as gpg lists it', async () => {
    const secrets = await home.gpgWithSecrets(['--export-secret-keys']);
    const expected = listed.filter(({ fingerprint }) => fingerprint === gpgMade);
    expect(await ourList(['--keyring', await file('secret.gpg', secrets)])).toEqual(expected);
  });

  it('a revocation certificate that gpg put aside counts once it is named as well', async () => {
    const path = join(home.path, 'openpgp-revocs.d', `${gpgMade.toUpperCase()}.rev`);
    const kbx = join(home.path, 'pubring.kbx');
    // gpg puts a colon before the armor, so that nobody revokes by accident.
    const revocation = (await readFile(path, 'utf8')).replace(':-----BEGIN', '-----BEGIN');
    const revoked = await file('revoked.asc', Buffer.from(revocation));
    const isRevoked = async (...paths: string[]): Promise<boolean | undefined> =>
      (await ourList(paths.flatMap((keyring) => ['--keyring', keyring]))).find(
        ({ fingerprint }) => fingerprint === gpgMade,
      )?.isRevoked;
    expect(await isRevoked(kbx)).toBe(false);
    expect(await isRevoked(kbx, revoked)).toBe(true);
    expect(await isRevoked(revoked, kbx)).toBe(true);
  });

  it('what only gpg can read is read through gpg, and no daemon is left', async () => {
    const store = await GnupgHome.create();
    try {
      await writeFile(join(store.path, 'common.conf'), 'use-keyboxd\n');
      await store.gpg([
        '--import',
        await file('for-keyboxd.gpg', await home.gpg(['--no-autostart', '--export'])),
      ]);
      const database = join(store.path, 'public-keys.d', 'pubring.db');
      // A gpg before 2.3 knows no keyboxd and keeps its keybox; then this file stands for the database.
      if (!(await readdir(store.path)).includes('public-keys.d')) {
        await mkdir(join(store.path, 'public-keys.d'));
        await writeFile(database, 'SQLite format 3\0');
      }
      await store.stop();
      expect(await processesWith(store.path)).toEqual([]);
      const env = { PATH: process.env['PATH'] ?? '' };
      const own = { ...env, GNUPGHOME: store.path };
      expect(await ourList(['--keyring', database], own)).toEqual(listed);
      expect(await ourList([], own)).toEqual(listed);
      expect(await processesWith(store.path)).toEqual([]);
    } finally {
      await store.remove();
    }
  });

  it('a keybox of a thousand keys is listed as gpg lists it', async () => {
    const large = await GnupgHome.create();
    try {
      await large.import(await file('many.gpg', Buffer.concat(manyCertificates(1000))));
      const expected = sorted(await large.list());
      expect(expected).toHaveLength(1000);
      expect(await ourList([], { GNUPGHOME: large.path })).toEqual(expected);
      expect(await processesWith(large.path)).toEqual([]);
    } finally {
      await large.remove();
    }
  }, 180_000);

  async function file(name: string, bytes: Uint8Array): Promise<string> {
    const path = join(home.path, name);
    await writeFile(path, bytes);
    return path;
  }
});

/** Certificates of many kinds, made by another library than gpg. */
async function certificates(): Promise<Uint8Array[]> {
  const revoked = await createSigner({ userIds: ['Revoked <revoked@keys.example>'] });
  const superseded = await createSigner({ userIds: ['Superseded <superseded@keys.example>'] });
  const renewed = await createSigner({ userIds: ['Renewed: twice <renewed@keys.example>'] });
  const signers = await Promise.all([
    createSigner({ userIds: ['Plain <plain@keys.example>'] }),
    createSigner({ userIds: ['Subkey <subkey@keys.example>'], subkey: { expiresAfter: 9000 * DAY } }),
    createSigner({ userIds: ['NIST <nist@keys.example>'], algorithm: 'p256', expiresAfter: 9000 * DAY }),
    createSigner({ userIds: ['RSA <rsa@keys.example>'], algorithm: 'rsa2048' }),
    createSigner({ userIds: ['Expired <expired@keys.example>'], expiresAfter: DAY }),
  ]);
  return [
    ...signers.map(({ certificate }) => certificate),
    await revoked.certificateWith({ revocations: [{ at: KEY_CREATED + DAY, reason: 2 }] }),
    await superseded.certificateWith({ revocations: [{ at: KEY_CREATED + DAY, reason: 1 }] }),
    await renewed.certificateWith({
      selfSignatures: [{ expiresAfter: DAY }, { at: KEY_CREATED + 2 * DAY, expiresAfter: 9000 * DAY }],
    }),
  ];
}

/** Makes a key with two signing user IDs, one more that is revoked, and a signing subkey; returns its fingerprint. */
async function makeKeyWithGpg(home: GnupgHome): Promise<string> {
  await home.gpgWithSecrets([
    '--quick-generate-key',
    'Made by gpg <gpg@keys.example>',
    'ed25519',
    'cert,sign',
    '5y',
  ]);
  const { fingerprint } =
    (await home.list()).find(({ userIds }) => userIds[0]?.startsWith('Made by gpg')) ?? expect.fail('no key');
  await home.gpgWithSecrets(['--quick-add-uid', fingerprint, 'Made by gpg <second@keys.example>']);
  await home.gpgWithSecrets(['--quick-add-uid', fingerprint, 'Made by gpg <third@keys.example>']);
  await home.gpgWithSecrets(['--quick-revoke-uid', fingerprint, 'Made by gpg <third@keys.example>']);
  await home.gpgWithSecrets(['--quick-add-key', fingerprint, 'ed25519', 'sign', '1y']);
  await home.gpgWithSecrets(['--quick-add-key', fingerprint, 'cv25519', 'encr']);
  return fingerprint;
}

/** Our own list, in gpg's terms and in the order of fingerprints. */
async function ourList(
  options: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<GpgKey[]> {
  const { status, stdout } = await runProgram(['keys', ...options, '--output', 'json'], { env });
  expect(status).toBe(0);
  const { keys } = JSON.parse(stdout) as { keys: readonly OurKey[] };
  const found = keys.map(({ keyId, userIds, subkeys, ...key }) => ({
    ...inTermsOfGpg(key),
    keyId,
    userIds,
    signingSubkeys: subkeys.map((subkey) => inTermsOfGpg({ ...subkey, maySign: true })),
  }));
  return sorted(found);
}

interface OurLife {
  readonly fingerprint: string;
  readonly algorithm: string;
  readonly created: string;
  readonly expires?: string;
  readonly revocations: readonly unknown[];
}

interface OurKey extends OurLife {
  readonly keyId: string;
  readonly userIds: readonly string[];
  readonly maySign: boolean;
  readonly subkeys: readonly OurLife[];
}

function inTermsOfGpg({
  fingerprint,
  algorithm,
  created,
  expires,
  revocations,
  maySign,
}: OurLife & { maySign: boolean }) {
  return {
    fingerprint,
    algorithm,
    created: seconds(created),
    expires: expires === undefined ? undefined : seconds(expires),
    isRevoked: revocations.length > 0,
    maySign,
  };
}

function seconds(time: string): number {
  return Date.parse(time) / 1000;
}

function sorted(keys: readonly GpgKey[]): GpgKey[] {
  return [...keys].sort((a, b) => (a.fingerprint < b.fingerprint ? -1 : 1));
}
