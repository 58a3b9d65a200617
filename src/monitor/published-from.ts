import { hasFiles, withChart, type NamedChart, type NamedCharts } from '../chart/chart-files.ts';
import { chartsAt } from '../chart/local/collection.ts';
import { parseReference } from '../chart/fetch/reference.ts';
import { urlChart } from '../chart/fetch/url-chart.ts';
import { InputError, UsageError, type SigstoreError } from '../errors.ts';
import { ChartServers } from '../run/chart-servers.ts';
import type { Context } from '../run/context.ts';
import type { RegistryOption } from '../settings/option-groups.ts';
import { isUrl } from '../settings/path-value.ts';
import type { Settings } from '../settings/settings.ts';
import { Published } from './published.ts';
import { addRegistry } from './published-registry.ts';
import { addConfigured, addRepository, configuredChart } from './published-repository.ts';

/** Options that say what was published, and how the servers of it are spoken to. */
type PublishedOption = 'published' | RegistryOption;

/**
 * Does the work with what the user says that he published. What is fetched for it is gone afterwards.
 * @throws UsageError on a word that is none of a file, a folder, an index, a repository, a chart of one and a registry
 * @throws SigstoreError if one of them cannot be read: what is not known to be published would be an alarm
 */
export async function withPublished<Result>(
  settings: Settings<PublishedOption>,
  context: Context,
  work: (published: Published) => Promise<Result>,
): Promise<Result> {
  const places = settings.all('published');
  const published = new Published(places.length > 0);
  let opened: Promise<ChartServers> | undefined;
  const open = () => (opened ??= ChartServers.open(settings, context));
  try {
    for (const place of places) {
      const configured = isUrl(place) ? undefined : await configuredChart(place, context);
      if (configured !== undefined) await addConfigured(configured, await open(), published);
      else if (isUrl(place)) await addElsewhere(place, await open(), settings.has('plainHttp'), published);
      else await addLocal(place, published);
    }
    if (published.unread > 0)
      context.stderr.warn(
        `${published.unread} published ${published.unread === 1 ? 'version has' : 'versions have'} no digest, and no archive beside the index: nothing is known of ${published.unread === 1 ? 'it' : 'them'}`,
      );
    return await work(published);
  } finally {
    await (await opened?.catch(() => undefined))?.close();
  }
}

async function addLocal(place: string, published: Published): Promise<void> {
  await addCharts(await chartsAt(place, {}), published);
}

async function addCharts(charts: NamedCharts, published: Published): Promise<void> {
  for (const chart of charts) {
    if (!hasFiles(chart)) throw problemOf(chart);
    const sha256 = chart.isElsewhere ? undefined : chart.expected?.sha256;
    // What an index says of a digest nobody signed, but who publishes the index says so that he published that.
    if (sha256 !== undefined)
      published.add({ sha256, name: nameOf(chart.label), beside: (work) => work(chart) });
    else await addRead(chart, published);
  }
}

/** Hashes an archive. */
async function addRead(
  chart: Extract<NamedChart, { bundles: unknown }>,
  published: Published,
): Promise<void> {
  try {
    await withChart(chart, async () => {
      const { sha256, name } = await (await chart.archive()).read();
      const label = chart.isElsewhere ? chart.label : name;
      published.add({ sha256, name: label, beside: (work) => withChart(chart, work) });
    });
  } catch (error) {
    // Only an index names what need not be there.
    if (!(error instanceof InputError) || chart.expected === undefined || chart.isElsewhere) throw error;
    published.addUnread();
  }
}

function problemOf(chart: Exclude<NamedChart, { bundles: unknown }>): SigstoreError {
  return 'problem' in chart ? chart.problem : new InputError(`there is no published chart in ${chart.label}`);
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

async function addElsewhere(
  word: string,
  servers: ChartServers,
  plainHttp: boolean,
  published: Published,
): Promise<void> {
  const fetching = servers.fetching();
  if (/^https?:/i.test(word) && !/\.tgz(?:\?|$)/i.test(word)) {
    // The address of a repository is checked as that of an archive in it.
    const reference = parseReference(`${word.replace(/(?:\/index\.yaml|\/)?$/i, '')}/a-1.tgz`, { plainHttp });
    if (reference.form !== 'url') throw new UsageError(`--published expects a repository, found ${word}`);
    await addRepository(new URL('.', reference.url), fetching, published);
    return;
  }
  const reference = parseReference(word, { plainHttp });
  if (reference.form === 'oci') await addRegistry(reference, servers, published);
  else if (reference.form === 'url') await addRead(urlChart(reference, fetching), published);
  else
    throw new UsageError(
      '--published expects a file, a folder, an index.yaml, the URL of a repository or oci://HOST/REPOSITORY, found another URL',
    );
}
