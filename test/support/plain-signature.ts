import { keysOf, readCertificates } from '../../src/openpgp/certificate.ts';
import { hashByNumber } from '../../src/openpgp/hashes.ts';
import { plainSignatureBy, preimageOf } from '../../src/openpgp/plain-signature.ts';
import { isIssuedBy } from '../../src/openpgp/signature-packet.ts';
import { logKeyDetails, subjectPublicKeyInfo } from '../../src/openpgp/subject-public-key.ts';
import { parseProvenance } from '../../src/provenance/provenance.ts';
import type { PlainSignature } from './signature-log.ts';

/** The signature of a provenance as a log takes it; what is the form of it is tested on its own. @param certificate of the signer */
export function plainSignatureOf(provenance: Uint8Array, certificate: Uint8Array): PlainSignature {
  const { signature, signedBytes } = parseProvenance(provenance);
  const key = readCertificates(certificate)
    .flatMap(keysOf)
    .find((each) => isIssuedBy(signature, each));
  const spki = key && subjectPublicKeyInfo(key);
  const plain = key && plainSignatureBy(signature, key);
  if (key === undefined || spki === undefined || plain === undefined) throw new Error('no plain signature');
  const details = logKeyDetails(key, signature.hashAlgorithm);
  return {
    preimage: preimageOf(signature, signedBytes),
    hash: hashByNumber(signature.hashAlgorithm)?.name as PlainSignature['hash'],
    signature: plain,
    spki,
    keyDetails: 'refused' in details ? 'NONE' : details.keyDetails,
  };
}
