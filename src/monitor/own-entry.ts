import { cut, encodeHex } from '../encoding.ts';
import { sha256Hex } from '../digest.ts';
import { MalformedError } from '../errors.ts';
import { emailOf, keysOf, type Certificate } from '../openpgp/certificate.ts';
import { isIssuedBy } from '../openpgp/signature-packet.ts';
import { readSignature } from '../provenance/provenance.ts';
import { parseHelmEntry, type HelmEntry } from '../rekor/helm-entry.ts';
import { readSignatureEntry, type SignatureEntry } from '../rekor/signature-entry.ts';
import { isCertified } from '../verification/certified.ts';
import { isIdentity } from '../verification/identity-checks.ts';
import type { WatchedSigners } from './watched.ts';

/** What an entry of a log is about: the digest of an archive, of other signed bytes, or of the payload of an envelope. */
export interface LoggedDigest {
  readonly kind: 'archive' | 'digest' | 'payload';
  readonly algorithm: 'sha256' | 'sha384' | 'sha512';
  /** In hexadecimal. */
  readonly hex: string;
}

/** An entry by one who is watched for. */
export interface OwnEntry {
  /** With the version: `helm 0.0.1`. */
  readonly kind: string;
  readonly signed: LoggedDigest;
  /** Whose it is, in the words in which it is watched for, such as `openpgp FINGERPRINT`. */
  readonly by: string;
  /** Whom the entry names as signer; foreign text, cut. */
  readonly signer: string;
  /** How many certificates of others it holds as well, one of which may have signed. */
  readonly others: number;
  /** Whether the name is in a certificate that nobody vouches for, which anybody can make. */
  readonly isClaim: boolean;
}

/**
 * What the body of an entry says, if it is by one who is watched for. In doubt it is: who stole a key must not be able to hide
 * an entry that somebody would accept.
 */
export async function ownEntryIn(body: Uint8Array, watched: WatchedSigners): Promise<OwnEntry | undefined> {
  const helm = orUndefined(() => parseHelmEntry(body));
  if (helm !== undefined) return ownHelmEntry(helm, watched);
  const signature = orUndefined(() => readSignatureEntry(body));
  return signature && (await ownSignature(signature, watched));
}

/** What `parse` makes of foreign bytes; undefined: they are something else. */
function orUndefined<T>(parse: () => T): T | undefined {
  try {
    return parse();
  } catch (error) {
    if (error instanceof MalformedError) return undefined;
    throw error;
  }
}

function ownHelmEntry(entry: HelmEntry, watched: WatchedSigners): OwnEntry | undefined {
  for (const certificate of possibleSigners(entry)) {
    const { fingerprint } = certificate.primary;
    const emails = certificate.userIds.flatMap(({ text }) => emailOf(text)?.toLowerCase() ?? []);
    const email = emails.find((each) => watched.emails.has(each));
    const isKnown = watched.fingerprints.has(fingerprint);
    if (!isKnown && email === undefined) continue;
    const [userId] = certificate.userIds;
    return {
      kind: 'helm 0.0.1',
      signed: { kind: 'archive', algorithm: 'sha256', hex: entry.sha256 },
      by: isKnown ? `openpgp ${fingerprint}` : `email ${email ?? ''}`,
      signer: cut(userId ? `${fingerprint} ${userId.text}` : fingerprint, MAX_NAME),
      others: entry.certificates.length - 1,
      isClaim: false,
    };
  }
  return undefined;
}

/**
 * Whoever logs an entry may put certificates of others into it. The log checked that the signature is by a key of one of
 * them, and the signature names that key; where it does not, or is not one signature, each may have made it.
 */
function possibleSigners({ certificates, signatureBytes }: HelmEntry): readonly Certificate[] {
  const signature = orUndefined(() => readSignature(signatureBytes));
  const names = signature && (signature.issuerFingerprint ?? signature.issuerKeyId);
  if (signature === undefined || names === undefined) return certificates;
  return certificates.filter((certificate) => keysOf(certificate).some((key) => isIssuedBy(signature, key)));
}

async function ownSignature(
  entry: SignatureEntry & { readonly kind: string; readonly version: string },
  watched: WatchedSigners,
): Promise<OwnEntry | undefined> {
  const { kind, version, signed, verifier } = entry;
  const about = {
    kind: `${kind} ${version}`,
    signed: { kind: signed.kind, algorithm: signed.algorithm, hex: encodeHex(signed.value) },
    others: 0,
  };
  if (verifier.kind === 'key') {
    const keyId = sha256Hex(verifier.der);
    const by = watched.keyNames.get(keyId);
    return by === undefined ? undefined : { ...about, by, signer: `sha256:${keyId}`, isClaim: false };
  }
  const said = await certificateOf(verifier.der, watched);
  return said && { ...about, ...said };
}

/** Who a certificate says that its owner is, if that is one who is watched for. */
async function certificateOf(
  der: Uint8Array,
  watched: WatchedSigners,
): Promise<Pick<OwnEntry, 'by' | 'signer' | 'isClaim'> | undefined> {
  const { readCertificate } = await import('../evidence/signing-certificate.ts');
  const found = orUndefined(() => readCertificate(der));
  if (found === undefined) return undefined;
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
