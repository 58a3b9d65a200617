import { cut, encodeHex } from '../encoding.ts';
import { sha256Hex, type Sha256 } from '../digest.ts';
import { MalformedError } from '../errors.ts';
import { readSignatureEntry, type SignatureEntry } from '../rekor/signature-entry.ts';

/**
 * What an entry for a signature of Sigstore says. Its log checked that the key made the signature; who issued the certificate, nobody:
 * whoever logs an entry chooses what is in it.
 */
export interface FoundSignature {
  /** With the version: `hashedrekord 0.0.1`. */
  readonly kind: string;
  /** What the signature is over, or the payload of the envelope that it is over. */
  readonly signed: Pick<SignatureEntry['signed'], 'kind' | 'algorithm'> & { readonly hex: string };
  readonly signer: FoundKey;
}

/** The key that made a signature, and what a certificate says of it. */
interface FoundKey {
  /** SHA-256 of the DER SubjectPublicKeyInfo, or of a certificate that cannot be read. */
  readonly keyId: Sha256;
  /** Undefined: the entry has a key alone, or a certificate that cannot be read. */
  readonly certificate?: FoundCertificate;
}

interface FoundCertificate {
  /** Whose it is, and who vouched for that, as it says; cut to a length that people can read. */
  readonly identity: string;
  readonly issuer: string;
}

/** The signature that an entry is for; undefined: it is an entry of another kind. */
export async function readFoundSignature(body: Uint8Array): Promise<FoundSignature | undefined> {
  try {
    const { kind, version, signed, verifier } = readSignatureEntry(body);
    return {
      kind: `${kind} ${version}`,
      signed: { kind: signed.kind, algorithm: signed.algorithm, hex: encodeHex(signed.value) },
      signer: await foundKey(verifier),
    };
  } catch (thrown) {
    if (thrown instanceof MalformedError) return undefined;
    throw thrown;
  }
}

async function foundKey({ kind, der }: SignatureEntry['verifier']): Promise<FoundKey> {
  const keyId = sha256Hex(der);
  if (kind === 'key') return { keyId };
  const { readCertificate } = await import('../evidence/signing-certificate.ts');
  try {
    const { publicKey, identity, issuer } = readCertificate(der);
    return {
      keyId: sha256Hex(publicKey.export({ format: 'der', type: 'spki' })),
      certificate: { identity: cut(identity.value, MAX_NAME), issuer: cut(issuer, MAX_NAME) },
    };
  } catch (thrown) {
    if (thrown instanceof MalformedError) return { keyId };
    throw thrown;
  }
}

const MAX_NAME = 256;
