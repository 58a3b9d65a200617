import type { RekorClient } from '../rekor/client.ts';
import type { Gathered, GatheredEntry } from '../rekor/gathered-entry.ts';
import { predictLeaves } from '../rekor/helm-entry.ts';
import {
  likelySigner,
  type ChartEvidence,
  type GoodSignature,
  type LikelySigner,
} from '../verification/chart-checks.ts';
import { judgeEntry, type EntryJudgement } from '../verification/entry-checks.ts';
import type { OpenedLog } from './log.ts';

/** A chart whose local checks passed. */
export interface GoodChart {
  readonly evidence: ChartEvidence;
  readonly signature: GoodSignature;
}

/** A log, and the client with the time that a chart has. */
export interface Asking {
  readonly log: OpenedLog;
  readonly client: RekorClient;
}

/**
 * Asks the log at once for the entries that a chart has if it is good and its likely signer made the signature. The
 * returned function gives those of the real signer, and asks again only if it is another one. Each time has a client of
 * its own, because a large archive may be read in between.
 */
export function askAhead(
  chart: Pick<ChartEvidence, 'provenance' | 'signers'>,
  log: OpenedLog,
): (signer: LikelySigner) => Promise<Gathered> {
  const ask = async ({ certificate, signingFingerprint }: LikelySigner) => {
    const leaves = predictLeaves(chart.provenance, certificate, signingFingerprint);
    return await log.leaves.lookUp(
      log.connect(),
      leaves.map(({ leafHash }) => leafHash),
    );
  };
  const likely = likelySigner(chart);
  // No chart is good whose provenance signs several files, and there may be thousands.
  const isOneFile = chart.provenance.document.files.length === 1;
  const ahead = likely && isOneFile && log.trusted ? ask(likely) : undefined;
  // If the chart is bad, nobody waits for the answer.
  ahead?.catch(() => undefined);
  return async (signer) => (likely && ahead && isSame(likely, signer) ? await ahead : await ask(signer));
}

/** Judges entries that are those of a chart, at the time `now`. @throws LogError as `LogHistory.pastOf` does */
export async function judgeEntries(
  entries: readonly GatheredEntry[],
  { evidence, signature }: GoodChart,
  { log, client }: Asking,
  now: number,
): Promise<EntryJudgement[]> {
  const judgements: EntryJudgement[] = [];
  for (const each of entries) {
    const trusted = await log.trustedFor(each.entry.logId);
    const past = await log.history.pastOf(each, { log: trusted, client });
    judgements.push(await judgeEntry({ ...each, past }, evidence, signature, trusted, now));
  }
  return judgements;
}

function isSame(one: LikelySigner, other: LikelySigner): boolean {
  return one.certificate === other.certificate && one.signingFingerprint === other.signingFingerprint;
}
