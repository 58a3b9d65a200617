import { dump } from 'js-yaml';
import type { ChartServer } from '../servers/chart-server.ts';
import type { MadeChart } from './charts.ts';

/** What an index says of a chart. */
interface Claims {
  readonly name?: string;
  readonly version?: string;
  readonly digest?: string | undefined;
}

/** How a repository differs from what `helm repo index` makes of a directory. */
export interface RepositoryOptions {
  /** The `urls` of a chart; the default is the name of its file. */
  readonly urls?: (file: string, chart: MadeChart) => readonly string[];
  /** What the index says in place of what is true. */
  readonly claims?: (chart: MadeChart) => Claims;
  /** The index as JSON, which Helm takes under the same name. */
  readonly isJson?: boolean;
  /** Without this query, such as `team=a`, there is nothing. Helm asks for a provenance with the ending behind it. */
  readonly query?: string;
  /** Whether what was kept of the log lies beside the charts. */
  readonly hasEvidence?: boolean;
}

/** Serves a repository of charts under a path such as `/charts`: index, archives, provenance, evidence. */
export function serveRepository(
  server: ChartServer,
  base: string,
  charts: readonly MadeChart[],
  {
    urls = (file) => [file],
    claims = () => ({}),
    isJson = false,
    query,
    hasEvidence = true,
  }: RepositoryOptions = {},
): void {
  const behind = query === undefined ? '' : `?${query}`;
  const entries: Record<string, unknown[]> = {};
  for (const chart of charts) {
    const { name, version, archive, provenance, evidence, sha256 } = chart;
    const file = `${name}-${version}.tgz`;
    const url = `${base}/${file}${behind}`;
    server.put(url, archive);
    if (provenance !== undefined) server.put(`${url}.prov`, provenance);
    if (evidence !== undefined && hasEvidence) server.put(`${url}.rekor.json`, evidence);
    const entry = {
      apiVersion: 'v2',
      name,
      version,
      digest: sha256,
      urls: urls(file, chart),
      ...claims(chart),
    };
    (entries[entry.name] ??= []).push(entry);
  }
  const index = { apiVersion: 'v1', generated: '2026-11-01T00:00:00Z', entries };
  server.put(`${base}/index.yaml${behind}`, isJson ? JSON.stringify(index) : dump(index));
}
