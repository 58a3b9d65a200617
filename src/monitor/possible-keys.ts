import { MalformedError } from '../errors.ts';
import { encodeHex } from '../encoding.ts';
import { keysOf } from '../openpgp/certificate.ts';
import type { KeyPacket } from '../openpgp/key-packet.ts';
import { readSignatureHeader } from '../openpgp/signature-header.ts';
import { readSubpackets, subpacketType } from '../openpgp/subpackets.ts';
import { readSignature } from '../provenance/provenance.ts';
import type { HelmEntry } from '../rekor/helm-entry.ts';

/**
 * The keys in an entry that may have made its signature. Whoever logs an entry may put certificates of others into it. The log
 * checked that one of these keys made the signature: those whom it names, or, where it names none of them, any.
 */
export function possibleSigningKeys({ certificates, signatureBytes }: HelmEntry): ReadonlySet<KeyPacket> {
  const all = certificates.flatMap(keysOf);
  const names = issuersOf(signatureBytes);
  const named = all.filter(({ fingerprint, keyId }) => names.has(fingerprint) || names.has(keyId));
  return new Set(named.length > 0 ? named : all);
}

/**
 * All that a signature calls its key, by fingerprint and by key ID. Readers differ in which of several they believe, so an
 * entry cannot be hidden behind one of them. None: it is not one signature.
 */
function issuersOf(signatureBytes: Uint8Array): ReadonlySet<string> {
  try {
    const { signedArea, unsignedArea } = readSignatureHeader(readSignature(signatureBytes).body);
    const names = [signedArea, unsignedArea].flatMap((area) =>
      readSubpackets(area).flatMap(({ type, data }) => {
        if (type === subpacketType.issuerKeyId) return [encodeHex(data)];
        // The version of the key is before its fingerprint (RFC 9580 5.2.3.35).
        return type === subpacketType.issuerFingerprint ? [encodeHex(data.subarray(1))] : [];
      }),
    );
    return new Set(names);
  } catch (error) {
    if (error instanceof MalformedError) return new Set();
    throw error;
  }
}
