import { createHash, createVerify, verify, type KeyObject } from 'node:crypto';
import { sha256, type Sha256 } from '../digest.ts';
import { preAuthEncoding } from '../dsse.ts';
import { encodeHex } from '../encoding.ts';
import type { SignatureFacts } from './library-verdict.ts';
import { type DigestAlgorithm, type DsseEnvelope, type SignedMessage } from './sigstore-bundle.ts';

/**
 * Tries the signature of a bundle over a file, which is read once, in pieces.
 * @param key whose signature it is said to be; it decides with which hash function (Sigstore's registry of algorithms)
 * @returns also the SHA-256 of the same bytes
 */
export async function trySignatureOver(
  chunks: AsyncIterable<Uint8Array>,
  { signature }: SignedMessage,
  key: KeyObject,
): Promise<{ readonly sha256: Sha256; readonly facts: SignatureFacts }> {
  const algorithm = hashOf(key);
  const file = createHash('sha256');
  const other = algorithm === undefined || algorithm === 'sha256' ? undefined : createHash(algorithm);
  const verifier = algorithm && createVerify(algorithm);
  for await (const chunk of chunks) {
    file.update(chunk);
    other?.update(chunk);
    verifier?.update(chunk);
  }
  const digest = file.digest();
  const facts = { key, digest: other?.digest() ?? digest };
  return {
    sha256: encodeHex(digest) as Sha256,
    facts: verifier
      ? { ...facts, holds: isTrue(() => verifier.verify(key, signature)) }
      : {
          ...facts,
          holds: false,
          untried: `signatures over files by keys of ${kindOf(key)} are not supported`,
        },
  };
}

/** Tries the signature of an envelope. @param key as for files */
export function tryEnvelope(envelope: DsseEnvelope, key: KeyObject): SignatureFacts {
  const signed = preAuthEncoding(envelope);
  const algorithm = hashOf(key);
  const payloadDigest = sha256(envelope.payload);
  const { signature } = envelope;
  if (algorithm !== undefined)
    return {
      key,
      digest: createHash(algorithm).update(signed).digest(),
      payloadDigest,
      holds: isTrue(() => verify(algorithm, signed, key, signature)),
    };
  const digest = sha256(signed);
  if (key.asymmetricKeyType === 'ed25519')
    return { key, digest, payloadDigest, holds: isTrue(() => verify(null, signed, key, signature)) };
  const untried = `signatures by keys of ${kindOf(key)} are not supported`;
  return { key, digest, payloadDigest, holds: false, untried };
}

const CURVES: Readonly<Partial<Record<string, DigestAlgorithm>>> = {
  prime256v1: 'sha256',
  secp384r1: 'sha384',
  secp521r1: 'sha512',
};

const MIN_RSA_BITS = 2048;

/** The hash function with which keys of this kind sign; undefined: none does. */
function hashOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): DigestAlgorithm | undefined {
  if (asymmetricKeyType === 'ec') return CURVES[asymmetricKeyDetails?.namedCurve ?? ''];
  const isLong = (asymmetricKeyDetails?.modulusLength ?? 0) >= MIN_RSA_BITS;
  return asymmetricKeyType === 'rsa' && isLong ? 'sha256' : undefined;
}

function kindOf({ asymmetricKeyType: type, asymmetricKeyDetails }: KeyObject): string {
  const { namedCurve, modulusLength } = asymmetricKeyDetails ?? {};
  return [type ?? 'an unknown kind', namedCurve ?? modulusLength]
    .filter((each) => each !== undefined)
    .join(' ');
}

/** Node throws where a signature or a key is malformed. */
function isTrue(tried: () => boolean): boolean {
  try {
    return tried();
  } catch {
    return false;
  }
}
