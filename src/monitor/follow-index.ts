import { LogError, MalformedError } from '../errors.ts';
import type { LogView } from '../log-view/log-view.ts';
import { parseEntryId } from '../rekor/entry-id.ts';
import type { SearchQuery } from '../rekor/search-query.ts';
import type { OpenedLog } from '../run/log.ts';
import type { EntryId, GatheredEntry, UnreadableEntry } from '../tlog/logged-entry.ts';
import { conflictIn } from '../verification/consistency.ts';
import { judgeFound } from '../verification/found-entry.ts';
import type { IndexQueries } from './index-queries.ts';
import { ownEntryIn } from './own-entry.ts';
import type { Pass } from './pass.ts';

/**
 * Looks through the entries that the index of a log names for these queries, but for those that were told before. Each is judged
 * as `search` does.
 * @returns what the index does not know how to look for
 * @throws LogError when the log does not answer, or its answer makes no sense
 */
export async function followIndex(
  pass: Pass,
  { queries }: IndexQueries,
  log: OpenedLog,
  onProgress: (asked: number, total: number) => void,
): Promise<readonly string[]> {
  const looked = new Set<string>();
  /** Leaf hashes of those that the log did not give yet. */
  const missing = new Set<string>();
  const isWanted = ({ leafHash, text }: EntryId) => {
    if (pass.knows(leafHash) || looked.has(text)) return false;
    looked.add(text);
    missing.add(leafHash);
    return true;
  };
  const refused: string[] = [];
  for (const query of queries) {
    // Each has the time of one piece of work.
    const view = log.connect();
    try {
      for await (const { entries, unreadable } of view.search(query, onProgress, isWanted)) {
        for (const { entry } of entries) missing.delete(entry.id.leafHash);
        for (const { name } of unreadable) missing.delete(name.slice(-LEAF_DIGITS));
        for (const returned of entries) await tellFound(returned, pass, log, view);
        for (const each of unreadable) await tellUnreadable(each, pass);
      }
      await pass.save();
    } catch (error) {
      // An older log knows neither every kind of key nor the search for names.
      if (!(error instanceof LogError && error.code === 'LOG_REFUSED' && !('email' in query))) throw error;
      refused.push(nameOf(query));
    }
  }
  if (missing.size > 0)
    await pass.tellBehind(
      `the index names ${missing.size} entries that the log does not give, ${[...missing][0] ?? ''} among them`,
    );
  return refused;
}

/** Of a leaf hash, in hexadecimal. */
const LEAF_DIGITS = 64;

function nameOf(query: SearchQuery): string {
  if ('subject' in query) return `identity ${query.subject}`;
  return 'a form of a public key';
}

async function tellFound(returned: GatheredEntry, pass: Pass, log: OpenedLog, view: LogView): Promise<void> {
  const { entry } = returned;
  const own = await ownEntryIn(entry.body, pass.watched);
  if (own === undefined) return;
  const trusted = await log.trustedFor(entry.logId);
  const past = await log.history.pastOf(returned, { log: trusted, view });
  const conflict = conflictIn(past.tree);
  if (conflict !== undefined) {
    await pass.tellConflict(conflict);
    return;
  }
  const { report } = await judgeFound(returned, { log: trusted, past });
  if (report.kind === 'refuted') {
    await pass.tellBehind(
      `the entry ${entry.id.text} does not hold: ${report.failure.id}: ${report.failure.detail}`,
    );
    return;
  }
  const { id, proof, time } = entry;
  const place = {
    tree: id.treeId ?? '',
    index: proof.index,
    leafHash: id.leafHash,
    uuid: id.text,
    integratedTime: time.integratedTime,
  };
  await pass.tellEntry(own, place, report.checks);
}

/** What the index names and nobody can read may be anything, also an entry that somebody made too long to be looked at. */
async function tellUnreadable({ name, reason }: UnreadableEntry, pass: Pass): Promise<void> {
  const id = idIn(name);
  if (id === undefined) await pass.tellBehind(`the log gave something that is no entry: ${reason}`);
  else await pass.tellEntry(undefined, { tree: id.treeId ?? '', leafHash: id.leafHash, uuid: id.text }, []);
}

function idIn(name: string): EntryId | undefined {
  try {
    return parseEntryId(name);
  } catch (error) {
    if (error instanceof MalformedError) return undefined;
    throw error;
  }
}
