import { join } from 'node:path';
import { RejectedError } from '../errors.ts';
import { readConflicts, type ConflictOnFile } from '../history/conflict-files.ts';
import { ok, warning, type Found } from '../render/findings-text.ts';
import { warningsAbout } from '../trust/sigstore-root.ts';
import type { TrustedLog } from '../trust/trusted-log.ts';

/**
 * Which keys of a log are trusted, and whether their copy of the root is fresh.
 * @param now seconds since 1970
 */
export function examineTrust({ source, keys }: TrustedLog, now: number): Found {
  const [first] = source.root ? warningsAbout(source.root, now) : [];
  const found = `${keys.length === 1 ? '1 key' : `${keys.length} keys`} by ${source.detail}`;
  if (first === undefined) return ok(found);
  return warning(`${found}; ${first}`, 'helm sigstore trust update brings a new copy');
}

/** The first conflicts of logs that were kept in a directory of history, if there is one. */
export async function conflictsIn(history: string | undefined): Promise<readonly ConflictOnFile[]> {
  const conflicts = history === undefined ? [] : await readConflicts(join(history, 'conflicts'));
  return conflicts.slice(0, MAX_CONFLICTS);
}

const MAX_CONFLICTS = 10;

/**
 * The finding for a conflict on file. It stays until the user removes the file.
 * @param server the URL of the log of this run
 * @throws RejectedError if the conflict is of that log, or cannot be read
 */
export function examineConflict(
  { path, content }: ConflictOnFile,
  server: string | undefined,
  trusted: TrustedLog | undefined,
): Found {
  const isOther =
    content !== undefined &&
    content.server !== server &&
    !trusted?.keys.some(({ logId }) => content.logIds.includes(logId));
  const found =
    content === undefined
      ? `there is evidence against a log in ${path}, which cannot be read`
      : `${content.server} contradicted at ${content.seen} what it had shown before: ${content.reason}; both checkpoints are in ${path}`;
  const remedy =
    'show the file to those who run the log; when they have explained it, helm sigstore state clear forgets what was seen';
  if (isOther) return warning(found, remedy);
  throw new RejectedError(found, remedy);
}
