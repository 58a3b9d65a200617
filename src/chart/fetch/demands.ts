import { parseSha256, type Sha256 } from '../../digest.ts';
import { decodePercent } from '../../encoding.ts';
import { MalformedError } from '../../errors.ts';

/**
 * What an index says of an archive. It travels in the fragment of the archive's URL, which Helm gives back. Whoever forges it
 * can say where the archive is, and what it must be; never which rule decides.
 */
export interface Demands {
  /** The name under which the index lists the chart, without folders before it. */
  readonly name: string;
  readonly version: string;
  /** Of the archive, if the index says it. */
  readonly sha256?: Sha256 | undefined;
  /** Where the archive is: a URL with http, https or oci. */
  readonly url: string;
}

/** The fragment, without its "#". The ending that Helm appends for provenance stands behind it. */
export function formatDemands({ name, version, sha256, url }: Demands): string {
  const [n, v, u] = [name, version, url].map(encodeURIComponent);
  return `name=${n ?? ''}&version=${v ?? ''}&digest=${sha256 ?? ''}&url=${u ?? ''}&${END}`;
}

/** The same, read: only what {@link formatDemands} writes. @throws MalformedError */
export function parseDemands(fragment: string): Demands {
  const [, n = '', v = '', digest = '', u = ''] = FORM.exec(fragment) ?? [];
  if (n === '') throw new MalformedError('expected a fragment that helm sigstore wrote, found another one');
  const [name = '', version = '', url = ''] = [n, v, u].map(decodePercent);
  const demands = { name, version, url, ...(digest !== '' && { sha256: parseSha256(digest) }) };
  // One spelling: nobody has to ask what two spellings of one thing mean.
  if (formatDemands(demands) === fragment) return demands;
  throw new MalformedError('expected a fragment that helm sigstore wrote, found one with other escapes');
}

const END = 'by=sigstore';
const FORM = /^name=([^&]+)&version=([^&]+)&digest=((?:[0-9a-f]{64})?)&url=([^&]+)&by=sigstore$/;
