import { X509Certificate, type KeyObject } from 'node:crypto';
import * as z from '../zod.ts';
import { encodeBase64, excerpt, formatTime } from '../encoding.ts';
import { MalformedError } from '../errors.ts';
import { checkShape, lateSchema } from '../shape.ts';
import type { EphemeralKey } from './ephemeral-key.ts';
import type { IdentityToken } from './identity-token.ts';
import { isNamedIn, type PublicIdentity } from './public-identity.ts';
import { askService, readAnswer, type Asking, type ServiceRequest } from '../services/service-request.ts';
import type { SigstoreService } from '../services/signing-config.ts';

/** A certificate of a signer, for a key that lives as long as this run. */
export interface SignersCertificate {
  /** DER. */
  readonly der: Uint8Array;
  readonly pem: string;
  /** Who it names, as it spells him: `email:…` or `URI:…`. */
  readonly named: string;
  /** Seconds since 1970. */
  readonly validFrom: number;
  readonly validUntil: number;
}

const MAX_CERTIFICATES = 10;
/** Seconds by which the clocks of this machine and of the authority may differ. */
const CLOCKS_DIFFER = 300;
const CODE_SIGNING = '1.3.6.1.5.5.7.3.3';

const chainSchema = lateSchema(() => {
  const pem = z.string().check(z.maxLength(20_000, 'a certificate of at most 20,000 characters'));
  const certificates = z
    .array(pem)
    .check(
      z.minLength(1, 'one certificate or more'),
      z.maxLength(MAX_CERTIFICATES, `at most ${MAX_CERTIFICATES} certificates`),
    );
  return z.optional(z.nullable(z.object({ chain: z.object({ certificates }) })));
});
const answerSchema = lateSchema(() =>
  z.object({ signedCertificateEmbeddedSct: chainSchema(), signedCertificateDetachedSct: chainSchema() }),
);

/**
 * A certificate for the key, from a Fulcio (fulcio.proto, `CreateSigningCertificate`). The token is sent to it, and to
 * nobody else.
 * @param now seconds since 1970
 * @throws LogError if it gives none, or one that is for another key, names somebody else, or cannot be used now
 */
export async function requestCertificate(
  { url }: SigstoreService,
  token: IdentityToken,
  key: EphemeralKey,
  identity: PublicIdentity,
  now: number,
  asking: Asking,
): Promise<SignersCertificate> {
  const request: ServiceRequest = {
    who: 'the certificate authority',
    url: new URL(`${url}/api/v2/signingCert`),
    json: {
      credentials: { oidcIdentityToken: token.secret.reveal() },
      publicKeyRequest: {
        publicKey: { algorithm: 'ECDSA', content: key.publicPem },
        proofOfPossession: encodeBase64(await key.sign([Buffer.from(token.challenge, 'utf8')])),
      },
    },
    maxBytes: 1 << 18,
    secret: token.secret,
  };
  const answer = await askService(asking, request);
  return readAnswer(request, answer, (json) => readSigningCertificate(json, key.publicKey, identity, now));
}

/**
 * The certificate in a Fulcio's answer, if it is the one that was asked for.
 * @throws MalformedError
 */
export function readSigningCertificate(
  json: unknown,
  key: KeyObject,
  identity: PublicIdentity,
  now: number,
): SignersCertificate {
  const { signedCertificateEmbeddedSct: embedded, signedCertificateDetachedSct: detached } = checkShape(
    answerSchema(),
    json,
  );
  if (!embedded && detached)
    throw new MalformedError('its certificate comes without a promise of a log of certificates in it');
  const [leaf, ...issuers] = (embedded?.chain.certificates ?? []).map(parseCertificate);
  if (leaf === undefined) throw new MalformedError('there is no certificate in it');
  requireChain([leaf, ...issuers]);
  if (!leaf.publicKey.equals(key)) throw new MalformedError('its certificate is for another key');
  if (!isNamedIn(leaf, identity))
    throw new MalformedError(`its certificate names ${namesIn(leaf)}, and not who was announced`);
  if (!usagesOf(leaf).includes(CODE_SIGNING))
    throw new MalformedError('its certificate is not for signatures over code');
  const [validFrom, validUntil] = [secondsOf(leaf.validFrom), secondsOf(leaf.validTo)];
  if (validFrom > now + CLOCKS_DIFFER || validUntil < now - CLOCKS_DIFFER)
    throw new MalformedError(
      `its certificate is valid from ${formatTime(validFrom)} until ${formatTime(validUntil)}, and the clock of this machine says ${formatTime(now)}`,
    );
  return {
    der: leaf.raw,
    pem: leaf.toString(),
    named: leaf.subjectAltName ?? '',
    validFrom,
    validUntil,
  };
}

/** Who a certificate names, for a message: what stands before an address would make it look like a password. */
function namesIn({ subjectAltName = '' }: X509Certificate): string {
  const [, type, name] = /^([A-Za-z0-9 ]+):(.*)$/s.exec(subjectAltName) ?? [];
  return name === undefined ? 'nobody' : `${excerpt(name)} (${type ?? ''})`;
}

function parseCertificate(pem: string): X509Certificate {
  try {
    const certificate = new X509Certificate(pem);
    // Node reads the key when it is asked for, and throws then what nobody expects.
    return certificate.publicKey.type === 'public' ? certificate : noCertificate();
  } catch {
    return noCertificate();
  }
}

function noCertificate(): never {
  throw new MalformedError('what it calls a certificate is none');
}

/** Each is signed by the key of the next one. Which of them are trusted is for others to say. */
function requireChain(chain: readonly X509Certificate[]): void {
  for (const [at, issuer] of chain.slice(1).entries())
    if (chain[at]?.checkIssued(issuer) !== true || !isSignedBy(chain[at], issuer))
      throw new MalformedError('its certificates are no chain');
}

function isSignedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  try {
    return certificate.verify(issuer.publicKey);
  } catch {
    return false; // a key of a kind that signs no certificates
  }
}

/** What Node calls the usage of the key is the extended usage (RFC 5280 4.2.1.12). */
function usagesOf(certificate: X509Certificate): readonly string[] {
  return (certificate as { readonly keyUsage?: readonly string[] | undefined }).keyUsage ?? [];
}

function secondsOf(time: string): number {
  return Math.floor(Date.parse(time) / 1000);
}
