import { equalBytes, formatTime } from '../encoding.ts';
import { MalformedError } from '../errors.ts';
import { keysOf, type Certificate } from '../openpgp/certificate.ts';
import { assessCertificate, judgeSignerAt, type Signer } from '../openpgp/key-lifetime.ts';
import { withRevocationsOf } from '../openpgp/revocation.ts';
import { parseHelmEntry, type HelmEntry } from '../rekor/helm-entry.ts';
import type { GatheredEntry } from '../rekor/gathered-entry.ts';
import { summaryOf, type EntrySummary } from '../rekor/schemas.ts';
import type { TrustedLog } from '../trust/trusted-log.ts';
import type { ChartEvidence, GoodSignature } from './chart-checks.ts';
import { CHECK_IDS, failed, LOCAL_CHECK_IDS, makeChecks, passed, skipped } from './checks.ts';
import type { Check, CheckMakers, EntryCheckId, Finding } from './checks.ts';
import { checkConsistency, type Past } from './consistency.ts';
import { logChecks } from './log-checks.ts';
import { checkLogTime, type Sighting } from './log-time.ts';

/** What is known of the past of the tree that an entry is in. */
export interface EntryPast {
  readonly tree: Past;
  /** When the tree was seen before, in its own indexes. */
  readonly sightings: readonly Sighting[];
}

/** An entry that may be the one of a chart, with all that it is judged by beside the chart. */
export interface EntryEvidence extends GatheredEntry {
  readonly past: EntryPast;
}

/** What came of one entry. */
export interface EntryJudgement {
  readonly entry: EntrySummary;
  readonly checks: readonly Check[];
  /** The signer as the keyring and the log's own copy of the certificate together tell it. */
  readonly signer?: Signer;
}

/** The checks of an entry, in the order of judgement. */
const ENTRY_CHECK_ORDER = CHECK_IDS.filter(
  (id): id is EntryCheckId => !LOCAL_CHECK_IDS.some((local) => local === id),
);

/**
 * Why an entry has nothing to do with this provenance, or undefined when it is ours to judge: it answers a
 * predicted leaf, or it is a helm entry that holds this very signature. Anybody can log anything for any digest.
 */
export function whyForeign(gathered: GatheredEntry, chart: ChartEvidence): string | undefined {
  if (gathered.source === 'predicted') return undefined;
  try {
    const { signatureBytes } = parseHelmEntry(gathered.entry.body);
    return equalBytes(signatureBytes, chart.provenance.signatureBytes)
      ? undefined
      : 'a helm entry with another signature';
  } catch (thrown) {
    if (thrown instanceof MalformedError) return thrown.message;
    throw thrown;
  }
}

/** Makes the ten checks of an entry for a chart whose local checks passed, at the time `now`. */
export async function judgeEntry(
  evidence: EntryEvidence,
  chart: ChartEvidence,
  signature: GoodSignature,
  log: TrustedLog,
  now: number,
): Promise<EntryJudgement> {
  const { entry, past } = evidence;
  const { integratedTime } = entry;
  let helmEntry: HelmEntry | undefined;
  let signer: Signer | undefined;
  const makers: CheckMakers<EntryCheckId> = {
    ...logChecks(evidence, log),
    'entry-kind': () => {
      helmEntry = parseHelmEntry(entry.body);
      return passed('a helm entry, version 0.0.1');
    },
    'entry-binding': () => checkEntryBinding(entryOf(helmEntry), chart, signature),
    'signer-key': async () => {
      signer = await signerWithLogCopy(entryOf(helmEntry), signature);
      return checkSignerKey(signer, integratedTime);
    },
    'log-time': () =>
      checkLogTime(
        { integratedTime, index: entry.inclusionProof.logIndex },
        { signed: chart.provenance.signature.created, now, sightings: past.sightings },
      ),
    consistency: () => checkConsistency(past.tree),
  };
  const checks = await makeChecks(makers, ENTRY_CHECK_ORDER);
  return { entry: summaryOf(entry), checks, ...(signer && { signer }) };
}

/** The checks of an entry where there is none to look at, all skipped for this reason. */
export function skippedEntryChecks(reason: string): Check[] {
  return ENTRY_CHECK_ORDER.map((id) => ({ id, ...skipped(reason) }));
}

function checkEntryBinding(entry: HelmEntry, chart: ChartEvidence, signature: GoodSignature): Finding {
  const { archive, provenance } = chart;
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
        found: entry.certificates.map(({ primary }) => primary.fingerprint).join(', ') || 'no key',
      });
}

/**
 * The entry's copies of the signer's certificate. The signature was verified with the keyring's key; an entry
 * holds that key only if both key packets, primary and signing one, are there to the byte.
 */
function signersCopies(entry: HelmEntry, { certificate, signer }: GoodSignature): readonly Certificate[] {
  const signing = keysOf(certificate).find(({ fingerprint }) => fingerprint === signer.signingFingerprint);
  return entry.certificates.filter(
    (copy) =>
      equalBytes(copy.primary.body, certificate.primary.body) &&
      keysOf(copy).some(({ body }) => signing !== undefined && equalBytes(body, signing.body)),
  );
}

/** A revocation that only the log's copy of the certificate holds counts as well. */
async function signerWithLogCopy(entry: HelmEntry, signature: GoodSignature): Promise<Signer> {
  const certificate = withRevocationsOf(signature.certificate, signersCopies(entry, signature));
  return await assessCertificate(certificate, signature.signer.signingFingerprint, signature.revokers);
}

function checkSignerKey(signer: Signer, integratedTime: number): Finding {
  const judged = judgeSignerAt(signer, integratedTime);
  return judged.ok
    ? passed(`the signer's key was good at ${formatTime(integratedTime)}`)
    : failed(`at the integrated time ${formatTime(integratedTime)}: ${judged.reason}`);
}

/** The entry that the check `entry-kind` parsed; the checks that need it are made only when that one passed. */
function entryOf(entry: HelmEntry | undefined): HelmEntry {
  if (entry === undefined) throw new MalformedError('the entry was not parsed');
  return entry;
}
