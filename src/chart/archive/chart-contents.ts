import { InputError, MalformedError } from '../../errors.ts';
import type { FoundMetadata, MetadataFiles } from './chart-yaml.ts';
import { findContainedCharts, type ContainedChart } from './contained-charts.ts';
import { readDeclaredDependencies, type Dependency } from './dependencies.ts';
import { parseChartYaml, type ChartMetadata } from './metadata.ts';
import { parseSemanticVersion } from '../versions/semantic-version.ts';
import type { NextPiece } from './tar-members.ts';
import { parseVersionConstraint, type VersionConstraint } from '../versions/version-constraint.ts';

/** A chart within a packed chart. Nothing but the signature of the whole archive vouches for it. */
export interface Subchart extends Partial<ChartMetadata> {
  /** Where it is within the archive; one that is packed itself ends in `.tgz`. */
  readonly path: string;
  /** Whether the Chart.yaml of the chart around it asks for this name and version. Helm renders it all the same. */
  readonly isDeclared: boolean;
  /** Why nobody can say which chart it is. */
  readonly problem?: string;
}

/** What is in a packed chart. */
export interface ChartContents {
  /** Each is followed by those that are in it. */
  readonly subcharts: readonly Subchart[];
  /** What is odd about them, for people; one line each. */
  readonly warnings: readonly string[];
}

/**
 * What is in a packed chart, with the files that say which chart it is itself.
 * @throws MalformedError as `findContainedCharts` does
 */
export async function readContents(
  pull: NextPiece,
): Promise<{ readonly metadata: MetadataFiles; readonly contents: ChartContents }> {
  const root = await findContainedCharts(pull);
  const listing = new Listing();
  listing.addChildren(root, describe(root.metadata));
  return { metadata: root.metadata.files, contents: listing };
}

class Listing implements ChartContents {
  readonly subcharts: Subchart[] = [];
  readonly warnings: string[] = [];

  addChildren({ path, children }: ContainedChart, { dependencies, problem }: Described): void {
    const place = path === '' ? 'Chart.yaml' : `Chart.yaml of ${path}`;
    if (problem !== undefined) this.warnings.push(`nobody can say what ${place} asks for: ${problem}`);
    const asked = new AskedFor(dependencies);
    for (const child of children) {
      const described = describe(child.metadata);
      const { metadata } = described;
      const isDeclared = metadata !== undefined && asked.has(metadata);
      if (metadata !== undefined) this.#warnOf(child.path, metadata, place, isDeclared, asked);
      const why = child.problem ?? described.problem;
      const subchart = { path: child.path, ...metadata, isDeclared };
      this.subcharts.push(why === undefined ? subchart : { ...subchart, problem: why });
      this.addChildren(child, why === undefined ? described : { ...described, problem: why });
    }
  }

  #warnOf(path: string, chart: ChartMetadata, place: string, isDeclared: boolean, asked: AskedFor): void {
    const which = `${path} is ${chart.name} ${chart.version}`;
    if (!isDeclared)
      this.warnings.push(`${which}: ${place} does not ask for it, and Helm renders it all the same`);
    else if (!asked.take(chart.name))
      this.warnings.push(`${which}: ${place} asks for ${chart.name} less often, and Helm may take any`);
  }
}

/** The charts that a Chart.yaml asks for. */
class AskedFor {
  readonly #ranges = new Map<string, (VersionConstraint | undefined)[]>();
  readonly #taken = new Map<string, number>();

  constructor(dependencies: readonly Dependency[]) {
    for (const { name, version } of dependencies) {
      const ranges = this.#ranges.get(name) ?? [];
      ranges.push(parseVersionConstraint(version));
      this.#ranges.set(name, ranges);
    }
  }

  /** For Helm a version that is not asked for is a chart that nobody names. */
  has({ name, version }: ChartMetadata): boolean {
    const parsed = parseSemanticVersion(version);
    return parsed !== undefined && (this.#ranges.get(name) ?? []).some((range) => range?.(parsed) === true);
  }

  /** Whether one more chart of this name is asked for: it may be asked for under several aliases. */
  take(name: string): boolean {
    const taken = (this.#taken.get(name) ?? 0) + 1;
    this.#taken.set(name, taken);
    return taken <= (this.#ranges.get(name)?.length ?? 0);
  }
}

/** What a chart says of itself, and of the charts in it, as far as it can be read. */
interface Described {
  readonly metadata?: ChartMetadata;
  readonly dependencies: readonly Dependency[];
  readonly problem?: string;
}

function describe({ files, hasChartYaml }: FoundMetadata): Described {
  if (!hasChartYaml) return { dependencies: [], problem: 'there is no Chart.yaml' };
  const metadata = attempt(() => parseChartYaml(files, 'Chart.yaml'));
  const declared = attempt(() => readDeclaredDependencies(files));
  const problem = metadata.problem ?? declared.problem;
  return {
    ...(metadata.value && { metadata: metadata.value }),
    dependencies: declared.value?.dependencies ?? [],
    ...(problem !== undefined && { problem }),
  };
}

function attempt<T>(read: () => T): { readonly value?: T; readonly problem?: string } {
  try {
    return { value: read() };
  } catch (error) {
    if (error instanceof InputError || error instanceof MalformedError) return { problem: error.message };
    throw error;
  }
}
