import { FAILSAFE_SCHEMA, load, YAMLException } from 'js-yaml';
import { join } from 'node:path';
import { parseSha256 } from '../digest.ts';
import { excerpt } from '../encoding.ts';
import { InputError, MalformedError, messageOf } from '../errors.ts';
import type { IndexedChart, NamedChart } from './named-chart.ts';

/**
 * Every chart version that the index of a repository (`index.yaml`, as `helm repo index` writes it) names, in its
 * order. The archive of one is looked for under the last part of its first URL. Whoever wrote the index chose all
 * names in it: one that is no plain file name is a problem of its chart.
 * @param yaml the text of the index
 * @param place where the index is, for messages
 * @param directory where the archives are
 * @throws InputError if it is no index, or names no chart, or more than any does
 */
export function chartsOfIndex(yaml: string, place: string, directory: string): readonly NamedChart[] {
  const { apiVersion, entries } = membersOf(parse(yaml, place));
  if (typeof apiVersion !== 'string' || !isMapping(entries))
    throw new InputError(
      `expected ${place} to be the index of a chart repository, with apiVersion and entries, found another document`,
    );
  const count = Object.values(entries).reduce<number>((sum, versions) => sum + listOf(versions).length, 0);
  if (count > MAX_CHARTS)
    throw new InputError(`the index ${place} names ${count} charts, expected at most ${MAX_CHARTS}`);
  const charts = Object.entries(entries).flatMap(([name, versions]) =>
    listOf(versions).map((version, index): NamedChart => {
      try {
        return chartOf(name, version, directory);
      } catch (error) {
        if (!(error instanceof MalformedError)) throw error;
        const path = `${place}: version ${index + 1} of ${excerpt(name)}`;
        return { path, problem: new InputError(`${path}: ${error.message}`) };
      }
    }),
  );
  if (charts.length === 0) throw new InputError(`the index ${place} names no charts`);
  return charts;
}

/** Large public repositories have tens of thousands. */
const MAX_CHARTS = 250_000;

function parse(yaml: string, place: string): unknown {
  try {
    return load(yaml, { schema: FAILSAFE_SCHEMA, maxAliases: 100, maxDepth: 100 });
  } catch (error) {
    const reason = error instanceof YAMLException ? error.reason : messageOf(error);
    throw new InputError(`expected ${place} to be YAML, found ${excerpt(reason)}`);
  }
}

function chartOf(name: string, entry: unknown, directory: string): NamedChart {
  const { version, urls, digest = '' } = membersOf(entry);
  if (typeof version !== 'string') throw new MalformedError('expected a version, found none');
  const url: unknown = Array.isArray(urls) ? urls[0] : undefined;
  if (typeof url !== 'string') throw new MalformedError('expected a list of URLs, found none');
  if (typeof digest !== 'string') throw new MalformedError('expected a digest, found something else');
  const indexed: IndexedChart = {
    signedName: `${name}-${version}.tgz`,
    ...(digest !== '' && { sha256: parseSha256(digest) }),
  };
  return { path: join(directory, fileNameOf(url)), indexed };
}

/** The last part of a URL, absolute or relative, where that is the plain name of an archive. */
function fileNameOf(url: string): string {
  const segment = url.replace(/[?#].*$/s, '').replace(/^.*\//s, '');
  const name = decodePercent(segment);
  // Of all characters those that separate parts of a path, and those that nobody sees.
  if (!/^[^/\\:\p{C}]+\.tgz$/u.test(name) || name.startsWith('.'))
    throw new MalformedError(`expected a URL that ends in the name of an archive, found ${excerpt(url)}`);
  return name;
}

function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new MalformedError(`expected a URL, found ${excerpt(text)}`);
  }
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [value];
}

function isMapping(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return isMapping(value) ? { ...value } : {};
}
