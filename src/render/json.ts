import { encodeHex, formatTime } from '../encoding.ts';
import type { KeyLifetime, Signer } from '../openpgp/key-lifetime.ts';
import type { EntrySummary } from '../rekor/schemas.ts';
import type { TrustedLog } from '../trust/trusted-log.ts';
import type { ChartReport } from '../verification/chart-report.ts';
import type { Inspection } from '../verification/inspection.ts';
import type { InspectedChart } from './inspection-text.ts';

/**
 * The members of the JSON documents (docs/json.md). Times are RFC 3339 text in UTC, digests and fingerprints
 * lower-case hexadecimal.
 */

/** A chart that was judged by `verify` or `upload`. */
export function chartMembers(report: ChartReport, server: string): Record<string, unknown> {
  const { verdict, entry, signer, signedAt, checks, warnings, others } = report;
  return {
    verdict,
    ...(entry && { entry: entryMembers(entry, server) }),
    ...(signer && { signer: signerMembers(signer) }),
    ...(signedAt !== undefined && { signedAt: formatTime(signedAt) }),
    checks,
    warnings,
    others,
  };
}

/** An entry of the log at `server`. */
export function entryMembers(entry: EntrySummary, server: string): Record<string, unknown> {
  const { id, logIndex, integratedTime, logId, inclusionProof } = entry;
  return {
    uuid: id.text,
    url: entryUrl(server, id.text),
    logIndex,
    integratedTime: formatTime(integratedTime),
    logId,
    ...(id.treeId !== undefined && { treeId: id.treeId }),
    leafHash: id.leafHash,
    treeSize: inclusionProof.treeSize,
    rootHash: encodeHex(inclusionProof.rootHash),
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

function signerMembers(signer: Signer): Record<string, unknown> {
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

/** When a key was, is and will be good. */
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
  { name, version, files, signedAt, keyId }: InspectedChart,
  { checks, signer, place, warnings }: Inspection,
): Record<string, unknown> {
  return {
    metadata: { name, version },
    files,
    keyId,
    ...(signer && { signer: signerMembers(signer) }),
    ...(place !== undefined && { foundIn: place }),
    signedAt: formatTime(signedAt),
    checks,
    warnings,
  };
}
