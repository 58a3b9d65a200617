import { parseSha256, type Sha256 } from '../digest.ts';
import { excerpt } from '../encoding.ts';
import { MalformedError } from '../errors.ts';
import { readFileName } from './file-name.ts';

/** What a provenance file says in its signed text. */
export interface ProvenanceDocument {
  /** The chart's metadata, unparsed YAML: for people, and to be compared with Chart.yaml. */
  readonly metadata: string;
  /** One or more, of different names. */
  readonly files: readonly SignedFile[];
}

interface SignedFile {
  /** `NAME-VERSION.tgz` */
  readonly name: string;
  readonly sha256: Sha256;
}

/**
 * The two parts of the signed text as Helm writes it: metadata, the line `...`, and the digests of the files.
 * The second part is read line by line and not as YAML, because YAML readers differ in anchors, merge keys,
 * duplicates and line breaks, and so in what was signed. The metadata may be empty: Helm does not look at it.
 * @throws MalformedError if there are not two parts, or if the second is not of the form that Helm writes
 */
export function parseDocument(text: Uint8Array): ProvenanceDocument {
  const [metadata, digests, ...more] = partsOf(text);
  if (metadata === undefined || digests === undefined || more.length > 0)
    throw new MalformedError(
      `expected signed text of two parts with the line "..." between, found ${digests === undefined ? '1' : '3 or more'}`,
    );
  const files = parseFiles(digests);
  return {
    // Decoded only when it is asked for: few ask, and it may have megabytes.
    get metadata() {
      return decode(metadata);
    },
    files,
  };
}

const SEPARATOR = Buffer.from('\n...\n');

/** Up to three parts. */
function partsOf(text: Uint8Array): Uint8Array[] {
  const whole = Buffer.from(text.buffer, text.byteOffset, text.byteLength);
  const parts: Uint8Array[] = [];
  let from = 0;
  for (let at = whole.indexOf(SEPARATOR); at >= 0 && parts.length < 2; at = whole.indexOf(SEPARATOR, from)) {
    parts.push(whole.subarray(from, at));
    from = at + SEPARATOR.length;
  }
  return [...parts, whole.subarray(from)];
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}

/** Helm signs one. */
const MAX_FILES = 1000;

/** Bytes that so many files and their digests take. */
const DIGESTS_LIMIT = 512 * 1024;

function parseFiles(digests: Uint8Array): SignedFile[] {
  let end = digests.length;
  while (end > 0 && digests[end - 1] === 0x0a) end--;
  if (end > DIGESTS_LIMIT)
    throw new MalformedError(`expected at most ${MAX_FILES} files with their digests, found more`);
  const [title, ...lines] = decode(digests.subarray(0, end)).split('\n');
  if (title !== 'files:')
    throw new MalformedError(
      `expected the line "files:" after the line "...", found ${excerpt(title ?? '')}`,
    );
  const files = new Map<string, SignedFile>();
  for (let at = 0; at < lines.length;) {
    const line = lines[at] ?? '';
    const following = isLongKey(line) ? lines[at + 1] : undefined;
    const file = parseFile(line, following);
    if (files.has(file.name)) throw new MalformedError('the signed text gives two digests for one file name');
    files.set(file.name, file);
    if (files.size > MAX_FILES) throw new MalformedError(`expected at most ${MAX_FILES} files, found more`);
    at += following === undefined ? 1 : 2;
  }
  if (files.size === 0)
    throw new MalformedError('expected a file with its digest after "files:", found none');
  return [...files.values()];
}

/** A name of more than 128 bytes stands on a line of its own. */
function isLongKey(line: string): boolean {
  return line.startsWith('  ? ');
}

const DIGEST = /^: sha256:([0-9a-f]{64})$/;

/** @param following the next line, where that has the digest */
function parseFile(line: string, following: string | undefined): SignedFile {
  const at = following === undefined ? line.length - DIGEST_LENGTH : line.length;
  const written = following === undefined ? line.slice(2, Math.max(2, at)) : line.slice(4);
  const digest = DIGEST.exec(following === undefined ? line.slice(Math.max(0, at)) : following.slice(2))?.[1];
  const isIndented = line.startsWith('  ') && (following?.startsWith('  ') ?? true);
  if (digest === undefined || !isIndented)
    throw new MalformedError(`expected a line "  NAME.tgz: sha256:DIGEST", found ${excerpt(line)}`);
  const name = readFileName(written);
  if (name === undefined)
    throw new MalformedError(
      `expected a line "  NAME.tgz: sha256:DIGEST" with a name that is supported, found ${excerpt(line)}`,
    );
  return { name, sha256: parseSha256(digest) };
}

/** Characters of `: sha256:` and a digest. */
const DIGEST_LENGTH = 9 + 64;
