import type { X509Certificate } from 'node:crypto';
import type { TokenClaims } from './token-claims.ts';

/** Who will be named in the certificate, which everybody can read for ever. */
export interface PublicIdentity {
  /** `subject`: the certificate authority makes the identity of the subject in its own way. */
  readonly kind: 'email' | 'workflow' | 'subject';
  /** The address, the URL of the workflow, or the subject of the token. */
  readonly identity: string;
  readonly issuer: string;
  /** What else becomes public, by the names of the claims. */
  readonly details: Readonly<Record<string, string>>;
  /** Whether it names a repository that is not public by itself. */
  readonly isPrivate: boolean;
}

/** Who will be named for a token. */
export function publicIdentityOf(claims: TokenClaims): PublicIdentity {
  const { issuer, subject, email, workflow, published } = claims;
  const visibility = published['repository_visibility'];
  const common = {
    issuer,
    details: { subject, ...published },
    isPrivate: visibility !== undefined && visibility !== 'public',
  };
  if (email !== undefined) return { kind: 'email', identity: email, ...common };
  if (workflow !== undefined)
    return { kind: 'workflow', identity: `https://github.com/${workflow}`, ...common };
  return { kind: 'subject', identity: subject, ...common };
}

/** Whether a certificate names him and nobody else (RFC 5280 4.2.1.6). */
export function isNamedIn({ subjectAltName }: X509Certificate, { kind, identity }: PublicIdentity): boolean {
  if (subjectAltName === undefined) return false;
  if (kind === 'email') return isOneName(subjectAltName, 'email', identity);
  if (kind === 'workflow') return isOneName(subjectAltName, 'URI', identity);
  return true;
}

/** Node writes names with commas or quotes as JSON strings, so that a name cannot pass for two. */
function isOneName(names: string, type: string, name: string): boolean {
  return names === `${type}:${/^[^,"\\]+$/.test(name) ? name : JSON.stringify(name)}`;
}
