import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runProgram } from '../support/program.ts';
import { createSigner, type SignerOptions } from '../support/signer.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

/** Inspects a provenance by a key of this algorithm, and shows the algorithm as the program names it. */
async function inspect(algorithm: NonNullable<SignerOptions['algorithm']>, ...options: readonly string[]) {
  const folder = await temporaryDirectory();
  const signer = await createSigner({ algorithm });
  const path = join(folder, 'hello-0.1.0.tgz.prov');
  const keyring = join(folder, 'key.asc');
  await writeFile(path, await signer.sign('hello', '0.1.0', '0'.repeat(64)));
  await writeFile(keyring, signer.armored);
  const { status, stdout } = await runProgram(['inspect', path, '--keyring', keyring, ...options]);
  return { status, key: /^Key: (.*), created/m.exec(stdout)?.[1] };
}

describe('a signature by a key of', () => {
  it.each([
    ['ed25519', 'Ed25519'],
    ['ed25519-new', 'Ed25519'],
    ['ed448', 'Ed448'],
    ['p256', 'ECDSA P-256'],
    ['p384', 'ECDSA P-384'],
    ['p521', 'ECDSA P-521'],
    ['brainpoolP256r1', 'ECDSA brainpoolP256r1'],
    ['rsa2048', 'RSA 2048'],
  ] as const)('%s counts', async (algorithm, key) => {
    expect(await inspect(algorithm)).toEqual({ status: 0, key });
  });

  it.each([
    ['secp256k1', 'ECDSA secp256k1'],
    ['rsa1024', 'RSA 1024'],
  ] as const)('%s counts for those who insist', async (algorithm, key) => {
    expect(await inspect(algorithm)).toEqual({ status: 10, key: undefined });
    expect(await inspect(algorithm, '--insecure-allow-weak-keys')).toEqual({ status: 0, key });
  });
});
