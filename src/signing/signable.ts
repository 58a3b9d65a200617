import type { OpenedArchive } from '../chart/archive/archive.ts';
import type { ChartFiles } from '../chart/chart-files.ts';
import { parseChartYaml, type ChartMetadata } from '../chart/archive/metadata.ts';
import { excerpt } from '../encoding.ts';
import { MalformedError, RejectedError, type Hint } from '../errors.ts';
import { parseDocument } from '../provenance/document.ts';
import type { FailedResult } from '../verification/checks.ts';
import { holdAgainstDigest } from '../verification/archive-checks.ts';

/**
 * Requires of an archive that is to be signed what an index says of it, if one does.
 * @returns which chart it is
 * @throws InputError if Helm would not take it for a chart
 * @throws RejectedError if the index says something else
 */
export function requireExpected(
  { label, expected }: ChartFiles,
  { sha256, name, metadata }: OpenedArchive,
): ChartMetadata {
  const packed = parseChartYaml(metadata, `Chart.yaml in ${label}`);
  const failure = holdAgainstDigest(sha256, expected);
  if (failure !== undefined) throw rejected(label, failure);
  if (expected !== undefined && name !== expected.signedName)
    throw new RejectedError(
      `${label}: the index names the chart ${expected.signedName}, and the name of the file is signed`,
    );
  return packed;
}

/**
 * Requires of a text that what is to be signed can be read from it again, and speaks of the chart in the archive: all that can be
 * known before a person is asked for a passphrase.
 * @throws RejectedError if not
 */
export async function requireSignable(
  { label, expected }: ChartFiles,
  text: string,
  packed: ChartMetadata,
): Promise<void> {
  const lines = text.split('\n');
  const odd = lines.find((line) => line.includes('\r') || line.includes('\0'));
  if (odd !== undefined)
    throw unsignable(label, `a line holds a carriage return or a NUL: ${excerpt(odd.slice(0, SHOWN))}`);
  const long = lines.find((line) => Buffer.byteLength(line) > LONGEST_LINE);
  if (long !== undefined)
    throw unsignable(
      label,
      `gpg cuts lines of more than ${LONGEST_LINE} bytes: ${excerpt(long.slice(0, SHOWN))}`,
      'an icon of that length belongs elsewhere; Helm takes the URL of it',
    );
  // In a bundle that others share.
  const { holdAgainstPacked } = await import('../verification/packed-checks.ts');
  let failure: FailedResult | undefined;
  try {
    const provenance = { document: parseDocument(Buffer.from(text)) };
    failure = holdAgainstPacked({ provenance, expected }, packed);
  } catch (error) {
    if (error instanceof MalformedError) throw unsignable(label, error.message);
    throw error;
  }
  if (failure !== undefined) throw rejected(label, failure);
}

/** In bytes, with some to spare: gpg says 19995. */
const LONGEST_LINE = 19_900;
/** Characters of a line in a message. */
const SHOWN = 60;

function unsignable(label: string, why: string, hint?: Hint): RejectedError {
  return new RejectedError(`${label}: what helm show chart prints of it cannot be signed: ${why}`, hint);
}

function rejected(label: string, { detail, expected, found, hint }: FailedResult): RejectedError {
  const compared = expected === undefined ? '' : `: expected ${expected}, found ${found ?? 'nothing'}`;
  return new RejectedError(`${label}: ${detail}${compared}`, hint);
}
