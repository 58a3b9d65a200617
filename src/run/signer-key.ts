import { createPublicKey, type KeyObject } from 'node:crypto';
import { sha256Hex } from '../digest.ts';
import { InputError, MalformedError, messageOf } from '../errors.ts';
import { readUserFile } from '../files/user-file.ts';
import { derOfPem } from '../pem.ts';
import { decodeUserText } from '../user-text.ts';

/**
 * The public key of a signer in a PEM file.
 * @param interrupted ends the waiting for a file that is a pipe
 * @throws InputError if it cannot be read, or is something else
 */
export async function readSignerKey(path: string, interrupted: AbortSignal): Promise<KeyObject> {
  const bytes = await readUserFile(path, { limit: KEY_LIMIT, interrupted });
  try {
    const der = derOfPem(decodeUserText(bytes), 'PUBLIC KEY');
    return createPublicKey({ key: Buffer.from(der), format: 'der', type: 'spki' });
  } catch (error) {
    const reason = error instanceof MalformedError ? error.message : `not a public key: ${messageOf(error)}`;
    throw new InputError(
      `${path}: ${reason}`,
      'name a PEM file "PUBLIC KEY", as cosign public-key prints it',
    );
  }
}

const KEY_LIMIT = 64 * 1024;

/** SHA-256 of the DER SubjectPublicKeyInfo, in hexadecimal. */
export function spkiDigest(key: KeyObject): string {
  return sha256Hex(key.export({ format: 'der', type: 'spki' }));
}
