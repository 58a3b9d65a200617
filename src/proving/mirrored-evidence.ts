import { basename, join } from 'node:path';
import type { ChartFiles } from '../chart/chart-files.ts';
import { sha256Hex } from '../digest.ts';
import { InputError } from '../errors.ts';
import { EVIDENCE_LIMIT } from '../evidence/evidence.ts';
import { formatEvidence } from '../evidence/format.ts';
import { evidenceIn } from '../evidence/read.ts';
import { TooLargeError } from '../files/regular-file.ts';
import { OddFileError, readInside } from '../mirror/file-inside.ts';
import type { Mirror } from '../mirror/mirror.ts';
import type { Requirements } from '../policy/requirements.ts';
import type { OpenedLog } from '../run/log.ts';
import type { LoggedEntry } from '../tlog/logged-entry.ts';
import { entriesOf, evidenceOf, type EvidenceFinder } from './found-evidence.ts';
import { judgePresent } from './present-evidence.ts';

/** What the evidence of a chart in a mirror is made of. */
export interface ProvenEntryOf {
  readonly chart: ChartFiles;
  /** The entry that proved it. */
  readonly entry: LoggedEntry;
  readonly log: Pick<OpenedLog, 'server' | 'trustedFor'>;
  /** Seconds since 1970. */
  readonly now: number;
}

/**
 * Finds the evidence by which a chart is proven before it is put into a mirror: that beside the chart, else that which an
 * earlier run put into the mirror, if its files are the same and were not altered since. Bundles of its provenance are looked
 * for alike.
 */
export function evidenceForMirror(mirror: Mirror, { signedName }: Requirements): EvidenceFinder {
  return async (chart) => {
    const beside = await evidenceOf(chart);
    if (beside.all.length > 0) return beside;
    // A chart that is not there is another matter than one without provenance.
    await chart.archive();
    const archive = signedName ?? chart.expected?.signedName ?? basename(chart.label);
    const provenance = sha256Hex(await chart.provenance());
    const kept = async (kind: 'evidence' | 'provenanceBundle') => {
      const path = await mirror.unaltered(kind, archive, provenance);
      const bytes = path === undefined ? undefined : await readPresent(mirror.path, path);
      return path !== undefined && bytes ? [{ label: join(mirror.path, path), bytes }] : [];
    };
    const all = await kept('evidence');
    if (all.length > 0) return { all, isOffered: false };
    const bundles = await kept('provenanceBundle');
    return bundles.length > 0 ? { all, isOffered: false, bundles: () => Promise.resolve(bundles) } : beside;
  };
}

/**
 * The evidence that a mirror has of a chart: the newest of the file that is beside the chart and the one that the mirror
 * has already, so that a second run changes nothing; where neither is there, one made of the entry that proved the chart.
 * @param directory of the mirror
 * @param path of the evidence in it
 * @throws InputError if there is a file beside the chart that is no evidence of it
 */
export async function mirroredEvidence(
  proven: ProvenEntryOf,
  directory: string,
  path: string,
): Promise<Uint8Array> {
  const { chart, entry, log } = proven;
  const beside = await evidenceBeside(chart, proven);
  const present = await presentEvidence(directory, path, proven);
  if (present !== undefined && (beside === undefined || !isNewer(beside.entry, present.entry)))
    return present.bytes;
  return beside?.bytes ?? formatEvidence({ log: log.server.href, entries: [entry] });
}

/** Evidence that holds, and the entry in it that does. */
interface Holding {
  readonly bytes: Uint8Array;
  readonly entry: LoggedEntry;
}

function isNewer({ id, proof }: LoggedEntry, than: LoggedEntry): boolean {
  return id.treeId === than.id.treeId && proof.size > than.proof.size;
}

async function evidenceBeside(chart: ChartFiles, proven: ProvenEntryOf): Promise<Holding | undefined> {
  const { all, isOffered } = await entriesOf(chart);
  for (const { bytes, label } of all) {
    const judged = await judgeBytes(bytes, label, proven).catch((error: unknown) => {
      if (isOffered && error instanceof InputError) return error.message;
      throw error;
    });
    if (typeof judged !== 'string') return judged;
    // It was judged before, so somebody has changed it since.
    if (!isOffered) throw new InputError(`${label} is ${judged}`, MAKE_AGAIN);
  }
  return undefined;
}

/** The evidence that the mirror has and that holds; undefined: there is none, so it is replaced. */
async function presentEvidence(
  directory: string,
  path: string,
  proven: ProvenEntryOf,
): Promise<Holding | undefined> {
  const bytes = await readPresent(directory, path);
  try {
    const judged = bytes && (await judgeBytes(bytes, path, proven));
    return typeof judged === 'string' ? undefined : judged;
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

/**
 * The bytes of evidence in a mirror; undefined if there is none. What else may stand there, whoever writes to it
 * reports.
 */
async function readPresent(directory: string, path: string): Promise<Uint8Array | undefined> {
  try {
    return await readInside(directory, path, EVIDENCE_LIMIT);
  } catch (error) {
    if (error instanceof OddFileError || error instanceof TooLargeError) return undefined;
    throw error;
  }
}

/** Evidence that holds; else what it is, in words. @throws InputError if it is malformed */
async function judgeBytes(
  bytes: Uint8Array,
  place: string,
  { entry, log, now }: ProvenEntryOf,
): Promise<Holding | string> {
  const trusted = await log.trustedFor(entry.logId);
  const judged = await judgePresent(evidenceIn(bytes, place), entry, trusted, now);
  if (typeof judged === 'string') return judged;
  const { holding } = judged;
  return holding === undefined ? 'evidence that does not hold' : { bytes, entry: holding };
}

const MAKE_AGAIN = 'get it again, from where the chart is; or move it away, so that the log is asked';
