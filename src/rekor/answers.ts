import { cut } from '../encoding.ts';
import { MalformedError } from '../errors.ts';
import { badAnswer, readJson } from '../http/json.ts';
import type { HttpAnswer } from '../http/request.ts';
import type { EntryId, LoggedEntry, UnreadableEntry } from '../tlog/logged-entry.ts';
import { parseEntryId } from './entry-id.ts';
import { refusal } from './refusal.ts';
import { parseEntryList, parseLogEntry } from './schemas.ts';

/** The answer, if its status is 200. @throws LogError as `refusal` makes it */
export function expectOk(answer: HttpAnswer): HttpAnswer {
  if (answer.status !== 200) throw refusal(answer);
  return answer;
}

/** When the server says that it answered, in seconds since 1970; undefined if it does not say. */
export function timeOf({ headers }: HttpAnswer): number | undefined {
  const milliseconds = Date.parse(headers['date'] ?? '');
  return Number.isNaN(milliseconds) ? undefined : Math.floor(milliseconds / 1000);
}

/** One leaf may be in several trees of a log, and is returned from each; no log has been rotated so often. */
const TREES_OF_A_LOG = 16;

/**
 * The entries of an answer of `entries/retrieve`, and what in it cannot be read as an entry.
 * @param asked how many entries were asked for
 * @throws LogError `LOG_ANSWER` when it is no list, or a far longer one
 */
export function readEntries(
  answer: HttpAnswer,
  asked: number,
): { readonly entries: readonly LoggedEntry[]; readonly unreadable: readonly UnreadableEntry[] } {
  const list = readJson(answer, parseEntryList);
  if (list.length > asked * TREES_OF_A_LOG)
    throw badAnswer(answer, `${list.length} entries where ${asked} were asked for`);
  const entries: LoggedEntry[] = [];
  const unreadable: UnreadableEntry[] = [];
  for (const element of list) {
    try {
      entries.push(parseLogEntry(element));
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error;
      unreadable.push({ name: nameOf(element), reason: error.message });
    }
  }
  return { entries, unreadable };
}

/**
 * The ID of the entry that an answer with status 409 names in its header `Location`, a path or a URL that
 * ends in the ID; undefined without one. A proxy may drop or change the header; whoever sent the entry can
 * predict its ID.
 */
export function existingId({ headers }: HttpAnswer): EntryId | undefined {
  const path = headers['location'] ?? '';
  try {
    return parseEntryId(path.slice(path.lastIndexOf('/') + 1));
  } catch (error) {
    if (error instanceof MalformedError) return undefined;
    throw error;
  }
}

/** The text of a key. Rekor 1.5.4 sends the PEM text as a JSON string to those who accept JSON. */
export function readPem(answer: HttpAnswer): string {
  const text = Buffer.from(answer.body).toString('utf8');
  return text.startsWith('"') ? readJson(answer, (json) => String(json)) : text;
}

/** The name of what should be `{"<entry ID>": {...}}`; it may be anything, and have a million members. */
function nameOf(element: unknown): string {
  if (typeof element === 'object' && element !== null && !Array.isArray(element))
    for (const name in element) return cut(name, 80);
  return 'an entry without a name';
}
