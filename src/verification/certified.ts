import { X509Certificate } from 'node:crypto';
import type { CertificateAuthority } from '../trust/sigstore-trust.ts';
import { isValidAt } from './log-checks.ts';

/**
 * Whether one of these authorities signed a certificate that was valid from a time on, when the authority counted. A log takes
 * an entry with any certificate, so without this anybody could log entries in the name of anybody.
 * @param der of the certificate
 * @param notBefore seconds since 1970: when it began to be valid, which is when it was made
 */
export function isCertified(
  der: Uint8Array,
  notBefore: number,
  authorities: readonly CertificateAuthority[],
): boolean {
  const certificate = readX509(der);
  if (certificate === undefined) return false;
  return authorities.some(
    ({ chain, ...validity }) =>
      isValidAt(validity, notBefore) && chain.some((issuer) => signed(issuer, certificate, notBefore)),
  );
}

function signed(issuer: Uint8Array, certificate: X509Certificate, time: number): boolean {
  const authority = readX509(issuer);
  if (authority?.ca !== true) return false;
  const isAlive =
    Date.parse(authority.validFrom) <= time * 1000 && time * 1000 <= Date.parse(authority.validTo);
  return isAlive && certificate.checkIssued(authority) && certificate.verify(authority.publicKey);
}

/** Undefined: it is none that Node can read. */
function readX509(der: Uint8Array): X509Certificate | undefined {
  try {
    return new X509Certificate(der);
  } catch {
    return undefined;
  }
}
