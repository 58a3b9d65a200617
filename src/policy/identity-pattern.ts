import { excerpt } from '../encoding.ts';
import { MalformedError } from '../errors.ts';
import type { WantedIdentity } from '../verification/bundle-evidence.ts';
import { matchesGlob, parseGlob, type Glob } from './glob.ts';
import type { IdentityItem } from './policy.ts';

/** A pattern that lets in more than its author can mean. */
export class IdentityPatternError extends MalformedError {
  /** @param hint why; lower case, no full stop */
  constructor(
    message: string,
    readonly hint?: string,
  ) {
    super(message);
  }
}

/**
 * A pattern for the identities of signers. Whoever may choose the scheme, the host, the owner of the repository or the
 * domain is anybody, so there are no wildcards in these.
 * @throws IdentityPatternError
 */
export function parseIdentityPattern(value: string): Glob {
  const glob = parseGlob(value);
  if (glob === undefined)
    throw new IdentityPatternError(`expected * or ** in an identity, found three stars in ${excerpt(value)}`);
  const [, url] = /^([^:/]+:\/\/[^/]+\/[^/]+)\//.exec(value) ?? [];
  const domain = url === undefined ? domainOf(value) : undefined;
  if (url === undefined && domain === undefined)
    throw new IdentityPatternError(
      `expected an identity to be an e-mail address, or a URL with a host, an owner and more, found ${excerpt(value)}`,
    );
  if ((url ?? domain ?? '').includes('*'))
    throw new IdentityPatternError(
      `expected no wildcard in ${url === undefined ? 'the domain of an e-mail address' : 'scheme, host and owner of an identity'}, found ${excerpt(value)}`,
      'anybody could have an identity that matches',
    );
  return glob;
}

/** The signer that an item of a policy names. */
export function wantedIdentity({
  identity,
  issuer,
  sourceRepository,
}: Omit<IdentityItem, 'kind'>): WantedIdentity {
  return {
    words: identity.text,
    matches: (name) => matchesGlob(identity, name),
    issuer,
    sourceRepository,
  };
}

function domainOf(address: string): string | undefined {
  const at = address.lastIndexOf('@');
  return at > 0 && at < address.length - 1 && !address.includes('/') ? address.slice(at + 1) : undefined;
}
