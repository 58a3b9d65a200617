import type { Described } from '../chart/archive/description.ts';
import type { Sha256 } from '../digest.ts';
import { encodeUtf8, formatTime } from '../encoding.ts';
import type { MirroredChart } from './manifest.ts';
import { byCharacters } from './text-order.ts';
import { newestFirst } from './version-order.ts';
import { yamlOf } from './yaml-text.ts';

/** A chart of the mirror, for the index. */
export interface ListedChart {
  readonly chart: MirroredChart;
  /** Of its archive. */
  readonly sha256: Sha256;
  /** What else its Chart.yaml says. */
  readonly description: Readonly<Record<string, Described>>;
}

/** The name of the index in its directory: where `helm repo add` looks for it. */
export const INDEX = 'index.yaml';

/**
 * The index of a chart repository, as `helm repo index` makes one of the directory, with URLs that are relative: the
 * directory works from wherever it is served. Its times are those of the verdicts, so the same charts give the same
 * bytes.
 */
export function formatIndex(charts: readonly ListedChart[]): Uint8Array {
  const byName = new Map<string, ListedChart[]>();
  for (const listed of charts) {
    const versions = byName.get(listed.chart.name) ?? [];
    versions.push(listed);
    byName.set(listed.chart.name, versions);
  }
  const entries = [...byName].map(([name, versions]) => [name, versions.sort(byVersion).map(entryOf)]);
  const newest = charts.reduce((latest, { chart }) => Math.max(latest, chart.time), 0);
  return encodeUtf8(
    yamlOf({
      apiVersion: 'v1',
      entries: Object.fromEntries(entries) as Record<string, Described>,
      generated: formatTime(newest),
    }),
  );
}

function entryOf({ chart, sha256, description }: ListedChart): Described {
  return {
    ...description,
    name: chart.name,
    version: chart.version,
    created: formatTime(chart.time),
    digest: sha256,
    urls: [urlOf(chart.archive)],
  };
}

/**
 * A relative URL. Of the characters of a portable path `encodeURIComponent` escapes the slash and the plus, which a
 * URL may hold.
 */
function urlOf(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/').replaceAll('%2B', '+');
}

/** The newest first; those of one version by their archives. */
function byVersion({ chart: a }: ListedChart, { chart: b }: ListedChart): number {
  return newestFirst(a.version, b.version) || byCharacters(a.archive, b.archive);
}
