import { decodeBase64, encodeBase64, encodeUtf8, excerpt } from '../encoding.ts';
import { MalformedError } from '../errors.ts';

/** A signed note (C2SP signed-note): a text and the signature lines below it. */
export interface Note {
  /** What is signed; ends in a newline. */
  readonly text: string;
  /** At least one. */
  readonly signatures: readonly NoteSignature[];
}

/** One signature line of a note: who says to have signed, with which key, and what. */
interface NoteSignature {
  readonly name: string;
  /** The four bytes that tell which key of that name it is. */
  readonly keyHint: Uint8Array;
  readonly signature: Uint8Array;
}

const HINT_BYTES = 4;
const MAX_SIGNATURES = 100;
const CONTROL_OR_LONE_SURROGATE = /[\0-\x09\x0b-\x1f\x7f]|\p{Surrogate}/u;
const SIGNATURE_LINE = /^\u2014 ([^\s+]+) (\S+)$/u;

/**
 * The note that the text spells; signatures are not verified (C2SP signed-note, "Format").
 * @throws MalformedError when it is not a note in exactly the specified form.
 */
export function parseNote(text: string): Note {
  // Two different strings with lone surrogates would have the same bytes, and so the same signature.
  if (CONTROL_OR_LONE_SURROGATE.test(text)) throw new MalformedError('a note with control characters');
  const end = text.lastIndexOf('\n\n');
  if (end < 0 || !text.endsWith('\n')) throw new MalformedError('a note without a signature block');
  const lines = text.slice(end + 2, -1).split('\n');
  if (lines.length > MAX_SIGNATURES) throw new MalformedError('a note with too many signatures');
  return { text: text.slice(0, end + 1), signatures: lines.map(parseSignatureLine) };
}

/** The text of the note: what {@link parseNote} reads. */
export function formatNote(note: Note): string {
  return `${note.text}\n${note.signatures.map(formatSignatureLine).join('')}`;
}

/** The bytes that the signatures of a note cover: its text, with the newline that ends it. */
export function signedBytes(note: Note): Uint8Array {
  return encodeUtf8(note.text);
}

function parseSignatureLine(line: string): NoteSignature {
  const [, name, base64] = SIGNATURE_LINE.exec(line) ?? [];
  if (name === undefined || base64 === undefined)
    throw new MalformedError(`not a signature line of a note: ${excerpt(line)}`);
  const bytes = decodeBase64(base64);
  if (bytes.length <= HINT_BYTES) throw new MalformedError('a note signature that is too short');
  return { name, keyHint: bytes.subarray(0, HINT_BYTES), signature: bytes.subarray(HINT_BYTES) };
}

function formatSignatureLine({ name, keyHint, signature }: NoteSignature): string {
  return `\u2014 ${name} ${encodeBase64(Buffer.concat([keyHint, signature]))}\n`;
}
