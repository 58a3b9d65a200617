import { createPublicKey, type KeyObject } from 'node:crypto';
import { InputError, MalformedError, messageOf, UsageError } from '../errors.ts';
import { readUserFile } from '../files/user-file.ts';
import { derOfPem } from '../pem.ts';
import { matchesGlob } from '../policy/glob.ts';
import { IdentityPatternError, parseIdentityPattern } from '../policy/identity-pattern.ts';
import type { BundleSignerOption } from '../settings/option-groups.ts';
import type { Settings } from '../settings/settings.ts';
import { decodeUserText } from '../user-text.ts';
import type { WantedIdentity } from '../verification/bundle-evidence.ts';
import type { Context } from './context.ts';

/** Whose signature of a bundle counts. */
export interface WantedSigners {
  /** Empty: the user named none. */
  readonly identities: readonly WantedIdentity[];
  /** A key of the user's; undefined: he named none. */
  readonly key: KeyObject | undefined;
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
  return { identities, key: path === undefined ? undefined : await readKey(path, interrupted) };
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

const KEY_LIMIT = 64 * 1024;

async function readKey(path: string, interrupted: AbortSignal): Promise<KeyObject> {
  const bytes = await readUserFile(path, { limit: KEY_LIMIT, interrupted });
  try {
    const der = derOfPem(decodeUserText(bytes), 'PUBLIC KEY');
    return createPublicKey({ key: Buffer.from(der), format: 'der', type: 'spki' });
  } catch (error) {
    const reason = error instanceof MalformedError ? error.message : `not a public key: ${messageOf(error)}`;
    throw new InputError(
      `${path}: ${reason}`,
      'name a PEM file "PUBLIC KEY", as cosign public-key prints it',
    );
  }
}
