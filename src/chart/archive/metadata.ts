import { decodeUtf8, encodeUtf8, excerpt } from '../../encoding.ts';
import { InputError, MalformedError } from '../../errors.ts';
import { CHART_YAML_LIMIT } from './limits.ts';
import { requireOneReading } from '../yaml/one-reading.ts';
import { parseYamlAsHelm } from '../yaml/yaml.ts';

/** Which chart an archive is, in the words of its Chart.yaml. */
export interface ChartMetadata {
  readonly name: string;
  readonly version: string;
}

/** Which chart a signed text says that it is about. Helm does not ask for it, so it may say nothing. */
export type SignedMetadata = Partial<ChartMetadata>;

/**
 * The name and version in a Chart.yaml, or in several that Helm reads one over the other: the last that has one counts.
 * @param place where the YAML comes from, for messages
 * @throws InputError if it is no YAML, is too long, could be read in two ways, or names no chart that Helm would take
 */
export function parseChartYaml(
  yaml: Uint8Array | string | readonly Uint8Array[],
  place = 'Chart.yaml',
): ChartMetadata {
  return inPlace(place, () => {
    const files = typeof yaml === 'string' || yaml instanceof Uint8Array ? [yaml] : yaml;
    const all = files.map((file) => readMetadata(typeof file === 'string' ? encodeUtf8(file) : file, true));
    const { name, version } = all.reduce((before, after) => ({ ...before, ...after }));
    return { name: requireName(name && sanitize(name)), version: requireVersion(version) };
  });
}

/**
 * What the first part of a signed text says, which is a Chart.yaml as well; or may be nothing at all.
 * @param place where the text comes from, for messages
 * @throws InputError if it is no YAML, is too long, or could be read in two ways
 */
export function parseSignedMetadata(text: string, place = 'the signed text'): SignedMetadata {
  return inPlace(place, () => readSigned(text));
}

/**
 * The same, for a judge, who knows no place.
 * @throws MalformedError if it is no YAML, is too long, or could be read in two ways
 */
export function readSigned(text: string): SignedMetadata {
  const found = readMetadata(encodeUtf8(text), false);
  for (const [member, value] of Object.entries(found))
    if (sanitize(value) !== value)
      throw new MalformedError(`${member}: expected text that can be printed, found ${excerpt(value)}`);
  return found;
}

function inPlace<T>(place: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof MalformedError) throw new InputError(`${place}: ${error.message}`);
    throw error;
  }
}

function readMetadata(bytes: Uint8Array, isWhole: boolean): SignedMetadata {
  if (bytes.length > CHART_YAML_LIMIT)
    throw new MalformedError(`expected at most ${CHART_YAML_LIMIT} bytes, found ${bytes.length}`);
  const text = decodeUtf8(bytes);
  if (isBlank(text)) return {};
  const document = parseYamlAsHelm(text);
  if (document === null) return {};
  if (typeof document !== 'object' || Array.isArray(document))
    throw new MalformedError(
      `expected ${isWhole ? 'an object' : 'metadata of a chart'}, found ${inWords(document)}`,
    );
  requireOneReading(Object.keys(document), ['name', 'version']);
  return { ...memberOf(document, 'name'), ...memberOf(document, 'version') };
}

/** In characters. No file could be named after a longer name or version. */
const LONGEST = 255;

function memberOf(document: object, member: keyof ChartMetadata): SignedMetadata {
  const value: unknown = Object.hasOwn(document, member)
    ? (document as Record<string, unknown>)[member]
    : undefined;
  if (value === undefined || value === null || value === '') return {};
  if (typeof value !== 'string')
    throw new MalformedError(`${member}: expected a ${member}, found ${inWords(value)}`);
  if (value.length > LONGEST)
    throw new MalformedError(`${member}: expected at most ${LONGEST} characters, found ${excerpt(value)}`);
  // Within quotes Helm leaves out the blanks around a line end, and takes these characters for line ends.
  if (/[\u0085\u2028\u2029]/.test(value))
    throw new MalformedError(`${member}: expected one line, found ${excerpt(value)}`);
  return { [member]: value };
}

/** Refuses what Helm refuses: a name that is not the last part of a path. Its characters do not matter. */
function requireName(name = ''): string {
  if (name === '') throw new MalformedError('name: expected a name, found nothing');
  if (name === '.' || name === '..' || name.includes('/'))
    throw new MalformedError(`name: expected a name that is no path, found ${excerpt(name)}`);
  return name;
}

function requireVersion(version = ''): string {
  if (version === '') throw new MalformedError('version: expected a version, found nothing');
  const [, identifiers = ''] = /^v?[0-9]+(?:\.[0-9]+){0,2}((?:-[0-9A-Za-z.-]+)?(?:\+[0-9A-Za-z.-]+)?)$/.exec(
    version,
  ) ?? ['', '..'];
  if (/[-.+][.+]|[.+]$|-$/.test(identifiers))
    throw new MalformedError(`version: expected a version such as 1.2.3, found ${excerpt(version)}`);
  return version;
}

/** Makes white space a blank, and leaves out what cannot be seen, as Helm does in names of charts. */
export function sanitize(text: string): string {
  return text.replace(/\p{White_Space}/gu, ' ').replace(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, '');
}

/** Whether YAML has no document in it, only empty lines and comments: Helm reads nothing from it. */
export function isBlank(text: string): boolean {
  return text.split(/[\n\r\u0085\u2028\u2029]/).every((line) => /^(?:#|$)/.test(line.trim()));
}

function inWords(value: unknown): string {
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'string' ? excerpt(value) : 'an object';
}
