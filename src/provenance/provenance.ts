import { MalformedError } from '../errors.ts';
import { packetTag, readPackets, type Packet } from '../openpgp/packets.ts';
import { hasPlainNumbers } from '../openpgp/signature-numbers.ts';
import { parseSignaturePacket, signatureType, type SignaturePacket } from '../openpgp/signature-packet.ts';
import { splitCleartext } from './cleartext.ts';
import { parseDocument, type ProvenanceDocument } from './document.ts';
import { PROVENANCE_LIMIT } from './limits.ts';

/** A Helm provenance file (`.prov`): signed text about a chart archive. Parsed, not verified. */
export interface Provenance {
  /** The whole file. */
  readonly bytes: Uint8Array;
  /** What the signature covers. */
  readonly signedBytes: Uint8Array;
  readonly document: ProvenanceDocument;
  /** The signature block, decoded: one packet with its header. */
  readonly signatureBytes: Uint8Array;
  readonly signature: SignaturePacket & { readonly created: number };
  readonly issuer: Issuer;
}

/** The key that a signature names as its maker: its fingerprint, its key ID, or both. */
export interface Issuer {
  readonly fingerprint: string | undefined;
  readonly keyId: string | undefined;
}

/**
 * The provenance in the bytes of a `.prov` file, with exactly one signature.
 * @throws MalformedError on anything else; with the reason. RFC 9580 7.
 */
export function parseProvenance(bytes: Uint8Array): Provenance {
  if (bytes.length > PROVENANCE_LIMIT)
    throw new MalformedError(
      `expected a provenance of at most ${PROVENANCE_LIMIT} bytes, found ${bytes.length}`,
    );
  const { signedBytes, text, signature: signatureBytes } = splitCleartext(bytes);
  const signature = readSignature(signatureBytes);
  const issuer = { fingerprint: signature.issuerFingerprint, keyId: signature.issuerKeyId };
  if (issuer.fingerprint === undefined && issuer.keyId === undefined)
    throw new MalformedError('the signature does not say which key made it');
  return { bytes, signedBytes, document: parseDocument(text), signatureBytes, signature, issuer };
}

/**
 * The one signature over text in the bytes of a signature block; not verified.
 * @throws MalformedError on anything else
 */
export function readSignature(bytes: Uint8Array): Provenance['signature'] {
  const packet = onlyPacket(bytes);
  const signature = parseSignaturePacket(packet.body);
  const { type, created } = signature;
  if (type !== signatureType.binary && type !== signatureType.text)
    throw new MalformedError(`expected a signature over text (type 0 or 1), found type ${type}`);
  if (created === undefined) throw new MalformedError('the signature has no signed creation time');
  if (!hasPlainNumbers(signature)) throw new MalformedError('a number in the signature has a wrong length');
  return { ...signature, created };
}

function onlyPacket(bytes: Uint8Array): Packet {
  const packets = [...readPackets(bytes)];
  const [packet] = packets;
  if (packet?.tag === packetTag.signature && packets.length === 1) return packet;
  const types = packets.slice(0, 8).map(({ tag }) => tag);
  throw new MalformedError(
    `expected one signature packet, found ${types.length > 0 ? `packets of types ${types.join(', ')}` : 'none'}`,
  );
}
