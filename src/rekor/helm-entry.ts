import * as z from '../zod.ts';
import { decodeBase64, decodeUtf8, encodeBase64, encodeUtf8 } from '../encoding.ts';
import { parseSha256, type Sha256 } from '../digest.ts';
import { decodeArmor, encodeArmor } from '../openpgp/armor.ts';
import { readCertificates, type Certificate } from '../openpgp/certificate.ts';
import { checkShape, lateSchema } from '../shape.ts';
import { parseStrictJson } from '../strict-json.ts';

/** What is sent to a log to have a chart's provenance logged (Rekor's helm_v0_0_1_schema.json). */
export interface ProposedEntry {
  readonly apiVersion: '0.0.1';
  readonly kind: 'helm';
  readonly spec: {
    readonly publicKey: { readonly content: string };
    readonly chart: { readonly provenance: { readonly content: string } };
  };
}

/** What the log keeps of it. */
export interface HelmEntry {
  /** Of the archive, as the provenance spells it, in lower case. */
  readonly sha256: Sha256;
  /** The decoded signature packets of the provenance. */
  readonly signatureBytes: Uint8Array;
  /** One or more; whoever sent them chose them. */
  readonly certificates: readonly Certificate[];
}

/** The entry to send for the bytes of a provenance file and the packets of the signer's certificate. */
export function proposedEntry(provenanceBytes: Uint8Array, certificateBytes: Uint8Array): ProposedEntry {
  return {
    apiVersion: '0.0.1',
    kind: 'helm',
    spec: {
      publicKey: { content: armored('PGP PUBLIC KEY BLOCK', certificateBytes) },
      chart: { provenance: { content: encodeBase64(provenanceBytes) } },
    },
  };
}

/**
 * The bytes that Rekor stores as the leaf of an entry: canonical JSON (RFC 8785) of the digest, the signature
 * packets and the certificate, the latter with packet headers in the shortest new format.
 */
export function canonicalBody(parts: {
  readonly sha256: string;
  readonly signatureBytes: Uint8Array;
  readonly certificateBytes: Uint8Array;
}): Uint8Array {
  const signature = { content: armored('PGP SIGNATURE', parts.signatureBytes) };
  const hash = { algorithm: 'sha256', value: parts.sha256 };
  // Written in the order of their names, these members of plain ASCII text are canonical as they are.
  return encodeUtf8(
    JSON.stringify({
      apiVersion: '0.0.1',
      kind: 'helm',
      spec: {
        chart: { hash, provenance: { signature } },
        publicKey: { content: armoredKey(parts.certificateBytes) },
      },
    }),
  );
}

/** Many entries are made with one key. */
function armoredKey(bytes: Uint8Array): string {
  const text = armoredKeys.get(bytes) ?? armored('PGP PUBLIC KEY BLOCK', bytes);
  armoredKeys.set(bytes, text);
  return text;
}

const armoredKeys = new WeakMap<Uint8Array, string>();

const base64Schema = lateSchema(() => z.object({ content: z.string() }));
const helmSchema = lateSchema(() =>
  z.object({
    kind: z.literal('helm'),
    apiVersion: z.literal('0.0.1'),
    spec: z.object({
      chart: z.object({
        hash: z.object({ algorithm: z.literal('sha256'), value: z.string() }),
        provenance: z.object({ signature: base64Schema() }),
      }),
      publicKey: base64Schema(),
    }),
  }),
);

/**
 * The helm entry, version 0.0.1, in the body of a leaf. Older servers wrote its members in another order.
 * A body is parsed once, though several checks ask for it: there may be ten thousand entries.
 * @throws MalformedError on an entry of another kind or version, and on anything that is not exactly one entry
 */
export function parseHelmEntry(body: Uint8Array): HelmEntry {
  const entry = parsed.get(body) ?? parse(body);
  parsed.set(body, entry);
  return entry;
}

const parsed = new WeakMap<Uint8Array, HelmEntry>();

function parse(body: Uint8Array): HelmEntry {
  const { spec } = checkShape(helmSchema(), parseStrictJson(body));
  const { hash, provenance } = spec.chart;
  return {
    sha256: parseSha256(hash.value.toLowerCase()),
    signatureBytes: unarmored('PGP SIGNATURE', provenance.signature.content),
    certificates: readCertificates(unarmored('PGP PUBLIC KEY BLOCK', spec.publicKey.content)),
  };
}

type Armor = 'PGP SIGNATURE' | 'PGP PUBLIC KEY BLOCK';

function armored(type: Armor, bytes: Uint8Array): string {
  return encodeBase64(encodeUtf8(encodeArmor(type, bytes)));
}

function unarmored(type: Armor, content: string): Uint8Array {
  return decodeArmor(type, decodeUtf8(decodeBase64(content)));
}
