// The leaf that a Rekor makes of a helm entry (kind helm, version 0.0.1). Nothing here imports `src/`.
import { armorOf, unarmored } from './armor.mjs';
import { canonicalJson } from './canonical-json.mjs';

/**
 * The canonical JSON of an entry with these parts.
 * @param {{ readonly sha256: string, readonly signatureBytes: Uint8Array, readonly certificateBytes: Uint8Array }} parts
 * @returns {Uint8Array}
 */
export function helmBody({ sha256, signatureBytes, certificateBytes }) {
  const entry = {
    kind: 'helm',
    apiVersion: '0.0.1',
    spec: {
      publicKey: { content: base64(armorOf('PGP PUBLIC KEY BLOCK', certificateBytes)) },
      chart: {
        hash: { algorithm: 'sha256', value: sha256 },
        provenance: { signature: { content: base64(armorOf('PGP SIGNATURE', signatureBytes)) } },
      },
    },
  };
  return Buffer.from(canonicalJson(entry));
}

/**
 * The canonical JSON of an entry that was sent with an armored key. Like Rekor it writes the headers of the key's
 * packets anew; unlike Rekor it verifies nothing and leaves nothing out.
 * @param {{ readonly spec: { readonly publicKey: { readonly content: string },
 *   readonly chart: { readonly provenance: { readonly content: string } } } }} proposed
 */
export function bodyOfProposal({ spec }) {
  const provenance = Buffer.from(spec.chart.provenance.content, 'base64').toString();
  const key = Buffer.from(spec.publicKey.content, 'base64').toString();
  const [, sha256] = /^ {2}\S+: sha256:([0-9a-fA-F]{64})$/m.exec(provenance.replaceAll('\r', '')) ?? [];
  if (sha256 === undefined) throw new Error('no digest in the provenance');
  return helmBody({
    sha256,
    signatureBytes: unarmored('PGP SIGNATURE', provenance),
    certificateBytes: reframed(unarmored('PGP PUBLIC KEY BLOCK', key)),
  });
}

/**
 * The packets with headers of the new format and the shortest length (RFC 9580 4.2).
 * @param {Buffer} bytes
 * @returns {Uint8Array}
 */
function reframed(bytes) {
  if (bytes.length === 0) return bytes;
  const first = bytes.readUInt8(0);
  const [tag, octets] =
    first & 0x40 ? [first & 0x3f, newOctets(bytes.readUInt8(1))] : [(first >> 2) & 15, 1 << (first & 3)];
  const start = 1 + octets;
  let length = bytes.readUIntBE(1, octets);
  if (first & 0x40 && octets === 2) length += 192 - 0xc000;
  if (first & 0x40 && octets === 5) length = bytes.readUInt32BE(2);
  const [body, rest] = [bytes.subarray(start, start + length), bytes.subarray(start + length)];
  return Buffer.concat([Buffer.of(0xc0 | tag), shortest(length), body, reframed(rest)]);
}

/** @param {number} octet the first of a length */
function newOctets(octet) {
  return octet < 192 ? 1 : octet < 224 ? 2 : 5;
}

/** @param {number} length */
function shortest(length) {
  if (length < 192) return Buffer.of(length);
  const two = length - 192;
  if (two < 8192) return Buffer.of(192 + (two >> 8), two & 0xff);
  return Buffer.of(0xff, length >>> 24, (length >> 16) & 0xff, (length >> 8) & 0xff, length & 0xff);
}

/** @param {string} text */
function base64(text) {
  return Buffer.from(text).toString('base64');
}
