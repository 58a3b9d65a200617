import { encodeUtf8 } from '../encoding.ts';
import { InputError, MalformedError } from '../errors.ts';
import { readKeyFile } from '../keyring/disk.ts';
import { derOfPem, pemOf } from '../pem.ts';
import type { SearchQuery } from '../rekor/search-query.ts';

/**
 * The search for a key in a file: of OpenPGP, or a PEM public key or certificate, as Sigstore has them.
 * @throws InputError if it cannot be read, is damaged, or holds a private key
 */
export async function queryByKeyFile(path: string, interrupted?: AbortSignal): Promise<SearchQuery> {
  const bytes = await readKeyFile(path, interrupted);
  const text = Buffer.from(bytes).toString('latin1');
  if (holdsPrivateKey(bytes, text))
    throw new InputError(
      `${path} holds a private key, which is sent to nobody`,
      'name the file of the public key',
    );
  const label = (['PUBLIC KEY', 'CERTIFICATE'] as const).find((each) =>
    text.trimStart().startsWith(`-----BEGIN ${each}-----`),
  );
  if (label === undefined) return { publicKey: bytes };
  try {
    return { x509: encodeUtf8(pemOf(derOfPem(text, label), label)) };
  } catch (thrown) {
    if (thrown instanceof MalformedError) throw new InputError(`${path}: ${thrown.message}`);
    throw thrown;
  }
}

/** In PEM or in an armor by its label; in OpenPGP's packets by the tag of the first one (RFC 9580, 4.2 and 5.5.1.3). */
function holdsPrivateKey([first = 0]: Uint8Array, text: string): boolean {
  const SECRET_KEY = 5;
  const tag = first >= 0xc0 ? first & 0x3f : first >= 0x80 ? (first >> 2) & 0xf : 0;
  return /PRIVATE KEY(?: BLOCK)?-----/.test(text) || tag === SECRET_KEY;
}
