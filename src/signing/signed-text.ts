import { InputError } from '../errors.ts';
import type { Sha256 } from '../digest.ts';
import { readFileName } from '../provenance/file-name.ts';

/** The archive that a text is signed for. */
interface SignedArchive {
  /** The last part of its path. */
  readonly name: string;
  readonly sha256: Sha256;
}

/**
 * What Helm signs of a chart: its Chart.yaml, the line `...`, the name and the digest of the archive.
 * @param shown what `helm show chart` prints: the Chart.yaml as Helm writes it, and an empty line
 * @throws InputError if the name of the archive is none that provenance files have
 */
export function signedTextOf(shown: string, { name, sha256 }: SignedArchive): string {
  return `${shown}...\nfiles:\n${fileLines(name, `sha256:${sha256}`)}\n`;
}

/** What a signature over a text covers: lines joined by CRLF, without blanks at their ends and the last line end. RFC 9580 7.1. */
export function coveredBytes(text: string): Uint8Array {
  const lines = text.replace(/\n$/, '').split('\n');
  return Buffer.from(lines.map(withoutBlanks).join('\r\n'));
}

function withoutBlanks(line: string): string {
  let end = line.length;
  while (end > 0 && (line[end - 1] === ' ' || line[end - 1] === '\t')) end--;
  return line.slice(0, end);
}

/** As the writer of YAML writes a member that Helm uses: a long name stands on a line of its own. */
function fileLines(name: string, digest: string): string {
  const key = keyOf(name);
  return Buffer.byteLength(name) > LONGEST_SIMPLE_KEY ? `  ? ${key}\n  : ${digest}` : `  ${key}: ${digest}`;
}

/** In bytes. */
const LONGEST_SIMPLE_KEY = 128;

/** A name as a key of YAML: as it is where no reader takes it for anything else, in single quotes otherwise, or escaped. */
function keyOf(name: string): string {
  const forms = [name, `'${name.replaceAll("'", "''")}'`, escaped(name)];
  const isPlain = /^[\p{L}\p{N}_./+~][^:#]*$/u.test(name) && !name.startsWith('...');
  const hasRareCharacter = /[\u{10000}-\u{10ffff}]/u.test(name);
  const key = isPlain && !hasRareCharacter ? forms[0] : hasRareCharacter ? forms[2] : forms[1];
  if (key === undefined || readFileName(key) !== name)
    throw new InputError(
      `cannot sign a file of this name: ${name}`,
      'name it as Helm does: NAME-VERSION.tgz',
    );
  return key;
}

function escaped(name: string): string {
  const characters = Array.from(name, (character) => {
    if (character === '"' || character === '\\') return `\\${character}`;
    const code = character.codePointAt(0) ?? 0;
    return code > 0xffff ? `\\U${code.toString(16).toUpperCase().padStart(8, '0')}` : character;
  });
  return `"${characters.join('')}"`;
}
