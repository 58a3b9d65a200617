import type { ChartFiles, ExpectedChart } from '../chart/chart-files.ts';
import { placeOfListed } from '../chart/fetch/archive-place.ts';
import type { RegistryFetching } from '../chart/fetch/attached-evidence.ts';
import { FetchedChart, type FetchedFiles } from '../chart/fetch/fetched-chart.ts';
import type { Fetching } from '../chart/fetch/fetching.ts';
import { fetchOciChart, ociChart } from '../chart/fetch/oci-chart.ts';
import { archiveNameIn } from '../chart/fetch/reference.ts';
import { fetchUrlChart, urlChart } from '../chart/fetch/url-chart.ts';
import { excerpt } from '../encoding.ts';
import { RejectedError } from '../errors.ts';
import type { OciAddress, UrlAddress } from '../chart/fetch/gate-address.ts';
import { listedFileName } from '../chart/fetch/listed-address.ts';
import type { ListedWithQuery } from './whole-address.ts';

/** How the charts behind the gate are fetched. */
export interface GateFetching extends Fetching, RegistryFetching {}

/**
 * The chart that Helm asks for. The words that choose its rule are those of the user: the URL of the repository, and the name
 * of the chart that Helm looked for in its index. What the index says of it is held against what is signed.
 */
export function gatedChart(
  address: ListedWithQuery | UrlAddress | OciAddress,
  fetching: GateFetching,
): ChartFiles {
  if (address.kind === 'oci') return ociChart({ form: 'oci', ...address.reference }, undefined, fetching);
  if (address.kind === 'url') {
    const { url } = address;
    return urlChart({ form: 'url', url, fileName: archiveNameIn(url, url.href) }, fetching);
  }
  const { repository, chart, query, demands } = address;
  const { name, version } = demands;
  const label = `${name} ${version} of ${repository}`;
  const asked = { reference: `${repository}${query}`, ...(chart !== undefined && { chart }) };
  const known = { label, asked, nameBegins: listedFileName(demands) };
  return new FetchedChart(known, fetching, (directory) => fetchListed(address, label, fetching, directory));
}

async function fetchListed(
  { query, ...listed }: ListedWithQuery,
  label: string,
  fetching: GateFetching,
  directory: string,
): Promise<FetchedFiles> {
  const { demands } = listed;
  const { name, version, sha256 } = demands;
  const expected: ExpectedChart = {
    source: 'index',
    names: [name],
    version,
    signedName: listedFileName(demands),
    ...(sha256 !== undefined && { sha256 }),
  };
  const place = placeOfListed(listed, query);
  if (place instanceof URL) return await fetchUrlChart(place, expected, fetching, directory);
  const fetched = await fetchOciChart(place, version, fetching, directory);
  return { ...fetched, expected: bothExpected(expected, fetched.expected, label) };
}

/** What the index says, and what the reference in it says. @throws RejectedError if they say different things */
function bothExpected(index: ExpectedChart, reference: ExpectedChart, label: string): ExpectedChart {
  const { names, version } = reference;
  if (version === undefined || version === index.version)
    return { ...index, names: [...new Set([...index.names, ...names])] };
  throw new RejectedError(
    `${label}: its index says that it is at a reference of the version ${excerpt(version)}`,
    'ask those who run the repository: it sells one version as another',
  );
}
