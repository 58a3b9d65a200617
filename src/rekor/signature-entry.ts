import * as z from '../zod.ts';
import { decodeBase64, decodeHex, decodeUtf8, excerpt } from '../encoding.ts';
import { MalformedError } from '../errors.ts';
import { derOfPem } from '../pem.ts';
import { checkShape, lateSchema } from '../shape.ts';
import { parseStrictJson } from '../strict-json.ts';

/** What an entry of Rekor says of a signature, whatever its kind: what was signed, the signature, and by whom. */
export interface SignatureEntry {
  /** The digest of what the signature is over; or that of the payload of an envelope, which is signed with its type. */
  readonly signed: {
    readonly kind: 'digest' | 'payload';
    readonly algorithm: 'sha256' | 'sha384' | 'sha512';
    readonly value: Uint8Array;
  };
  readonly signature: Uint8Array;
  /** DER. */
  readonly verifier: { readonly kind: 'certificate' | 'key'; readonly der: Uint8Array };
}

const text = lateSchema(() => z.string());
const sha256Digest = lateSchema(() =>
  z.looseObject({
    algorithm: z.union([z.literal('sha256'), z.literal('sha384'), z.literal('sha512')]),
    value: text(),
  }),
);

/** Members that these schemas do not name are the log's to say: nothing is taken from them. */
const schemas = {
  'hashedrekord 0.0.1': lateSchema(() =>
    z.looseObject({
      data: z.looseObject({ hash: sha256Digest() }),
      signature: z.looseObject({ content: text(), publicKey: z.looseObject({ content: text() }) }),
    }),
  ),
  'hashedrekord 0.0.2': lateSchema(() =>
    z.looseObject({
      hashedRekordV002: z.looseObject({
        data: z.looseObject({
          algorithm: z.union([z.literal('SHA2_256'), z.literal('SHA2_384'), z.literal('SHA2_512')]),
          digest: text(),
        }),
        signature: z.looseObject({
          content: text(),
          verifier: z.looseObject({
            x509Certificate: z.optional(z.looseObject({ rawBytes: text() })),
            publicKey: z.optional(z.looseObject({ rawBytes: text() })),
          }),
        }),
      }),
    }),
  ),
  'dsse 0.0.1': lateSchema(() =>
    z.looseObject({
      payloadHash: sha256Digest(),
      signatures: z.tuple([z.looseObject({ signature: text(), verifier: text() })]),
    }),
  ),
  'intoto 0.0.2': lateSchema(() =>
    z.looseObject({
      content: z.looseObject({
        payloadHash: sha256Digest(),
        envelope: z.looseObject({
          signatures: z.tuple([z.looseObject({ sig: text(), publicKey: text() })]),
        }),
      }),
    }),
  ),
};

const bodySchema = lateSchema(() =>
  z.strictObject({ apiVersion: text(), kind: text(), spec: z.looseObject({}) }),
);

/**
 * What the body of an entry says.
 * @param named the kind and version under which it is shown, which have to be those of the body
 * @throws MalformedError if it is of another kind, or malformed
 */
export function parseSignatureEntry(
  body: Uint8Array,
  named: { readonly kind: string; readonly version: string },
): SignatureEntry {
  const { kind, apiVersion, spec } = checkShape(bodySchema(), parseStrictJson(body));
  if (kind !== named.kind || apiVersion !== named.version)
    throw new MalformedError(
      `expected an entry ${excerpt(`${named.kind} ${named.version}`)}, found ${excerpt(`${kind} ${apiVersion}`)}`,
    );
  switch (`${kind} ${apiVersion}`) {
    case 'hashedrekord 0.0.1': {
      const { data, signature } = checkShape(schemas['hashedrekord 0.0.1'](), spec);
      return {
        signed: { kind: 'digest', algorithm: data.hash.algorithm, value: decodeHex(data.hash.value) },
        signature: decodeBase64(signature.content),
        verifier: verifierOfPem(decodeBase64(signature.publicKey.content)),
      };
    }
    case 'hashedrekord 0.0.2': {
      const { data, signature } = checkShape(schemas['hashedrekord 0.0.2'](), spec).hashedRekordV002;
      return {
        signed: {
          kind: 'digest',
          algorithm: ALGORITHMS[data.algorithm],
          value: decodeBase64(data.digest),
        },
        signature: decodeBase64(signature.content),
        verifier: verifierOf(signature.verifier),
      };
    }
    case 'dsse 0.0.1': {
      const { payloadHash, signatures } = checkShape(schemas['dsse 0.0.1'](), spec);
      const [{ signature, verifier }] = signatures;
      return {
        signed: payloadOf(payloadHash),
        signature: decodeBase64(signature),
        verifier: verifierOfPem(decodeBase64(verifier)),
      };
    }
    case 'intoto 0.0.2': {
      const { payloadHash, envelope } = checkShape(schemas['intoto 0.0.2'](), spec).content;
      const [{ sig, publicKey }] = envelope.signatures;
      return {
        signed: payloadOf(payloadHash),
        // Rekor encodes it once more than the envelope does.
        signature: decodeBase64(decodeUtf8(decodeBase64(sig))),
        verifier: verifierOfPem(decodeBase64(publicKey)),
      };
    }
    default:
      throw new MalformedError(
        `expected an entry of one of the kinds ${Object.keys(schemas).join(', ')}, found ${excerpt(`${kind} ${apiVersion}`)}`,
      );
  }
}

/**
 * The same of an entry that is shown under no kind.
 * @throws MalformedError as `parseSignatureEntry` does
 */
export function readSignatureEntry(
  body: Uint8Array,
): SignatureEntry & { readonly kind: string; readonly version: string } {
  const { kind, apiVersion: version } = checkShape(bodySchema(), parseStrictJson(body));
  return { kind, version, ...parseSignatureEntry(body, { kind, version }) };
}

const ALGORITHMS = { SHA2_256: 'sha256', SHA2_384: 'sha384', SHA2_512: 'sha512' } as const;

function payloadOf(hash: {
  algorithm: SignatureEntry['signed']['algorithm'];
  value: string;
}): SignatureEntry['signed'] {
  return { kind: 'payload', algorithm: hash.algorithm, value: decodeHex(hash.value) };
}

function verifierOf(verifier: {
  x509Certificate?: { rawBytes: string } | undefined;
  publicKey?: { rawBytes: string } | undefined;
}): SignatureEntry['verifier'] {
  const { x509Certificate, publicKey } = verifier;
  if ((x509Certificate === undefined) === (publicKey === undefined))
    throw new MalformedError('expected either a certificate or a key as verifier');
  return x509Certificate
    ? { kind: 'certificate', der: decodeBase64(x509Certificate.rawBytes) }
    : { kind: 'key', der: decodeBase64(publicKey?.rawBytes ?? '') };
}

function verifierOfPem(pem: Uint8Array): SignatureEntry['verifier'] {
  const spelled = decodeUtf8(pem);
  const kind = spelled.includes('BEGIN CERTIFICATE') ? 'certificate' : 'key';
  return { kind, der: derOfPem(spelled, kind === 'certificate' ? 'CERTIFICATE' : 'PUBLIC KEY') };
}
