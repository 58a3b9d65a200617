import { parseSha256, type Sha256 } from '../digest.ts';
import { excerpt } from '../encoding.ts';
import { MalformedError } from '../errors.ts';

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
 * duplicates and line breaks, and so in what was signed.
 * @throws MalformedError if there are not two parts, or if the second is not of the form that Helm writes
 */
export function parseDocument(text: Uint8Array): ProvenanceDocument {
  const parts = new TextDecoder('utf-8', { ignoreBOM: true }).decode(text).split('\n...\n');
  const [metadata, digests] = parts;
  if (metadata === undefined || digests === undefined || parts.length > 2)
    throw new MalformedError(
      `expected signed text of two parts with the line "..." between, found ${parts.length}`,
    );
  return { metadata, files: parseFiles(digests) };
}

function parseFiles(digests: string): SignedFile[] {
  const [title, ...lines] = digests.replace(/\n+$/, '').split('\n');
  if (title !== 'files:')
    throw new MalformedError(
      `expected the line "files:" after the line "...", found ${excerpt(title ?? '')}`,
    );
  const files = lines.map(parseFile);
  if (files.length === 0)
    throw new MalformedError('expected a file with its digest after "files:", found none');
  if (new Set(files.map(({ name }) => name)).size < files.length)
    throw new MalformedError('the signed text gives two digests for one file name');
  return files;
}

function parseFile(line: string): SignedFile {
  const [, name, digest] = /^ {2}([A-Za-z0-9][A-Za-z0-9._+-]*\.tgz): sha256:([0-9a-f]{64})$/.exec(line) ?? [];
  if (name === undefined || digest === undefined)
    throw new MalformedError(`expected a line "  NAME.tgz: sha256:DIGEST", found ${excerpt(line)}`);
  return { name, sha256: parseSha256(digest) };
}
