import { MalformedError } from '../errors.ts';
import type { Certificate, Subkey } from './certificate.ts';
import { validOf } from './self-signatures.ts';
import { newest, parseSignaturePacket, signatureType, type SignaturePacket } from './signature-packet.ts';
import { whyInvalid } from './signature-validity.ts';

/**
 * The newest valid binding of a subkey that signs. It must hold a signature by the subkey in turn: anybody can
 * add anybody's key to a certificate, and would pass for its owner. RFC 9580 5.2.1.8 and 5.2.1.9.
 * @throws MalformedError if there is none
 */
export async function verifyBinding(subkey: Subkey, certificate: Certificate): Promise<SignaturePacket> {
  const { primary } = certificate;
  const notBound = (why: string): MalformedError =>
    new MalformedError(`the key ${subkey.key.fingerprint} is not bound to ${primary.fingerprint}: ${why}`);

  const bindings = subkey.signatures.filter(({ type }) => type === signatureType.subkeyBinding);
  const binding = newest(await validOf(bindings, certificate, { primary, subkey: subkey.key }));
  if (binding === undefined) throw notBound('it has no valid binding signature');
  if (binding.backSignature === undefined) throw notBound('it did not sign its binding in turn');
  const back = parseSignaturePacket(binding.backSignature);
  if (back.type !== signatureType.primaryKeyBinding || back.unknownCritical.length > 0)
    throw notBound('what it signed in turn is no such signature');
  const reason = await whyInvalid(back, subkey.key, { primary, subkey: subkey.key });
  if (reason !== undefined) throw notBound('its signature in turn is not valid');
  return binding;
}
