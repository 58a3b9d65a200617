import { readSigned, type ChartMetadata } from '../chart/archive/metadata.ts';
import type { ExpectedChart, Expecting } from '../chart/chart-files.ts';
import { excerpt } from '../encoding.ts';
import { MalformedError } from '../errors.ts';
import type { Provenance } from '../provenance/provenance.ts';
import { failed, type FailedResult } from './checks.ts';

/**
 * How an index and the signed metadata of a chart differ; undefined: they agree. Name and version are
 * compared one by one, because NAME-VERSION can be taken apart in several ways.
 * @throws MalformedError if the metadata could be read in two ways
 */
export function holdAgainstIndex(metadata: string, expected: ExpectedChart): FailedResult | undefined {
  return compareWithIndex(expected, readSigned(metadata), 'the signed text');
}

/** What is signed about an archive, and what an index says of it. */
interface SignedEvidence {
  readonly provenance: Pick<Provenance, 'document'>;
  readonly expected?: ExpectedChart | undefined;
}

/**
 * How the Chart.yaml in the archive differs from the signed text, or from the index if one names the archive;
 * undefined: they agree.
 */
export function holdAgainstPacked(
  { provenance, expected }: SignedEvidence,
  packed: ChartMetadata,
): FailedResult | undefined {
  let signed: Partial<ChartMetadata>;
  try {
    signed = readSigned(provenance.document.metadata);
  } catch (error) {
    if (error instanceof MalformedError) return failed(`the signed text: ${error.message}`);
    throw error;
  }
  for (const member of ['name', 'version'] as const) {
    const found = signed[member];
    // Helm does not require it, and a text that does not name the chart contradicts nothing.
    if (found !== undefined && found !== packed[member])
      return difference(
        `Chart.yaml and the signed text differ in the ${member} of the chart`,
        packed[member],
        found,
      );
  }
  return expected && holdUnsigned(expected, packed);
}

/** How the Chart.yaml in an archive differs from what an index, a reference or a file name says; undefined: they agree. */
export function holdUnsigned(expected: ExpectedChart, packed: ChartMetadata): FailedResult | undefined {
  return compareWithIndex(expected, packed, 'Chart.yaml');
}

/** How an index, a reference or a lock and another text differ about a chart; undefined: they agree. */
function compareWithIndex(
  { names, version, readings, source = 'index' }: ExpectedChart,
  found: Partial<ChartMetadata>,
  place: string,
): FailedResult | undefined {
  const isRead = readings?.some(
    (each) => each.name === found.name && isVersion(found.version, each.version, source),
  );
  if (isRead === false)
    return difference(
      `the ${source} and ${place} differ in the name of the chart`,
      (readings ?? []).map((each) => `${each.name} ${each.version}`).join(' or '),
      found.name,
      source,
    );
  const wrong = names.find((name) => name !== found.name);
  if (wrong !== undefined)
    return difference(
      `the ${source} and ${place} differ in the name of the chart`,
      wrong,
      found.name,
      source,
    );
  return version === undefined || isVersion(found.version, version, source)
    ? undefined
    : difference(
        `the ${source} and ${place} differ in the version of the chart`,
        version,
        found.version,
        source,
      );
}

/** Users write a version with or without the v in front, as Helm takes it; nothing else of it is left out. */
function isVersion(found: string | undefined, expected: string, source: Expecting): boolean {
  return source === 'reference'
    ? found?.replace(/^v/, '') === expected.replace(/^v/, '')
    : found === expected;
}

function difference(
  detail: string,
  expected: string,
  found: string | undefined,
  source: Expecting = 'index',
): FailedResult {
  return failed(detail, {
    expected: excerpt(expected),
    found: found === undefined ? 'nothing' : excerpt(found),
    hint: {
      consumer: GET_AGAIN[source],
      publisher: 'package and sign the chart again, and make the index again with helm repo index',
    },
  });
}

const GET_AGAIN: Readonly<Record<Expecting, string>> = {
  index: 'get chart and index again, from where the publisher puts them',
  reference: 'the server has another chart there than it says: ask those who publish it',
  'file name': 'if the archive was renamed, give the name that was signed with --as NAME-VERSION.tgz',
  lock: 'get the chart again, from the repository that the lock names, or make the lock again',
};
