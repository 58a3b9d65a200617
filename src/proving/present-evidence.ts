import { equalBytes } from '../encoding.ts';
import { MalformedError } from '../errors.ts';
import type { Evidence } from '../evidence/evidence.ts';
import { parseHelmEntry } from '../rekor/helm-entry.ts';
import type { LoggedEntry } from '../tlog/logged-entry.ts';
import type { TrustedLog } from '../trust/trusted-log.ts';
import { judgeKept } from '../verification/kept-entry.ts';

/**
 * Whether evidence that is there already may be replaced by an entry that was proven. It may if it is of the same
 * archive and the same log; `holding` is then the entry in it that has the same body and holds, if there is one.
 * Otherwise the answer is what the evidence is, in words.
 */
export async function judgePresent(
  { log: url, entries }: Evidence,
  proven: LoggedEntry,
  log: TrustedLog,
  now: number,
): Promise<{ readonly holding: LoggedEntry | undefined } | string> {
  const sha256 = archiveOf(proven);
  const own = entries.filter((each) => archiveOf(each) === sha256);
  if (own.length === 0) return 'evidence of another chart';
  const logIds = log.keys.map(({ logId }) => logId);
  if (!own.some(({ logId }) => logIds.includes(logId))) return `evidence of another log, ${url}`;
  for (const entry of own) {
    if (!equalBytes(entry.body, proven.body)) continue;
    const { report } = await judgeKept(entry, log, now);
    if (report.kind === 'proven') return { holding: entry };
  }
  return { holding: undefined };
}

/** Digest of the archive that an entry is for; undefined: it is no helm entry. */
function archiveOf({ body }: LoggedEntry): string | undefined {
  try {
    return parseHelmEntry(body).sha256;
  } catch (error) {
    if (error instanceof MalformedError) return undefined;
    throw error;
  }
}
