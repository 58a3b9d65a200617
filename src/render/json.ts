import { encodeHex, formatTime } from '../encoding.ts';
import { hintFor, type Audience } from '../errors.ts';
import type { KeptConflict } from '../history/conflict-files.ts';
import type { KeyLifetime, Signer } from '../openpgp/key-lifetime.ts';
import type { EntrySummary } from '../tlog/logged-entry.ts';
import type { TrustedLog } from '../trust/trusted-log.ts';
import type { ChartReport } from '../policy/chart-report.ts';
import type { AnyReport } from '../policy/decision.ts';
import type { Check } from '../verification/checks.ts';
import type { Inspection } from '../verification/inspection.ts';
import type { ReportedArchive } from './chart-text.ts';
import { contentsMembers } from './contents-text.ts';
import { conflictMembers } from './conflict-text.ts';
import { bundleSignerMembers } from './signed-bundle-text.ts';
import { SHOWN_FILES, type InspectedChart } from './inspection-text.ts';

/**
 * The members of the JSON documents (docs/json.md). Times are RFC 3339 text in UTC, digests and fingerprints
 * lower-case hexadecimal.
 */

/** A chart that `verify` or `upload` judged. It has a verdict unless it has a plan. */
export function chartMembers(
  { verdict, ruling, evidences, signedAt, others, othersNotShown }: ChartReport,
  { sha256, source }: ReportedArchive,
  { server, audience, plan }: ShownTo & { readonly plan?: object | undefined },
): Record<string, unknown> {
  return {
    archive: { sha256 },
    ...(source && { source }),
    ...(plan ? { plan } : { verdict, ...(ruling && { policy: ruling }) }),
    ...(signedAt !== undefined && { signedAt: formatTime(signedAt) }),
    evidences: evidences.map((each) => evidenceMembers(each, server, audience)),
    others,
    ...(othersNotShown > 0 && { othersNotShown }),
  };
}

/** The log that a report is about, and who reads it. */
export interface ShownTo {
  /** The log's URL as the user knows it, without a slash at its end. */
  readonly server: string;
  readonly audience?: Audience | undefined;
  /** The command that shows every rule about the chart; undefined: how it is made; false: the answer shows them itself. */
  readonly explaining?: string | false | undefined;
}

/** One piece of evidence that was judged. */
function evidenceMembers(report: AnyReport, server: string, audience?: Audience): Record<string, unknown> {
  const { profile, kind, source, entry, checks, warnings } = report;
  const signer = whoSigned(report);
  return {
    profile,
    kind,
    source,
    ...(entry && { entry: entryMembers(entry, server) }),
    ...('place' in report && { bundle: report.place }),
    ...('manifest' in report && report.manifest && { manifest: report.manifest }),
    ...('time' in report && report.time !== undefined && { signedAt: formatTime(report.time) }),
    ...(signer && { signer }),
    checks: checkMembers(checks, audience),
    warnings,
  };
}

function whoSigned(report: AnyReport): Record<string, unknown> | undefined {
  if (report.profile === 'openpgp-rekor' || report.profile === 'openpgp-bundle')
    return report.signer && signerMembers(report.signer);
  return report.signer && bundleSignerMembers(report.signer);
}

/** Checks, with hints for this reader. */
export function checkMembers(
  checks: readonly Check[],
  audience: Audience = 'consumer',
): Record<string, unknown>[] {
  return checks.map(({ hint: hints, ...check }) => {
    const hint = hintFor(hints, audience);
    return { ...check, ...(hint !== undefined && { hint }) };
  });
}

/** An entry of the log at `server`. */
export function entryMembers(entry: EntrySummary, server: string): Record<string, unknown> {
  const { id, logId, proof, time } = entry;
  return {
    uuid: id.text,
    url: entryUrl(server, id.text),
    logIndex: time.logIndex,
    integratedTime: formatTime(time.integratedTime),
    logId,
    ...(id.treeId !== undefined && { treeId: id.treeId }),
    leafHash: id.leafHash,
    treeSize: proof.size,
    rootHash: encodeHex(proof.rootHash),
  };
}

/** Where the log at `server` shows the entry. */
export function entryUrl(server: string, uuid: string): string {
  return `${server}/api/v1/log/entries/${uuid}`;
}

/** The log of a run, and why its keys are trusted. */
export function logMembers(server: string, trusted: TrustedLog | undefined): Record<string, unknown> {
  if (trusted === undefined)
    return { url: server, trust: { kind: 'none', detail: 'no trusted key of this log' } };
  const { kind, detail, root } = trusted.source;
  const logIds = trusted.keys.map(({ logId }) => logId);
  const copy = root && { root: { ...root, asOf: formatTime(root.asOf) } };
  return { url: server, trust: { kind, detail, logIds, ...copy } };
}

/** What a run says of its log: which one it is, and how it contradicts what was seen of it before. */
export function logDocument(worked: {
  readonly server: string;
  readonly trusted: TrustedLog | undefined;
  readonly conflicts: readonly KeptConflict[];
}): Record<string, unknown> {
  return { log: logMembers(worked.server, worked.trusted), ...conflictMembers(worked) };
}

/** Who signed. */
export function signerMembers(signer: Signer): Record<string, unknown> {
  const { primaryFingerprint, signingFingerprint, userIds, algorithm, primary, signing } = signer;
  return {
    fingerprint: primaryFingerprint,
    signingFingerprint,
    userIds,
    algorithm,
    primary: lifetimeMembers(primary),
    signing: lifetimeMembers(signing),
  };
}

/** When a key was made, when it expires, and its revocations. */
export function lifetimeMembers({
  created,
  expires,
  revocations,
}: Omit<KeyLifetime, 'fingerprint'>): Record<string, unknown> {
  return {
    created: formatTime(created),
    ...(expires !== undefined && { expires: formatTime(expires) }),
    revocations: revocations.map(({ hard, at, reason }) => ({ hard, at: formatTime(at), reason })),
  };
}

/** What `inspect` found out. */
export function inspectionMembers(
  { archive, name, version, files, signedAt, keyId, provenanceBundle, contents }: InspectedChart,
  { report, signer, place, warnings }: Inspection,
): Record<string, unknown> {
  return {
    ...(archive && { archive: { sha256: archive.sha256 } }),
    ...(archive?.source && { source: archive.source }),
    metadata: { ...(name !== undefined && { name }), ...(version !== undefined && { version }) },
    files: files.slice(0, SHOWN_FILES),
    ...(files.length > SHOWN_FILES && { filesNotShown: files.length - SHOWN_FILES }),
    keyId,
    ...(signer && { signer: signerMembers(signer) }),
    ...(place !== undefined && { foundIn: place }),
    signedAt: formatTime(signedAt),
    ...(provenanceBundle !== undefined && { provenanceBundle }),
    checks: checkMembers(report.checks),
    ...(contents && contentsMembers(contents)),
    warnings: [...warnings, ...(contents?.warnings ?? [])],
  };
}
