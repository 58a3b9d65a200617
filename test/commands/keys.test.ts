import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packetTag, writePacket } from '../../src/openpgp/packets.ts';
import { manyCertificates } from '../support/many-certificates.ts';
import { createSigner, DAY, KEY_CREATED, type TestSigner } from '../support/signer.ts';
import { World } from '../support/world/world.ts';

let world: World;
let signer: TestSigner;
beforeAll(async () => {
  world = await World.open();
  signer = await createSigner({
    userIds: ['Other Publisher <other@charts.example>'],
    subkey: { expiresAfter: DAY },
  });
});
afterAll(async () => {
  await world.close();
});

describe('keys', () => {
  test('shows the places, and of each key what it is called, how long it lives and where it was found', async () => {
    const path = await world.write('other.asc', signer.armored);
    const { status, stdout, stderr } = await world.run([
      'keys',
      '--keyring',
      world.keyring,
      '--public-key',
      path,
    ]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout.split('\n')).toEqual([
      `Keyring: ${world.keyring} (1 key)`,
      `Keyring: ${path} (1 key)`,
      '',
      `Fingerprint: ${world.publisher.fingerprint.toUpperCase()}`,
      'User ID: Test Publisher <publisher@charts.example>',
      'Key: Ed25519, created 2024-01-01T00:00:00Z, does not expire',
      `Found In: ${world.keyring}`,
      '',
      `Fingerprint: ${signer.fingerprint.toUpperCase()}`,
      'User ID: Other Publisher <other@charts.example>',
      'Key: Ed25519, created 2024-01-01T00:00:00Z, does not expire',
      'Cannot Sign Any More: what it signed before counts where a log proves that',
      `Signing Subkey: ${signer.signingFingerprint.toUpperCase()}`,
      'Key: Ed25519, created 2024-01-01T00:00:00Z, expires 2024-01-02T00:00:00Z',
      'Key Expired: on 2024-01-02T00:00:00Z',
      `Found In: ${path}`,
      '',
    ]);
  });

  test('names a certificate that is flooded, and goes on with the others', async () => {
    const userId = writePacket({ tag: packetTag.userId, body: Buffer.from('stranger <s@flood.example>') });
    const flooded = Buffer.concat([signer.certificate, ...Array.from({ length: 1001 }, () => userId)]);
    const ring = Buffer.concat([world.publisher.certificate, flooded, ...manyCertificates(3)]);
    const path = await world.write('ring.gpg', ring);
    const { status, stdout, stderr } = await world.run(['keys', '--keyring', path]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout.match(/^Fingerprint: /gm)).toHaveLength(5);
    expect(stdout.match(/^Not Usable: .*$/gm)).toEqual([
      expect.stringMatching(
        `^Not Usable: the key ${signer.fingerprint} has more than 1000 user IDs; anybody who `,
      ),
    ]);
    const { stdout: json } = await world.run(['keys', '--keyring', path, '--output', 'json']);
    const { keys } = JSON.parse(json) as {
      keys: { fingerprint: string; canSignNow: boolean; problem?: string }[];
    };
    expect(keys.filter(({ problem }) => problem !== undefined)).toMatchObject([
      { fingerprint: signer.fingerprint, canSignNow: false, userIds: [] },
    ]);
  });

  test('shows one certificate for all its copies, with a revocation that only one of them has', async () => {
    const revoked = await signer.certificateWith({ revocations: [{ at: KEY_CREATED + DAY, reason: 1 }] });
    const paths = [
      await world.write('copy.gpg', signer.certificate),
      await world.write('revoked.gpg', revoked),
    ];
    const { stdout } = await world.run(['keys', ...paths.flatMap((path) => ['--keyring', path])]);
    expect(stdout.match(/^Fingerprint: .*$/gm)).toEqual([`Fingerprint: ${signer.fingerprint.toUpperCase()}`]);
    expect(stdout).toMatch(/^Key Revoked: as superseded on 2024-01-02T00:00:00Z$/m);
    expect(stdout).toContain(`Found In: ${paths.join(', ')}\n`);
  });

  test.each([
    [0, 'Not Usable: it is revoked, whenever it signed', 'without a reason'],
    [2, 'Not Usable: it is revoked, whenever it signed', 'as compromised'],
    [3, 'Cannot Sign Any More: what it signed before counts', 'as no longer used'],
  ])('marks a key that was revoked with reason %i, with when and why', async (reason, mark, why) => {
    const owner = await createSigner();
    const revoked = await owner.certificateWith({ revocations: [{ at: KEY_CREATED + DAY, reason }] });
    const path = await world.write(`revoked-${reason}.gpg`, revoked);
    const { stdout } = await world.run(['keys', '--keyring', path]);
    expect(stdout).toContain(`Key Revoked: ${why} on 2024-01-02T00:00:00Z\n${mark}`);
    const json = await world.run(['keys', '--keyring', path, '--output', 'json']);
    expect(JSON.parse(json.stdout)).toMatchObject({
      keys: [
        { expired: false, revoked: true, canSignNow: false, revocations: [{ at: '2024-01-02T00:00:00Z' }] },
      ],
    });
  });

  test('marks a key as expired from the very second on, and no living one', async () => {
    const owner = await createSigner({ expiresAfter: DAY });
    const path = await world.write('short.gpg', owner.certificate);
    const at = async (now: number) => (await world.run(['keys', '--keyring', path], { now })).stdout;
    expect(await at(KEY_CREATED + DAY - 1)).not.toMatch(/Expired|Cannot|Not Usable/);
    expect(await at(KEY_CREATED + DAY)).toContain(
      'Key Expired: on 2024-01-02T00:00:00Z\nCannot Sign Any More: ',
    );
  });

  test('shows only the fingerprints that are asked for', async () => {
    const both = await world.write(
      'both.gpg',
      Buffer.concat([signer.certificate, world.publisher.certificate]),
    );
    const { stdout } = await world.run(['keys', '--keyring', both, '--fingerprint', signer.fingerprint]);
    expect(stdout.match(/^Fingerprint: .*$/gm)).toEqual([`Fingerprint: ${signer.fingerprint.toUpperCase()}`]);
  });

  test('says why a key is of no use', async () => {
    const unsigned = signer.certificate.subarray(0, 53);
    const broken = await world.run(['keys', '--keyring', await world.write('unsigned.gpg', unsigned)]);
    expect(broken.stdout).toContain(
      `Not Usable: the key ${signer.fingerprint} has no user ID; this copy of the key is not whole`,
    );
    const certifier = await (await createSigner()).certificateWith({ selfSignatures: [{ flags: 0x01 }] });
    const idle = await world.run(['keys', '--keyring', await world.write('certifier.gpg', certifier)]);
    expect(idle.stdout).toContain('Not Usable: it has no key that may sign\n');
  });

  test('names a weak key, and the option that accepts it', async () => {
    const { certificate, fingerprint } = await createSigner({ algorithm: 'rsa1024' });
    const path = await world.write('weak.gpg', certificate);
    const weakness = `the key ${fingerprint} is RSA 1024, which is too weak`;
    const { stdout } = await world.run(['keys', '--keyring', path]);
    expect(stdout).toContain(`Not Accepted: ${weakness} (unless --insecure-allow-weak-keys is given)\n`);
    const accepted = await world.run(['keys', '--keyring', path, '--insecure-allow-weak-keys']);
    expect(accepted.stdout).toContain('Warning: weak keys are accepted: --insecure-allow-weak-keys\n');
    expect(accepted.stdout).toContain(`Accepted All The Same: ${weakness}\n`);
    const json = await world.run([
      'keys',
      '--keyring',
      path,
      '--insecure-allow-weak-keys',
      '--output',
      'json',
    ]);
    expect(JSON.parse(json.stdout)).toMatchObject({
      insecure: ['--insecure-allow-weak-keys'],
      keys: [{ fingerprint, weakness }],
    });
  });

  test('says where it looked when there is nothing', async () => {
    expect(await world.run(['keys'])).toEqual({
      status: 0,
      stdout: `Keyring: ${join(world.user.home, '.gnupg')} (0 keys)\n`,
      stderr: '',
    });
    expect((await world.run(['keys'], { home: '' })).stdout).toBe('Keyring: none\n');
  });

  test('has the same as JSON', async () => {
    const path = await world.write('json.gpg', signer.certificate);
    const { status, stdout } = await world.run(['keys', '--keyring', path, '--output', 'json']);
    expect({ status, document: JSON.parse(stdout) as unknown }).toEqual({
      status: 0,
      document: {
        schema: 'helm-sigstore/2',
        status: 0,
        command: 'keys',
        places: [{ place: path, keys: 1 }],
        keys: [
          {
            fingerprint: signer.fingerprint,
            algorithm: 'Ed25519',
            created: '2024-01-01T00:00:00Z',
            revocations: [],
            expired: false,
            revoked: false,
            keyId: signer.fingerprint.slice(-16),
            userIds: ['Other Publisher <other@charts.example>'],
            maySign: false,
            canSignNow: false,
            subkeys: [
              {
                fingerprint: signer.signingFingerprint,
                algorithm: 'Ed25519',
                created: '2024-01-01T00:00:00Z',
                expires: '2024-01-02T00:00:00Z',
                revocations: [],
                expired: true,
                revoked: false,
              },
            ],
            place: path,
          },
        ],
      },
    });
  });
});
