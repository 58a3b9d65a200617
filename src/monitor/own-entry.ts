import { X509Certificate } from 'node:crypto';
import { cut } from '../encoding.ts';
import { sha256Hex } from '../digest.ts';
import { ifWellFormed } from '../errors.ts';
import { emailOf, keysOf } from '../openpgp/certificate.ts';
import { parseHelmEntry, type HelmEntry } from '../rekor/helm-entry.ts';
import { isCertified } from '../verification/certified.ts';
import { isIdentity } from '../verification/identity-checks.ts';
import { loggedSignatures, type LoggedDigest, type LoggedSignatures } from './logged-signatures.ts';
import { possibleSigningKeys } from './possible-keys.ts';
import type { WatchedSigners } from './watched.ts';

/** An entry by one who is watched for. */
export interface OwnEntry {
  /** With the version: `helm 0.0.1`. */
  readonly kind: string;
  readonly signed: LoggedDigest;
  /** Of a provenance: its signature, one packet. Of other entries it says no more than `signed`. */
  readonly signature?: Uint8Array;
  /** Whose it is, in the words in which it is watched for, such as `openpgp FINGERPRINT`. */
  readonly by: string;
  /** Whom the entry names as signer; foreign text, cut. */
  readonly signer: string;
  /** How many certificates or signatures of others it holds as well; with OpenPGP one of them may have signed. */
  readonly others: number;
  /** Whether the name is in a certificate that nobody vouches for, which anybody can make. */
  readonly isClaim: boolean;
}

/**
 * What the body of an entry says, if it is by one who is watched for. In doubt it is: who stole a key must not be able to hide
 * an entry that somebody would accept.
 */
export async function ownEntryIn(body: Uint8Array, watched: WatchedSigners): Promise<OwnEntry | undefined> {
  const helm = ifWellFormed(() => parseHelmEntry(body));
  if (helm !== undefined) return ownHelmEntry(helm, watched);
  const signatures = ifWellFormed(() => loggedSignatures(body));
  return signatures && (await ownSignature(signatures, watched));
}

function ownHelmEntry(entry: HelmEntry, watched: WatchedSigners): OwnEntry | undefined {
  const possible = possibleSigningKeys(entry);
  for (const certificate of entry.certificates) {
    const keys = keysOf(certificate).filter((key) => possible.has(key));
    if (keys.length === 0) continue;
    const { fingerprint } = certificate.primary;
    const emails = certificate.userIds.flatMap(({ text }) => emailOf(text)?.toLowerCase() ?? []);
    const email = emails.find((each) => watched.emails.has(each));
    // Whoever has a subkey can bind it to a primary key of his own.
    const known = [certificate.primary, ...keys].map((key) => watched.primaryOf.get(key.fingerprint));
    const own = known.find((each) => each !== undefined);
    if (own === undefined && email === undefined) continue;
    const [userId] = certificate.userIds;
    return {
      kind: 'helm 0.0.1',
      signed: { kind: 'archive', algorithm: 'sha256', hex: entry.sha256 },
      signature: entry.signatureBytes,
      by: own === undefined ? `email ${email ?? ''}` : `openpgp ${own}`,
      signer: cut(userId ? `${fingerprint} ${userId.text}` : fingerprint, MAX_NAME),
      others: entry.certificates.length - 1,
      isClaim: false,
    };
  }
  return undefined;
}

/** An alarm by one of several signatures is not kept back by a claim beside it. */
async function ownSignature(
  { kind, version, signed, verifiers }: LoggedSignatures,
  watched: WatchedSigners,
): Promise<OwnEntry | undefined> {
  const about = { kind: `${kind} ${version}`, signed, others: verifiers.length - 1 };
  let claim: OwnEntry | undefined;
  for (const { kind: type, der } of verifiers) {
    const said = type === 'key' ? keyIn(der, watched) : await certificateOf(der, watched);
    if (said?.isClaim === false) return { ...about, ...said };
    if (said !== undefined) claim ??= { ...about, ...said };
  }
  return claim;
}

/** Whose signature a verifier makes. */
type Said = Pick<OwnEntry, 'by' | 'signer' | 'isClaim'>;

function keyIn(der: Uint8Array, { keyNames }: WatchedSigners): Said | undefined {
  const keyId = sha256Hex(der);
  const by = keyNames.get(keyId);
  return by === undefined ? undefined : { by, signer: `sha256:${keyId}`, isClaim: false };
}

/** Of a certificate that says nothing that can be read: whatever it is, its key made the signature. */
function keyInCertificate(der: Uint8Array, watched: WatchedSigners): Said | undefined {
  try {
    const { publicKey } = new X509Certificate(der);
    return keyIn(publicKey.export({ format: 'der', type: 'spki' }), watched);
  } catch {
    return undefined;
  }
}

/** Who a certificate says that its owner is, if that is one who is watched for. */
async function certificateOf(der: Uint8Array, watched: WatchedSigners): Promise<Said | undefined> {
  const { readCertificate } = await import('../evidence/signing-certificate.ts');
  const found = ifWellFormed(() => readCertificate(der));
  if (found === undefined) return keyInCertificate(der, watched);
  const { identity, issuer, notBefore, publicKey } = found;
  const signer = cut(`${identity.value} (issuer ${issuer})`, MAX_NAME);
  const byKey = watched.keyNames.get(sha256Hex(publicKey.export({ format: 'der', type: 'spki' })));
  // Whatever the certificate is, the key made the signature.
  if (byKey !== undefined) return { by: byKey, signer, isClaim: false };
  const email = identity.kind === 'email' ? identity.value.toLowerCase() : '';
  const wanted = watched.identities.find((each) =>
    isIdentity(found, { ...each, issuer: each.issuer ?? issuer }),
  );
  const by = wanted ? `identity ${wanted.words}` : watched.emails.has(email) ? `email ${email}` : undefined;
  return by === undefined
    ? undefined
    : { by, signer, isClaim: !isCertified(der, notBefore, watched.authorities) };
}

/** Characters. */
const MAX_NAME = 256;
