import { LogError } from '../errors.ts';
import type { LogView } from '../log-view/log-view.ts';
import type { GatheredEntry } from '../tlog/logged-entry.ts';
import type { UploadPlan } from '../render/plan-text.ts';
import type { Context } from '../run/context.ts';
import type { OpenedLog } from '../run/log.ts';
import type { Submission } from './submission.ts';

/** What `upload --dry-run` does in place of sending. */

/** What would be sent of a chart, and where. @param chosenBy what chose the log at this URL, in words */
export function planOf(
  { provenance, publicKey, userId, email, leafHashes: [leafHash] }: Submission,
  server: string,
  chosenBy: string,
): UploadPlan {
  return {
    server,
    chosenBy,
    leafHash,
    userId,
    email,
    provenanceSize: provenance.length,
    publicKeySize: publicKey.length,
  };
}

/**
 * The entries of the log under these leaf hashes; where the log does not answer, why: a rehearsal warns of it, and goes on.
 * @throws LogError where this is no rehearsal
 */
export async function presentEntries(
  view: LogView,
  leafHashes: readonly string[],
  { leaves }: Pick<OpenedLog, 'leaves'>,
  { stderr }: Pick<Context, 'stderr'>,
  isRehearsal: boolean,
): Promise<{ readonly entries: readonly GatheredEntry[] } | { readonly error: LogError }> {
  try {
    const { entries } = await leaves.lookUp(view, leafHashes);
    return { entries };
  } catch (error) {
    if (!isRehearsal || !(error instanceof LogError)) throw error;
    stderr.warn(`whether the log has it already is not known: ${error.message}`);
    return { error };
  }
}
