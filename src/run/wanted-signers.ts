import type { KeyObject } from 'node:crypto';
import { UsageError } from '../errors.ts';
import { matchesGlob } from '../policy/glob.ts';
import { IdentityPatternError, parseIdentityPattern } from '../policy/identity-pattern.ts';
import type { BundleSignerOption } from '../settings/option-groups.ts';
import type { Settings } from '../settings/settings.ts';
import type { WantedIdentity } from '../verification/bundle-evidence.ts';
import type { Context } from './context.ts';
import { readSignerKey } from './signer-key.ts';

/** Whose signature of a bundle counts. */
export interface WantedSigners {
  /** Empty: the user named none. */
  readonly identities: readonly WantedIdentity[];
  /** Keys of the user's; empty: he named none. */
  readonly keys: readonly KeyObject[];
}

/**
 * The signers that the settings name.
 * @throws UsageError where a name lacks its issuer, or an issuer its name; on a pattern that anybody could match
 * @throws InputError if the file of a key cannot be read, or is something else
 */
export async function wantedSignersOf(
  settings: Settings<BundleSignerOption>,
  { interrupted }: Pick<Context, 'interrupted'>,
): Promise<WantedSigners> {
  const identities = identitiesOf(settings);
  const path = settings.one('verificationKey');
  return { identities, keys: path === undefined ? [] : [await readSignerKey(path, interrupted)] };
}

function identitiesOf(settings: Settings<BundleSignerOption>): readonly WantedIdentity[] {
  const exact = settings.one('certificateIdentity');
  const pattern = settings.one('certificateIdentityPattern');
  const issuer = settings.one('certificateIssuer');
  if (exact === undefined && pattern === undefined) {
    if (issuer === undefined) return [];
    throw new UsageError(
      'expected --certificate-identity beside --certificate-oidc-issuer, found none',
      'an issuer vouches for many: name whose signature counts',
    );
  }
  if (exact !== undefined && pattern !== undefined)
    throw new UsageError('expected --certificate-identity or --certificate-identity-pattern, found both');
  if (issuer === undefined)
    throw new UsageError(
      `expected --certificate-oidc-issuer beside ${exact === undefined ? '--certificate-identity-pattern' : '--certificate-identity'}, found none`,
      'a name says nothing without who vouches for it; that of GitHub is https://token.actions.githubusercontent.com',
    );
  if (exact !== undefined) return [{ words: exact, matches: (name) => name === exact, issuer }];
  return [patternOf(pattern ?? '', issuer)];
}

function patternOf(pattern: string, issuer: string): WantedIdentity {
  try {
    const glob = parseIdentityPattern(pattern);
    return { words: pattern, matches: (name) => matchesGlob(glob, name), issuer };
  } catch (error) {
    if (!(error instanceof IdentityPatternError)) throw error;
    throw new UsageError(`--certificate-identity-pattern: ${error.message}`, error.hint);
  }
}
