import { MalformedError } from '../errors.ts';
import { isBrokenHash } from './algorithms.ts';
import type { Certificate, Subkey } from './certificate.ts';
import type { KeyPacket } from './key-packet.ts';
import { validOf } from './self-signatures.ts';
import { newest, parseSignaturePacket, signatureType, type SignaturePacket } from './signature-packet.ts';
import { whyInvalid } from './signature-validity.ts';

/**
 * The newest valid binding of a subkey that signs. It must hold a back signature, which the subkey made: else
 * anybody could add another's key to their own certificate, and pass for its owner. RFC 9580 5.2.1.8 and
 * 5.2.1.9.
 * @throws MalformedError if there is none
 */
export async function verifyBinding(subkey: Subkey, certificate: Certificate): Promise<SignaturePacket> {
  const { primary } = certificate;
  const notBound = (why: string): MalformedError =>
    new MalformedError(`the key ${subkey.key.fingerprint} is not bound to ${primary.fingerprint}: ${why}`);

  const bindings = subkey.signatures.filter(({ type }) => type === signatureType.subkeyBinding);
  const valid = await validOf(bindings, certificate, { primary, subkey: subkey.key });
  const latest = newest(valid);
  if (latest === undefined) throw notBound('it has no valid binding signature');
  // The back signature stands where it is not signed, so one copy of a binding may lack it.
  const copies = valid.filter(({ created }) => created === latest.created);
  for (const binding of copies)
    for (const back of backSignaturesOf(binding))
      if (await isSignedInTurn(back, subkey.key, primary)) return binding;
  throw notBound('it did not sign its binding in turn');
}

/** The back signatures that a binding holds; whatever else it holds in their place does not hide them. */
export function backSignaturesOf({ backSignatures }: SignaturePacket): SignaturePacket[] {
  return backSignatures.flatMap((body) => {
    try {
      const back = parseSignaturePacket(body);
      return back.type === signatureType.primaryKeyBinding ? [back] : [];
    } catch (error) {
      if (error instanceof MalformedError) return [];
      throw error;
    }
  });
}

async function isSignedInTurn(back: SignaturePacket, key: KeyPacket, primary: KeyPacket): Promise<boolean> {
  return (
    back.unknownCritical.length === 0 &&
    !isBrokenHash(back.hashAlgorithm) &&
    (await whyInvalid(back, key, { primary, subkey: key })) === undefined
  );
}
