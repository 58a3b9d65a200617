import { MalformedError } from '../errors.ts';
import { bytesOfArmor, bytesOfBase64 } from './armored-text.ts';
import { claimedKeys, type ClaimedKeys } from './claimed-keys.ts';
import { foreignText } from './foreign-text.ts';

/** An entry as a page shows it. Nothing of it is proven. */
export interface ShownEntry {
  /** 64 or 80 hexadecimal digits. */
  readonly id: string;
  readonly logIndex: number;
  /** Seconds since 1970. */
  readonly integratedTime: number;
  /** Its place in its tree, and how many entries that has. */
  readonly place: { readonly index: number; readonly treeSize: number } | undefined;
  readonly content: HelmContent | { readonly unread: string };
}

/** What a helm entry says. */
export interface HelmContent {
  /** Of the chart's file; lower-case hexadecimal digits. */
  readonly sha256: string;
  readonly signers: ClaimedKeys;
}

/**
 * The entries in an answer of `entries/retrieve` or of an entry by its ID or index, in their order.
 * @throws MalformedError if it is no such answer
 */
export function shownEntriesIn(answer: unknown): ShownEntry[] {
  const parts = Array.isArray(answer) ? (answer as unknown[]) : [answer];
  if (parts.length > MOST)
    throw new MalformedError(`expected at most ${MOST} entries, found ${parts.length}`);
  return parts.flatMap((part) =>
    Object.entries(jsonMembers(part)).map(([id, entry]) => shownEntry(id, entry)),
  );
}

/** More than a page asks for at once. */
const MOST = 100;

function shownEntry(id: string, value: unknown): ShownEntry {
  const { body, integratedTime, logIndex, verification } = jsonMembers(value);
  if (!ENTRY_ID.test(id) || typeof body !== 'string' || !isCount(integratedTime) || !isCount(logIndex))
    throw new MalformedError('expected an entry of a log, found something else');
  return { id, logIndex, integratedTime, place: placeIn(verification), content: contentOf(body) };
}

const ENTRY_ID = /^(?:[0-9a-f]{64}|[0-9a-f]{80})$/;

function placeIn(verification: unknown): ShownEntry['place'] {
  const { inclusionProof = {} } = jsonMembers(verification ?? {});
  const { logIndex: index, treeSize } = jsonMembers(inclusionProof);
  return isCount(index) && isCount(treeSize) ? { index, treeSize } : undefined;
}

/** What a body says; an entry of another kind is one that the page does not read. */
function contentOf(body: string): ShownEntry['content'] {
  if (body.length > LONGEST_BODY) return { unread: `it has ${body.length.toLocaleString('en')} characters` };
  try {
    const { kind, spec } = jsonMembers(jsonOf(bytesOfBase64(body)));
    if (kind !== 'helm') return { unread: `it is of kind ${foreignText(String(kind))}` };
    const { chart, publicKey } = jsonMembers(spec);
    const { algorithm, value } = jsonMembers(jsonMembers(chart)['hash']);
    const { content } = jsonMembers(publicKey);
    if (algorithm !== 'sha256' || typeof value !== 'string' || !/^[0-9a-f]{64}$/i.test(value))
      return { unread: 'it has no SHA-256 digest' };
    if (typeof content !== 'string') return { unread: 'it has no key' };
    const armor = new TextDecoder().decode(bytesOfBase64(content));
    const signers = claimedKeys(bytesOfArmor('PGP PUBLIC KEY BLOCK', armor));
    return { sha256: value.toLowerCase(), signers };
  } catch (error) {
    if (error instanceof MalformedError) return { unread: error.message };
    throw error;
  }
}

/** No log takes an entry that is longer, in base64. */
const LONGEST_BODY = 4 << 20;

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    throw new MalformedError('expected JSON, found something else');
  }
}

/** The members of an object. @throws MalformedError if it is none */
export function jsonMembers(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new MalformedError('expected a JSON object, found something else');
  return value as Readonly<Record<string, unknown>>;
}

/** Whether it is a number that counts something. */
export function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}
