import type { KeyObject } from 'node:crypto';
import { sha256Hex } from '../digest.ts';
import { excerpt } from '../encoding.ts';
import { InputError, MalformedError, UsageError } from '../errors.ts';
import { keysOf, type Certificate } from '../openpgp/certificate.ts';
import { subjectPublicKeyInfo } from '../openpgp/subject-public-key.ts';
import type { Keyring } from '../keyring/keyring.ts';
import { matchesGlob } from '../policy/glob.ts';
import { IdentityPatternError, parseIdentityPattern, wantedIdentity } from '../policy/identity-pattern.ts';
import type { SignerItem } from '../policy/policy.ts';
import type { RunContext } from '../run/context.ts';
import { requirePolicy } from '../run/require-policy.ts';
import { readSignerKey } from '../run/signer-key.ts';
import { openUserKeyring } from '../run/user-keyring.ts';
import { fingerprintsOf } from '../settings/fingerprints.ts';
import type { KeyringOption } from '../settings/option-groups.ts';
import { isUrl } from '../settings/path-value.ts';
import type { Settings } from '../settings/settings.ts';
import type { CertificateAuthority } from '../trust/sigstore-trust.ts';
import type { WatchedSigners, WatchedIdentity } from './watched.ts';

/** Options that say whose entries are looked for, beside `--fingerprint`. */
export const WATCHING_OPTIONS = [
  'watchedEmail',
  'watchedIdentity',
  'certificateIssuer',
  'watchedKey',
  'policy',
] as const;

type WatchingOption = (typeof WATCHING_OPTIONS)[number] | KeyringOption;

/** Who was named, before keys were looked for. */
interface Named {
  readonly fingerprints: readonly string[];
  /** Whether every key of the keyring is one. */
  readonly wholeKeyring: boolean;
  readonly emails: readonly string[];
  readonly identities: readonly WatchedIdentity[];
  readonly keys: ReadonlyMap<string, KeyObject>;
}

/**
 * Whose entries a run looks for: those whom flags name, or else all who may sign by the policy.
 * @throws UsageError if nobody is named, or flags and a policy name somebody
 * @throws InputError if the public key of a fingerprint is not in the keyring, or a file cannot be read
 */
export async function watchedOf(
  settings: Settings<WatchingOption>,
  context: RunContext,
  authorities: readonly CertificateAuthority[],
): Promise<WatchedSigners> {
  const byFlags = await namedByFlags(settings, context);
  const isByFlags =
    byFlags.fingerprints.length + byFlags.emails.length + byFlags.identities.length + byFlags.keys.size > 0;
  if (isByFlags && settings.givenByFlag('policy').length > 0)
    throw new UsageError(
      'expected --policy or --fingerprint, --email, --identity and --key, found both',
      'leave out --policy to watch for these alone',
    );
  if (!isByFlags && settings.one('certificateIssuer') !== undefined)
    throw new UsageError('expected --identity beside --certificate-oidc-issuer, found none');
  const named = isByFlags ? byFlags : namedByPolicy(context);
  return await withKeys(named, settings, context, authorities);
}

async function namedByFlags(settings: Settings<WatchingOption>, context: RunContext): Promise<Named> {
  const issuer = settings.one('certificateIssuer');
  const keys = new Map<string, KeyObject>();
  for (const path of settings.all('watchedKey'))
    keys.set(path, await readSignerKey(path, context.interrupted));
  return {
    fingerprints: fingerprintsOf(settings),
    wholeKeyring: false,
    emails: settings.all('watchedEmail').map(emailIn),
    identities: settings.all('watchedIdentity').map((pattern) => identityOf(pattern, issuer)),
    keys,
  };
}

function emailIn(text: string): string {
  if (/^[^@\s]+@[^@\s]+$/.test(text) && !isUrl(text)) return text.toLowerCase();
  throw new UsageError(`--email expects an e-mail address, found ${excerpt(text)}`);
}

function identityOf(pattern: string, issuer: string | undefined): WatchedIdentity {
  try {
    const glob = parseIdentityPattern(pattern);
    return { words: pattern, matches: (name) => matchesGlob(glob, name), issuer };
  } catch (error) {
    if (!(error instanceof IdentityPatternError)) throw error;
    throw new UsageError(`--identity: ${error.message}`, error.hint);
  }
}

/** All who may sign anything. A digest is no signer. */
function namedByPolicy(context: RunContext): Named {
  if (context.policy === undefined)
    throw new UsageError(
      'expected --fingerprint, --email, --identity, --key or --policy, found none',
      'say whose entries to look for: your own keys, addresses and identities',
    );
  const { policy, signerKeys, path } = requirePolicy(context);
  const items = policy.rules.flatMap(({ signedBy }) => signedBy);
  const of = <Kind extends SignerItem['kind']>(kind: Kind) =>
    items.filter((item): item is Extract<SignerItem, { kind: Kind }> => item.kind === kind);
  const named = {
    fingerprints: of('openpgp').map(({ fingerprint }) => fingerprint),
    wholeKeyring: of('any').length > 0,
    emails: [],
    identities: of('identity').map((item): WatchedIdentity => wantedIdentity(item)),
    keys: signerKeys,
  };
  if (items.every(({ kind }) => kind === 'digest'))
    throw new UsageError(`expected the policy ${path} to name signers, found none`);
  return named;
}

async function withKeys(
  named: Named,
  settings: Settings<KeyringOption>,
  context: RunContext,
  authorities: readonly CertificateAuthority[],
): Promise<WatchedSigners> {
  const needsKeyring = named.wholeKeyring || named.fingerprints.length > 0;
  const keyring = needsKeyring ? await openUserKeyring(settings, context) : undefined;
  const certificates = keyring === undefined ? [] : certificatesOf(named, keyring);
  const keyNames = new Map<string, string>();
  for (const certificate of certificates)
    for (const id of keyIdsOf(certificate)) keyNames.set(id, `openpgp ${certificate.primary.fingerprint}`);
  const keys: Uint8Array[] = [];
  for (const [path, key] of named.keys) {
    const der = key.export({ format: 'der', type: 'spki' });
    keys.push(der);
    keyNames.set(sha256Hex(der), `key ${path}`);
  }
  const fingerprints = new Set(certificates.map(({ primary }) => primary.fingerprint));
  const words = [
    ...[...fingerprints].map((fingerprint) => `openpgp ${fingerprint}`),
    ...named.emails.map((email) => `email ${email}`),
    ...named.identities.map(({ words: name, issuer = 'any' }) => `identity ${name} issuer ${issuer}`),
    ...keys.map((der) => `key ${sha256Hex(der)}`),
  ];
  return {
    fingerprints,
    certificates,
    emails: new Set(named.emails),
    identities: named.identities,
    keyNames,
    keys,
    authorities,
    words: [...new Set(words)].sort(),
  };
}

/** @throws InputError on a fingerprint whose key is not there: what its key signs could not be recognised */
function certificatesOf({ fingerprints, wholeKeyring }: Named, keyring: Keyring): readonly Certificate[] {
  const found = new Map<string, Certificate>();
  for (const fingerprint of fingerprints) {
    const known = keyring
      .find({ fingerprint, keyId: undefined })
      .find(({ certificate }) => certificate.primary.fingerprint === fingerprint);
    if (known === undefined)
      throw new InputError(
        `the public key of ${fingerprint.toUpperCase()} is in none of ${keyring.places.map(({ place }) => place).join(', ')}`,
        'name its file with --public-key, or with --keyring',
      );
    found.set(fingerprint, known.certificate);
  }
  if (wholeKeyring)
    for (const { certificate } of keyring.all()) {
      found.set(certificate.primary.fingerprint, certificate);
      if (found.size > MOST_KEYS)
        throw new InputError(
          `expected at most ${MOST_KEYS} keys to watch for, found more`,
          'name those whose entries matter with --fingerprint, or in signedBy of the policy',
        );
    }
  return [...found.values()];
}

const MOST_KEYS = 1000;

/** What logs call the keys of a certificate. */
function keyIdsOf(certificate: Certificate): string[] {
  return keysOf(certificate).flatMap((key) => {
    try {
      const info = subjectPublicKeyInfo(key);
      return info === undefined ? [] : [sha256Hex(info)];
    } catch (error) {
      if (error instanceof MalformedError) return [];
      throw error;
    }
  });
}
