import { InputError, MalformedError, messageOf } from '../errors.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { lookAt, writeEvidence, type KeptEvidence } from '../evidence/write.ts';
import { isFileSystemError } from '../files/error-code.ts';
import type { OpenedLog } from '../run/log.ts';
import type { LoggedEntry } from '../tlog/logged-entry.ts';
import { judgePresent } from './present-evidence.ts';

/**
 * Keeps an entry that proves its chart in a file at this path. Evidence of this chart and log that holds stays as it
 * is, unless it is to be refreshed and is older; what is no evidence of them stays in any case.
 * @param now seconds since 1970
 */
export async function keepEvidence(
  path: string,
  entry: LoggedEntry,
  log: Pick<OpenedLog, 'server' | 'trustedFor'>,
  { isRefresh, now }: { readonly isRefresh: boolean; readonly now: number },
): Promise<KeptEvidence> {
  const notWritten = (problem: InputError) => ({ outcome: 'not-written' as const, path, problem });
  const present = await lookAt(path);
  if (present.kind === 'other') return notWritten(present.problem);
  if (present.kind === 'evidence') {
    const judged = await judgePresent(present.evidence, entry, await log.trustedFor(entry.logId), now);
    if (typeof judged === 'string') return notWritten(new InputError(`${path} is ${judged}`, MOVE_AWAY));
    const { holding } = judged;
    if (holding !== undefined && !(isRefresh && isNewer(entry, holding)))
      return { outcome: 'unchanged', path };
  }
  return await write(path, { log: log.server.href, entries: [entry] }, notWritten);
}

/** Whether the proof of an entry is for a later state of its tree; of another tree there is no later. */
function isNewer(entry: LoggedEntry, than: LoggedEntry): boolean {
  return entry.id.treeId !== than.id.treeId || entry.proof.size > than.proof.size;
}

async function write(
  path: string,
  evidence: Evidence,
  notWritten: (problem: InputError) => KeptEvidence,
): Promise<KeptEvidence> {
  try {
    await writeEvidence(path, evidence);
    return { outcome: 'written', path };
  } catch (error) {
    if (!(error instanceof MalformedError) && !isFileSystemError(error)) throw error;
    return notWritten(new InputError(`cannot write ${path}: ${messageOf(error)}`, ELSEWHERE));
  }
}

const MOVE_AWAY = 'move it away, or name another place with --evidence';
const ELSEWHERE = 'name another place with --evidence; helm sigstore evidence writes it later';
