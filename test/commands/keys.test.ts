import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSigner, DAY, KEY_CREATED, type TestSigner } from '../support/signer.ts';
import { Workshop } from './workshop.ts';

let workshop: Workshop;
let signer: TestSigner;
beforeAll(async () => {
  workshop = await Workshop.open();
  signer = await createSigner({
    userIds: ['Other Publisher <other@charts.example>'],
    subkey: { expiresAfter: DAY },
  });
});
afterAll(async () => {
  await workshop.close();
});

describe('keys', () => {
  test('shows the places, and of each key what it is called, how long it lives and where it was found', async () => {
    const path = await workshop.write('other.asc', signer.armored);
    const { status, stdout, stderr } = await workshop.run([
      'keys',
      '--keyring',
      workshop.keyring,
      '--public-key',
      path,
    ]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout.split('\n')).toEqual([
      `Keyring: ${workshop.keyring} (1 key)`,
      `Keyring: ${path} (1 key)`,
      '',
      `Fingerprint: ${workshop.publisher.fingerprint.toUpperCase()}`,
      'User ID: Test Publisher <publisher@charts.example>',
      'Key: Ed25519, created 2024-01-01T00:00:00Z, does not expire',
      `Found In: ${workshop.keyring}`,
      '',
      `Fingerprint: ${signer.fingerprint.toUpperCase()}`,
      'User ID: Other Publisher <other@charts.example>',
      'Key: Ed25519, created 2024-01-01T00:00:00Z, does not expire',
      `Signing Subkey: ${signer.signingFingerprint.toUpperCase()}`,
      'Key: Ed25519, created 2024-01-01T00:00:00Z, expires 2024-01-02T00:00:00Z',
      `Found In: ${path}`,
      '',
    ]);
  });

  test('shows one certificate for all its copies, with a revocation that only one of them has', async () => {
    const revoked = await signer.certificateWith({ revocations: [{ at: KEY_CREATED + DAY, reason: 1 }] });
    const paths = [
      await workshop.write('copy.gpg', signer.certificate),
      await workshop.write('revoked.gpg', revoked),
    ];
    const { stdout } = await workshop.run(['keys', ...paths.flatMap((path) => ['--keyring', path])]);
    expect(stdout.match(/^Fingerprint: .*$/gm)).toEqual([`Fingerprint: ${signer.fingerprint.toUpperCase()}`]);
    expect(stdout).toMatch(/^Key Revoked: as superseded on 2024-01-02T00:00:00Z$/m);
    expect(stdout).toContain(`Found In: ${paths.join(', ')}\n`);
  });

  test('shows only the fingerprints that are asked for', async () => {
    const both = await workshop.write(
      'both.gpg',
      Buffer.concat([signer.certificate, workshop.publisher.certificate]),
    );
    const { stdout } = await workshop.run(['keys', '--keyring', both, '--fingerprint', signer.fingerprint]);
    expect(stdout.match(/^Fingerprint: .*$/gm)).toEqual([`Fingerprint: ${signer.fingerprint.toUpperCase()}`]);
  });

  test('says why a key is of no use', async () => {
    const unsigned = signer.certificate.subarray(0, 53);
    const broken = await workshop.run(['keys', '--keyring', await workshop.write('unsigned.gpg', unsigned)]);
    expect(broken.stdout).toContain(
      `Not Usable: the key ${signer.fingerprint} has no user ID with a valid self-signature\n`,
    );
    const certifier = await (await createSigner()).certificateWith({ selfSignatures: [{ flags: 0x01 }] });
    const idle = await workshop.run(['keys', '--keyring', await workshop.write('certifier.gpg', certifier)]);
    expect(idle.stdout).toContain('Not Usable: it has no key that may sign\n');
  });

  test('names a weak key, and the option that accepts it', async () => {
    const { certificate, fingerprint } = await createSigner({ algorithm: 'rsa1024' });
    const path = await workshop.write('weak.gpg', certificate);
    const weakness = `the key ${fingerprint} is RSA 1024, which is too weak`;
    const { stdout } = await workshop.run(['keys', '--keyring', path]);
    expect(stdout).toContain(`Not Accepted: ${weakness} (unless --insecure-allow-weak-keys is given)\n`);
    const accepted = await workshop.run(['keys', '--keyring', path, '--insecure-allow-weak-keys']);
    expect(accepted.stdout).toContain('Warning: weak keys are accepted: --insecure-allow-weak-keys\n');
    expect(accepted.stdout).toContain(`Accepted All The Same: ${weakness}\n`);
    const json = await workshop.run([
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
    expect(await workshop.run(['keys'])).toEqual({
      status: 0,
      stdout: `Keyring: ${join(workshop.home, '.gnupg')} (0 keys)\n`,
      stderr: '',
    });
    expect((await workshop.run(['keys'], { home: '' })).stdout).toBe('Keyring: none\n');
  });

  test('has the same as JSON', async () => {
    const path = await workshop.write('json.gpg', signer.certificate);
    const { status, stdout } = await workshop.run(['keys', '--keyring', path, '--output', 'json']);
    expect({ status, document: JSON.parse(stdout) as unknown }).toEqual({
      status: 0,
      document: {
        schema: 'helm-sigstore/1',
        status: 0,
        command: 'keys',
        places: [{ place: path, keys: 1 }],
        keys: [
          {
            fingerprint: signer.fingerprint,
            algorithm: 'Ed25519',
            created: '2024-01-01T00:00:00Z',
            revocations: [],
            keyId: signer.fingerprint.slice(-16),
            userIds: ['Other Publisher <other@charts.example>'],
            maySign: false,
            subkeys: [
              {
                fingerprint: signer.signingFingerprint,
                algorithm: 'Ed25519',
                created: '2024-01-01T00:00:00Z',
                expires: '2024-01-02T00:00:00Z',
                revocations: [],
              },
            ],
            place: path,
          },
        ],
      },
    });
  });
});
