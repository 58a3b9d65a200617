import { encodeHex, equalBytes, formatTime } from '../encoding.ts';
import { MalformedError } from '../errors.ts';
import { holdsRevocation, keysOf, type Certificate } from '../openpgp/certificate.ts';
import { assessCertificate, type Signer } from '../openpgp/key-lifetime.ts';
import { judgeSignerAt } from '../openpgp/signer-at.ts';
import type { VerifiedSignature } from '../provenance/verify.ts';
import { parseHelmEntry, type HelmEntry } from '../rekor/helm-entry.ts';
import type { EntrySource, GatheredEntry } from '../tlog/logged-entry.ts';
import { leafHash } from '../tlog/merkle.ts';
import type { ChartEvidence } from './chart-evidence.ts';
import { failed, notGood, passed, type CheckResult, type Facts } from './checks.ts';
import type { Past } from './consistency.ts';
import { entryId, type LoggedEvidence } from './log-checks.ts';
import { checkLogTime, type Sighting } from './log-time.ts';
import { check } from './make-checks.ts';

/** What is known of the past of the tree that an entry is in. */
export interface EntryPast {
  readonly tree: Past;
  /** When the tree was seen before, in its own indexes. */
  readonly sightings: readonly Sighting[];
}

/** An entry, and all that it is judged by. */
export interface EntryToJudge extends LoggedEvidence {
  readonly source: EntrySource;
  readonly chart: ChartEvidence;
  /** Of its tree. */
  readonly past: Past;
  readonly sightings: readonly Sighting[];
  /** Seconds since 1970. */
  readonly now: number;
}

/** Whether the entry is a well-formed helm entry: that is the fact. */
export const entryKind = check([], ({ entry }: Pick<EntryToJudge, 'entry'>) =>
  passed('a helm entry, version 0.0.1', parseHelmEntry(entry.body)),
);

/** Whether the entry holds this archive's digest, this signature, and the key that made it. */
export const entryBinding = check(['entry-kind', 'provenance-signature'], checkEntryBinding);

/**
 * Whether the entry is the one that was asked for. A kept entry has to be a predicted one, or one in another
 * form that holds this digest and this signature.
 */
export const chartEntryId = check([], (evidence: EntryToJudge) =>
  evidence.source === 'kept' ? checkKeptId(evidence) : entryId.make(evidence, {}),
);

/**
 * Whether the signer's key was good when the log took the entry. The fact is the signer, as the keyring and
 * the copy in the log tell it.
 */
export const signerKey = check(
  ['provenance-signature', 'entry-binding', 'inclusion-promise', 'entry-kind'],
  checkSignerKey,
);

/** Whether the time at which the log took the entry can be true. */
export const logTime = check(['inclusion-promise'], ({ entry, chart, now, sightings }: EntryToJudge) =>
  checkLogTime(
    { integratedTime: entry.time.integratedTime, index: entry.proof.index },
    { signed: chart.provenance.signature.created, now, sightings },
  ),
);

/**
 * Why an entry has nothing to do with this provenance, or undefined when it is ours to judge: it answers a
 * predicted leaf, was kept for this chart, or is a helm entry that holds this very signature. Anybody can log
 * anything for any digest. But only the log itself can return a body that does not fit the UUID: nobody knows
 * which entry belongs there, so it is judged.
 */
export function whyForeign(gathered: GatheredEntry, chart: ChartEvidence): string | undefined {
  const { source, entry } = gathered;
  if (source !== 'index' || encodeHex(leafHash(entry.body)) !== entry.id.leafHash) return undefined;
  try {
    const { signatureBytes } = parseHelmEntry(entry.body);
    return equalBytes(signatureBytes, chart.provenance.signatureBytes)
      ? undefined
      : 'a helm entry with another signature';
  } catch (thrown) {
    if (thrown instanceof MalformedError) return thrown.message;
    throw thrown;
  }
}

function checkKeptId(evidence: EntryToJudge): ReturnType<typeof entryId.make> {
  const { entry, asked, chart } = evidence;
  if (!asked.includes(entry.id.leafHash)) {
    const { sha256, signatureBytes } = parseHelmEntry(entry.body);
    if (sha256 !== chart.archive.sha256 || !equalBytes(signatureBytes, chart.provenance.signatureBytes))
      return failed('the entry that was kept is not one of this chart', {
        expected: asked.join(' or '),
        found: entry.id.leafHash,
      });
  }
  return entryId.make({ ...evidence, asked: [entry.id.leafHash] }, {});
}

function checkEntryBinding(
  { chart: { archive, provenance } }: EntryToJudge,
  {
    'provenance-signature': signature,
    'entry-kind': entry,
  }: Pick<Facts, 'provenance-signature' | 'entry-kind'>,
): CheckResult<undefined> {
  if (entry.sha256 !== archive.sha256)
    return failed('the entry is for another archive', {
      expected: `sha256:${archive.sha256}`,
      found: `sha256:${entry.sha256}`,
    });
  if (!equalBytes(entry.signatureBytes, provenance.signatureBytes))
    return failed('the entry holds another signature than the provenance');
  return signersCopies(entry, signature).length > 0
    ? passed('the entry holds the digest of this archive, this signature and the key that made it')
    : failed('the entry does not hold the key that made the signature', {
        expected: signature.signer.signingFingerprint,
        found: fingerprintsIn(entry),
      });
}

/** Of the keys in an entry; whoever logged it chose how many there are. */
function fingerprintsIn({ certificates }: HelmEntry): string {
  if (certificates.length === 0) return 'no key';
  const named = certificates.slice(0, MAX_NAMED).map(({ primary }) => primary.fingerprint);
  const more = certificates.length - named.length;
  return `${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

const MAX_NAMED = 10;

/**
 * The entry's copies of the signer's certificate. The signature was verified with the keyring's key; an entry
 * holds that key only if both key packets, primary and signing one, are there to the byte.
 */
function signersCopies(entry: HelmEntry, { certificate, signer }: VerifiedSignature): readonly Certificate[] {
  const signing = keysOf(certificate).find(({ fingerprint }) => fingerprint === signer.signingFingerprint);
  return entry.certificates.filter(
    (copy) =>
      equalBytes(copy.primary.body, certificate.primary.body) &&
      keysOf(copy).some(({ body }) => signing !== undefined && equalBytes(body, signing.body)),
  );
}

/** A revocation that only the log's copy of the certificate holds counts as well. */
async function signerWithLogCopy(entry: HelmEntry, signature: VerifiedSignature): Promise<Signer> {
  const { signer, revokers } = signature;
  const copies = signersCopies(entry, signature);
  const certificate = await revokedByCopies(signature, copies);
  return await assessCertificate(certificate, signer.signingFingerprint, revokers);
}

/** The code that judges revocations of copies is loaded only for entries that hold some. */
async function revokedByCopies(
  { certificate, revokers }: VerifiedSignature,
  copies: readonly Certificate[],
): Promise<Certificate> {
  if (!copies.some(holdsRevocation)) return certificate;
  const { withRevocationsOf } = await import('../openpgp/revocation-copies.ts');
  return await withRevocationsOf(certificate, copies, revokers);
}

async function checkSignerKey(
  { entry: { time } }: EntryToJudge,
  {
    'provenance-signature': signature,
    'entry-kind': entry,
  }: Pick<Facts, 'provenance-signature' | 'entry-kind'>,
): Promise<CheckResult<Signer>> {
  const signer = await signerWithLogCopy(entry, signature);
  const { integratedTime } = time;
  const judged = judgeSignerAt(signer, integratedTime);
  return judged.ok
    ? passed(`the signer's key was good at ${formatTime(integratedTime)}`, signer)
    : { ...notGood(`at the integrated time ${formatTime(integratedTime)}`, judged), fact: signer };
}
