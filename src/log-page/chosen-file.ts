import { MalformedError } from '../errors.ts';
import { hexOf, isHashing } from './claimed-keys.ts';

/** A chart that somebody looks for, as a file of theirs names it. */
export interface ChosenChart {
  /** The name of the chart's file. */
  readonly name: string;
  /** Of the chart's file; lower-case hexadecimal digits. */
  readonly sha256: string;
}

/** The part of `File` that is needed. */
export type FileChosen = Pick<File, 'name' | 'size' | 'slice' | 'arrayBuffer'>;

/**
 * The chart in a file: a packed chart, which is hashed here, or a provenance, which names it. Nothing of the file is sent.
 * @throws MalformedError, in words for people, if it can be neither
 */
export async function chartIn(file: FileChosen): Promise<ChosenChart> {
  if (file.size === 0) throw new MalformedError('This file is empty.');
  const start = await textOf(file.slice(0, MOST_OF_PROVENANCE));
  if (start.startsWith('-----BEGIN PGP SIGNED MESSAGE-----')) return chartSigned(start);
  if (/^-----BEGIN PGP (?:PUBLIC|PRIVATE) KEY BLOCK-----/.test(start))
    throw new MalformedError('This file is a key and not a chart. Use “Search by public key” below.');
  if (!isHashing())
    throw new MalformedError(
      'This page is neither on https nor on this machine, so the browser does not hash files. Compute the digest with “sha256sum FILE” and enter it above.',
    );
  if (file.size > MOST_HASHED)
    throw new MalformedError(
      'This file has more than 256 MiB. Compute its digest with “sha256sum FILE” and enter it above.',
    );
  return { name: file.name, sha256: hexOf(await crypto.subtle.digest('SHA-256', await file.arrayBuffer())) };
}

/** The browser hashes a file as a whole, in memory. */
const MOST_HASHED = 256 << 20;
/** Helm writes the digest of the chart behind its metadata. */
const MOST_OF_PROVENANCE = 4 << 20;

/** The chart that the text of a provenance names; its signature is not looked at. */
export function chartSigned(text: string): ChosenChart {
  const lines = text.split('\n').map((line) => line.trimEnd());
  const from = lines.indexOf('files:', lines.indexOf('...'));
  const [, name, digest] = /^ {2}(\S.*): sha256:([0-9a-f]{64})$/.exec(lines[from + 1] ?? '') ?? [];
  if (from < 0 || name === undefined || digest === undefined)
    throw new MalformedError('This file is a signed message, but it names no chart as Helm does.');
  return { name, sha256: digest };
}

async function textOf(part: Blob): Promise<string> {
  return new TextDecoder('latin1').decode(await part.arrayBuffer());
}
