import { MalformedError } from '../../errors.ts';
import { documentIn, isGiven, listOf, textIn, type Dependency } from '../archive/dependencies.ts';
import { requireOneReading } from '../yaml/one-reading.ts';

/** Which versions of its dependencies a chart takes: Chart.lock, or requirements.lock of charts of old. */
export interface ChartLock {
  /** Undefined: there is no list. */
  readonly dependencies: readonly Dependency[] | undefined;
  /** Over Chart.yaml's list and this one, as it stands there. */
  readonly digest: string;
}

/**
 * A lock, as Helm reads it.
 * @throws MalformedError if it is no YAML, no lock, or could be read in two ways
 */
export function parseChartLock(bytes: Uint8Array): ChartLock {
  const document = documentIn(bytes);
  requireOneReading(Object.keys(document), ['dependencies', 'digest', 'generated']);
  const { dependencies, digest } = document;
  const text = textIn(digest);
  if (text === '') throw new MalformedError('digest: expected the digest of dependencies, found nothing');
  return { dependencies: isGiven(dependencies) ? listOf(dependencies) : undefined, digest: text };
}
