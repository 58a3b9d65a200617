import { formatTime } from '../encoding.ts';
import type { SigningCertificate } from '../evidence/signing-certificate.ts';

/** Who signed, by a certificate. */
export function certificateLines({ identity, issuer, sourceRepository }: SigningCertificate): string[] {
  return [
    `Signed By: ${identity.value}`,
    `Issuer: ${issuer}`,
    ...(sourceRepository === undefined ? [] : [`Source Repository: ${sourceRepository}`]),
  ];
}

/** The same for JSON. */
export function identityMembers(signer: SigningCertificate): Record<string, unknown> {
  const { identity, issuer, sourceRepository, notBefore, notAfter } = signer;
  return {
    identity: identity.value,
    issuer,
    ...(sourceRepository !== undefined && { sourceRepository }),
    notBefore: formatTime(notBefore),
    notAfter: formatTime(notAfter),
  };
}
