import { InputError, MalformedError } from '../errors.ts';
import { UnjudgedCertificateError } from '../openpgp/unjudged-certificate.ts';
import { ForeignFileError } from './foreign-file.ts';
import { scanKeyFile } from './key-file.ts';
import type { Ring } from './scan.ts';
import { byOwner } from './search.ts';

/** The bytes of a file of keys, and how to call it in messages. */
export interface KeyringSource {
  readonly place: string;
  readonly bytes: Uint8Array;
  /** The folder that the user named, if it is one file of several. */
  readonly folder?: string;
  /** Set for a file of `keys add`: the primary fingerprint of the one certificate that it must hold. */
  readonly holds?: string;
}

/**
 * Finds the certificates of a file. One of `keys add` counts for the key that it is named after, and for no other:
 * otherwise `keys remove` would not remove what counts.
 * @throws InputError naming the place if the file holds no OpenPGP keys, is damaged, or holds another key
 */
export function scanSource({ place, bytes, holds }: KeyringSource): Ring {
  if (holds === undefined) return naming(place, () => scanKeyFile(bytes));
  const scanOwn = (): Ring => {
    const ring = scanKeyFile(bytes);
    const owners = [...byOwner([ring]).keys()];
    if (owners.length === 1 && owners[0] === holds) return ring;
    throw new MalformedError(`expected the key ${holds}, found ${owners.join(', ') || 'none'}`);
  };
  return naming(
    place,
    scanOwn,
    `helm sigstore keys remove ${holds} removes the file; then add the key again`,
  );
}

/** Whether a file that was scanned held secret keys: then its bytes were overwritten. */
export function heldSecrets({ bytes }: KeyringSource): boolean {
  return bytes.every((octet) => octet === 0);
}

/**
 * Works on the bytes of a file of keys. If they are damaged, the error names the file.
 * @param remedy what to do about damage, where its kind says nothing else
 * @throws InputError in place of a MalformedError
 */
export function naming<T>(place: string, work: () => T, remedy?: string): T {
  try {
    return work();
  } catch (error) {
    const says = error instanceof ForeignFileError || error instanceof UnjudgedCertificateError;
    const hint = says ? error.hint : remedy;
    if (error instanceof MalformedError)
      throw new InputError(`cannot read the keys in ${place}: ${error.message}`, hint, { cause: error });
    throw error;
  }
}
