import { decodeBase64 } from '../../encoding.ts';
import { MalformedError, messageOf } from '../../errors.ts';
import { invalid, invalidity, Refusal } from '../entry/refusal.ts';
import { asBody, member, unreadable, type Members } from '../entry/request-body.ts';
import { illegalBase64, UnacceptableEntry } from '../entry/proposed-entry.ts';
import { keyDigest, parseSubmittedKey } from '../entry/submitted-key.ts';

/** What `index/retrieve` looks for. */
export interface IndexQuery {
  readonly keys: readonly string[];
  readonly operator: 'and' | 'or';
}

/** What `entries/retrieve` looks for. */
export interface EntriesQuery {
  readonly entryIds: readonly string[];
  readonly logIndexes: readonly number[];
  readonly proposedEntries: readonly Members[];
}

const ENTRY_ID = /^([0-9a-fA-F]{64}|[0-9a-fA-F]{80})$/;
const HASH = /^(sha512:)?[0-9a-fA-F]{128}$|^(sha256:)?[0-9a-fA-F]{64}$|^(sha1:)?[0-9a-fA-F]{40}$/;
const KEY_FORMATS = ['pgp', 'x509', 'minisign', 'ssh', 'tuf'];
const MAX_ENTRIES = 10;

/**
 * An entry ID (64 or 80 hexadecimal digits) in lower case.
 * @param place where it stands in the request
 * @throws Refusal when it is not an entry ID
 */
export function parseEntryIdText(text: unknown, place: string): string {
  if (typeof text !== 'string' || !ENTRY_ID.test(text))
    throw invalid(invalidity.pattern, `${place} should match '${ENTRY_ID.source}'`);
  return text.toLowerCase();
}

/** The query of `entries/retrieve`, ten entries in all at the most. @throws Refusal */
export function parseEntriesQuery(body: Members): EntriesQuery {
  const query = {
    entryIds: list(body, 'entryUUIDs', parseEntryIdText),
    logIndexes: list(body, 'logIndexes', parseLogIndex),
    proposedEntries: list(body, 'entries', parseProposal),
  };
  if (query.entryIds.length + query.logIndexes.length + query.proposedEntries.length > MAX_ENTRIES)
    throw new Refusal(422, `more than max allowed ${MAX_ENTRIES} entries in request`);
  return query;
}

/** The query of `index/retrieve`. @throws Refusal */
export function parseIndexQuery(body: Members): IndexQuery {
  const { email, hash, operator = 'or', publicKey, subject } = body;
  if (operator !== 'and' && operator !== 'or')
    throw invalid(invalidity.value, 'operator in body should be one of [and or]');
  const keys: string[] = [];
  if (given(email)) keys.push(emailKey(email));
  if (given(hash)) keys.push(hashKey(hash));
  if (given(publicKey)) keys.push(publicKeyKey(publicKey));
  if (given(subject)) keys.push(String(subject));
  return { keys, operator };
}

function given(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '';
}

function emailKey(email: unknown): string {
  if (typeof email === 'string' && /^[^@\s]+@[^@\s]+$/.test(email)) return email;
  throw invalid(invalidity.type, `email in body must be of type email: ${JSON.stringify(email)}`);
}

function hashKey(hash: unknown): string {
  if (typeof hash !== 'string' || !HASH.test(hash))
    throw invalid(invalidity.pattern, `hash in body should match '${HASH.source}'`);
  // Without a prefix it is a SHA-256 digest, or one of another length, which no entry here has.
  return hash.includes(':') ? hash : `sha256:${hash}`;
}

/** Keys of other formats than OpenPGP are allowed, but no entry here has one. */
function publicKeyKey(publicKey: unknown): string {
  const format = member(publicKey, 'format');
  if (!format) throw invalid(invalidity.required, 'publicKey.publicKey.format in body is required');
  if (typeof format !== 'string' || !KEY_FORMATS.includes(format))
    throw invalid(
      invalidity.value,
      `publicKey.publicKey.format in body should be one of [${KEY_FORMATS.join(' ')}]`,
    );
  const content = member(publicKey, 'content');
  const noKey = new Refusal(400, 'public key provided could not be parsed');
  if (typeof content !== 'string') throw noKey;
  if (format !== 'pgp') return '';
  try {
    return keyDigest(parseSubmittedKey(decodeContent(content)));
  } catch (error) {
    if (error instanceof MalformedError || error instanceof UnacceptableEntry) throw noKey;
    throw error;
  }
}

function decodeContent(content: string): Uint8Array {
  try {
    return decodeBase64(content);
  } catch (error) {
    if (error instanceof MalformedError) throw unreadable('query', illegalBase64(content));
    throw error;
  }
}

function list<T>(body: Members, name: string, parse: (item: unknown, place: string) => T): T[] {
  const items = body[name] ?? [];
  if (!Array.isArray(items)) throw unreadable('entry', `${name} is no array`);
  if (items.length > MAX_ENTRIES)
    throw invalid(invalidity.items, `${name} in body should have at most ${MAX_ENTRIES} items`);
  return items.map((item: unknown, position) => parse(item, `${name}.${position} in body`));
}

function parseProposal(proposed: unknown): Members {
  try {
    return asBody(proposed, 'proposedEntry');
  } catch (error) {
    throw unreadable('entry', messageOf(error));
  }
}

function parseLogIndex(index: unknown, place: string): number {
  if (typeof index !== 'number')
    throw invalid(invalidity.type, `${place} must be of type int64: ${JSON.stringify(index)}`);
  if (index < 0) throw invalid(invalidity.minimum, `${place} should be greater than or equal to 0`);
  return index;
}
