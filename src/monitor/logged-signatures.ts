import * as z from '../zod.ts';
import { decodeBase64, decodeHex, decodeUtf8, encodeHex } from '../encoding.ts';
import { MalformedError } from '../errors.ts';
import { derOfPem } from '../pem.ts';
import { checkShape, lateSchema } from '../shape.ts';
import { parseStrictJson } from '../strict-json.ts';

/** What an entry of a log is about: the digest of an archive, of other signed bytes, or of the payload of an envelope. */
export interface LoggedDigest {
  readonly kind: 'archive' | 'digest' | 'payload';
  readonly algorithm: 'sha256' | 'sha384' | 'sha512';
  /** In hexadecimal. */
  readonly hex: string;
}

/** Whose key made a signature, DER. */
interface LoggedVerifier {
  readonly kind: 'certificate' | 'key';
  readonly der: Uint8Array;
}

/** What an entry of signatures says. */
export interface LoggedSignatures {
  readonly kind: string;
  readonly version: string;
  readonly signed: LoggedDigest;
  /** Of each of the signatures that could be read. */
  readonly verifiers: readonly LoggedVerifier[];
}

const text = lateSchema(() => z.string());
const list = <Item extends z.ZodMiniType>(item: Item) =>
  z.array(item).check(z.maxLength(MOST_SIGNATURES, `at most ${MOST_SIGNATURES} signatures`));
/** A body of 64 KiB, the longest in a tile, has fewer. */
const MOST_SIGNATURES = 1000;

const hash = lateSchema(() =>
  z.looseObject({
    algorithm: z.union([z.literal('sha256'), z.literal('sha384'), z.literal('sha512')]),
    value: text(),
  }),
);
const newHash = lateSchema(() =>
  z.looseObject({
    algorithm: z.union([z.literal('SHA2_256'), z.literal('SHA2_384'), z.literal('SHA2_512')]),
    digest: text(),
  }),
);
const newSignature = lateSchema(() => {
  const bytes = z.optional(z.looseObject({ rawBytes: text() }));
  return z.looseObject({ verifier: z.looseObject({ x509Certificate: bytes, publicKey: bytes }) });
});
const schemas = {
  'hashedrekord 0.0.1': lateSchema(() =>
    z.looseObject({
      data: z.looseObject({ hash: hash() }),
      signature: z.looseObject({ publicKey: z.looseObject({ content: text() }) }),
    }),
  ),
  'hashedrekord 0.0.2': lateSchema(() =>
    z.looseObject({ hashedRekordV002: z.looseObject({ data: newHash(), signature: newSignature() }) }),
  ),
  'dsse 0.0.1': lateSchema(() =>
    z.looseObject({ payloadHash: hash(), signatures: list(z.looseObject({ verifier: text() })) }),
  ),
  'dsse 0.0.2': lateSchema(() =>
    z.looseObject({ dsseV002: z.looseObject({ payloadHash: newHash(), signatures: list(newSignature()) }) }),
  ),
  'intoto 0.0.1': lateSchema(() =>
    z.looseObject({ content: z.looseObject({ payloadHash: hash() }), publicKey: text() }),
  ),
  'intoto 0.0.2': lateSchema(() =>
    z.looseObject({
      content: z.looseObject({
        payloadHash: hash(),
        envelope: z.looseObject({ signatures: list(z.looseObject({ publicKey: text() })) }),
      }),
    }),
  ),
};
const bodySchema = lateSchema(() =>
  z.looseObject({ apiVersion: text(), kind: text(), spec: z.looseObject({}) }),
);

/**
 * What the body of an entry says of signatures, more of them than a verification accepts: what other tools believe concerns
 * the owner of a key as well. Undefined: it is an entry of another kind.
 * @throws MalformedError if it is malformed
 */
export function loggedSignatures(body: Uint8Array): LoggedSignatures | undefined {
  const { kind, apiVersion: version, spec } = checkShape(bodySchema(), parseStrictJson(body));
  const about = { kind, version };
  switch (`${kind} ${version}`) {
    case 'hashedrekord 0.0.1': {
      const { data, signature } = checkShape(schemas['hashedrekord 0.0.1'](), spec);
      return { ...about, signed: digestIn(data.hash), verifiers: ofPem([signature.publicKey.content]) };
    }
    case 'hashedrekord 0.0.2': {
      const { data, signature } = checkShape(schemas['hashedrekord 0.0.2'](), spec).hashedRekordV002;
      return { ...about, signed: newDigestIn(data, 'digest'), verifiers: ofBytes([signature]) };
    }
    case 'dsse 0.0.1': {
      const { payloadHash, signatures } = checkShape(schemas['dsse 0.0.1'](), spec);
      const verifiers = ofPem(signatures.map(({ verifier }) => verifier));
      return { ...about, signed: digestIn(payloadHash, 'payload'), verifiers };
    }
    case 'dsse 0.0.2': {
      const { payloadHash, signatures } = checkShape(schemas['dsse 0.0.2'](), spec).dsseV002;
      return { ...about, signed: newDigestIn(payloadHash, 'payload'), verifiers: ofBytes(signatures) };
    }
    case 'intoto 0.0.1': {
      const { content, publicKey } = checkShape(schemas['intoto 0.0.1'](), spec);
      return { ...about, signed: digestIn(content.payloadHash, 'payload'), verifiers: ofPem([publicKey]) };
    }
    case 'intoto 0.0.2': {
      const { payloadHash, envelope } = checkShape(schemas['intoto 0.0.2'](), spec).content;
      const verifiers = ofPem(envelope.signatures.map(({ publicKey }) => publicKey));
      return { ...about, signed: digestIn(payloadHash, 'payload'), verifiers };
    }
    default:
      return undefined;
  }
}

const ALGORITHMS = { SHA2_256: 'sha256', SHA2_384: 'sha384', SHA2_512: 'sha512' } as const;

function digestIn(
  { algorithm, value }: { algorithm: LoggedDigest['algorithm']; value: string },
  kind: LoggedDigest['kind'] = 'digest',
): LoggedDigest {
  return digestOf(kind, algorithm, decodeHex(value));
}

function newDigestIn(
  { algorithm, digest }: { algorithm: keyof typeof ALGORITHMS; digest: string },
  kind: LoggedDigest['kind'],
): LoggedDigest {
  return digestOf(kind, ALGORITHMS[algorithm], decodeBase64(digest));
}

/** @throws MalformedError if the digest has a wrong length: no signature can be over it */
function digestOf(
  kind: LoggedDigest['kind'],
  algorithm: LoggedDigest['algorithm'],
  value: Uint8Array,
): LoggedDigest {
  if (value.length * 8 !== Number(algorithm.slice('sha'.length)))
    throw new MalformedError(`expected a digest of ${algorithm}, found ${value.length} bytes`);
  return { kind, algorithm, hex: encodeHex(value) };
}

/** As Rekor v2 writes it. */
interface SignatureByBytes {
  readonly verifier: {
    readonly x509Certificate?: { readonly rawBytes: string } | undefined;
    readonly publicKey?: { readonly rawBytes: string } | undefined;
  };
}

function ofBytes(signatures: readonly SignatureByBytes[]): LoggedVerifier[] {
  return signatures.flatMap(({ verifier: { x509Certificate, publicKey } }) => [
    ...readable(
      () => x509Certificate && { kind: 'certificate', der: decodeBase64(x509Certificate.rawBytes) },
    ),
    ...readable(() => publicKey && { kind: 'key', der: decodeBase64(publicKey.rawBytes) }),
  ]);
}

/** Of PEM in base64; in a chain the certificate of the signer is the first. */
function ofPem(encoded: readonly string[]): LoggedVerifier[] {
  return encoded.flatMap((each) =>
    readable(() => {
      const pem = decodeUtf8(decodeBase64(each)).trim();
      const kind = pem.startsWith('-----BEGIN CERTIFICATE-----') ? 'certificate' : 'key';
      const label = kind === 'certificate' ? 'CERTIFICATE' : 'PUBLIC KEY';
      const end = `-----END ${label}-----`;
      const length = pem.indexOf(end);
      return { kind, der: derOfPem(length < 0 ? pem : pem.slice(0, length + end.length), label) };
    }),
  );
}

/** None where it cannot be read: another signature of the entry may be. */
function readable(read: () => LoggedVerifier | undefined): LoggedVerifier[] {
  try {
    const found = read();
    return found ? [found] : [];
  } catch (error) {
    if (error instanceof MalformedError) return [];
    throw error;
  }
}
