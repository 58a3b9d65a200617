import type { GatheredEntries } from '../log-view/log-view.ts';
import { predictLeaves } from '../rekor/predicted-entry.ts';
import { likelySigner, type LikelySigner, type SignatureEvidence } from '../verification/signature-check.ts';
import type { OpenedLog } from '../run/log.ts';

/** The entries that the log may have of a chart by this signer. Throws LogError as `LogView.entries` does. */
export type AskedAhead = (signer: LikelySigner) => Promise<GatheredEntries>;

/**
 * Asks the log at once for the entries that a chart has if it is good and its likely signer made the signature. The
 * returned function gives those of the real signer, and asks again only if it is another one. Each time has a view of
 * its own, because a large archive may be read in between.
 */
export function askAhead(chart: SignatureEvidence, log: OpenedLog): AskedAhead {
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

function isSame(one: LikelySigner, other: LikelySigner): boolean {
  return one.certificate === other.certificate && one.signingFingerprint === other.signingFingerprint;
}
