import { decodeUtf8 } from './encoding.ts';
import { MalformedError } from './errors.ts';

/**
 * Text in files that people write: UTF-8 with or without a byte order mark, or UTF-16 with one, as Windows
 * PowerShell and editors on Windows write it. Text from a log or a server is read only as UTF-8, by
 * `decodeUtf8`.
 */

/**
 * The same text in UTF-8 without a byte order mark.
 * @throws MalformedError if it has the byte order mark of UTF-16 and is not valid UTF-16
 */
export function inUtf8(bytes: Uint8Array): Uint8Array {
  const mark = MARKS.find(({ octets }) => startsWith(bytes, octets));
  if (mark === undefined) return bytes;
  const rest = bytes.subarray(mark.octets.length);
  if (mark.encoding === 'utf-8') return rest;
  try {
    return Buffer.from(new TextDecoder(mark.encoding, { fatal: true, ignoreBOM: true }).decode(rest), 'utf8');
  } catch {
    throw new MalformedError(`not ${mark.encoding.toUpperCase()} text, though it begins as such`);
  }
}

/** The text of such a file. @throws MalformedError if it is not text; the message says what it is */
export function decodeUserText(bytes: Uint8Array): string {
  const name = formatOf(bytes);
  if (name !== undefined) throw new MalformedError(`expected text, found ${name}`);
  return decodeUtf8(inUtf8(bytes));
}

/** A file of the wrong kind, and what to do about it. */
export interface Mistaken {
  /** In words: "a gzip archive". */
  readonly name: string;
  readonly remedy?: string;
}

/** What these bytes are, if users are known to give such a file in place of one with keys. */
export function mistakenFor(bytes: Uint8Array): Mistaken | undefined {
  const name = formatOf(bytes) ?? (isBinary(bytes) ? 'binary data' : undefined);
  if (name !== undefined) return { name };
  const text = Buffer.from(startOf(bytes)).toString('utf8').trim();
  if (text === '') return { name: 'nothing' };
  if (text.startsWith('<')) {
    const name = /^<(?:!doctype html|html|head|body)/i.test(text) ? 'an HTML page' : 'a page in HTML or XML';
    return { name, remedy: 'download the file itself, not the page that shows it' };
  }
  return mistakenPem(text) ?? mistakenBase64(text);
}

function mistakenPem(text: string): Mistaken | undefined {
  const label = /-----BEGIN ([A-Z0-9 ]{1,40})-----/.exec(text)?.[1];
  if (label === undefined) return undefined;
  if (label.endsWith('PRIVATE KEY'))
    return { name: 'a private key', remedy: 'keep it secret, and name the file with its public half' };
  if (label === 'PUBLIC KEY' && text.includes('\\n'))
    return {
      name: 'PEM with "\\n" in place of line breaks',
      remedy: 'write it with real line breaks, such as with printf %b',
    };
  return label === 'PUBLIC KEY' ? undefined : { name: `"${label}" in PEM` };
}

function mistakenBase64(text: string): Mistaken | undefined {
  const compact = text.replace(/\s/g, '');
  if (!/^[A-Za-z0-9+/]{16,}={0,2}$/.test(compact)) return undefined;
  const decoded = Buffer.from(compact, 'base64').toString('latin1').trimStart();
  const of = decoded.startsWith('-----BEGIN') ? ' of a PEM file' : decoded.startsWith('{') ? ' of JSON' : '';
  return {
    name: `base64${of}`,
    remedy:
      of === '' ? 'name the file as its owner gives it' : 'decode it first, such as with base64 --decode',
  };
}

const MARKS = [
  { octets: [0xef, 0xbb, 0xbf], encoding: 'utf-8' },
  { octets: [0xff, 0xfe], encoding: 'utf-16le' },
  { octets: [0xfe, 0xff], encoding: 'utf-16be' },
] as const;

const SIGNATURES: readonly (readonly [octets: readonly number[], name: string])[] = [
  [[0x1f, 0x8b], 'a gzip archive'],
  [[0x50, 0x4b, 0x03, 0x04], 'a zip archive'],
  [[0xfd, 0x37, 0x7a, 0x58], 'an xz archive'],
  [[0x89, 0x50, 0x4e, 0x47], 'an image'],
  [[0xff, 0xd8, 0xff], 'an image'],
  [[0x25, 0x50, 0x44, 0x46], 'a PDF document'],
  [[0x53, 0x51, 0x4c, 0x69, 0x74, 0x65], 'an SQLite database'],
  [[0x7f, 0x45, 0x4c, 0x46], 'a program'],
  [[0x30, 0x82], 'binary data in DER'],
  [[0x30, 0x59, 0x30], 'binary data in DER'],
  [[0x30, 0x2a, 0x30], 'binary data in DER'],
];

/** The format of binary content, if it is a known one. */
function formatOf(bytes: Uint8Array): string | undefined {
  const known = SIGNATURES.find(([octets]) => startsWith(bytes, octets));
  if (known !== undefined) return known[1];
  const [first, second, third, fourth] = [...bytes.subarray(0, 4)].map((octet) => octet === 0);
  const isWide = fourth !== undefined && first === third && second === fourth && first !== second;
  return isWide && !isMarked(bytes) ? 'UTF-16 text without a byte order mark' : undefined;
}

function isBinary(bytes: Uint8Array): boolean {
  return !isMarked(bytes) && bytes.subarray(0, START).includes(0);
}

function isMarked(bytes: Uint8Array): boolean {
  return MARKS.some(({ octets }) => startsWith(bytes, octets));
}

function startsWith(bytes: Uint8Array, octets: readonly number[]): boolean {
  return octets.every((octet, at) => bytes[at] === octet);
}

/** How many bytes at the beginning are looked at to tell what a file is. */
const START = 4096;

function startOf(bytes: Uint8Array): Uint8Array {
  try {
    return inUtf8(bytes.subarray(0, START));
  } catch (error) {
    if (error instanceof MalformedError) return bytes.subarray(0, START);
    throw error;
  }
}
