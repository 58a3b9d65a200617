import { describeUrl } from '../../http/request.ts';
import type { ExpectedChart } from '../chart-files.ts';
import { FetchedChart, type FetchedFiles } from './fetched-chart.ts';
import { fetchArchive, type Fetching } from './fetching.ts';
import type { UrlReference } from './reference.ts';
import { fetchProvenance, offeredBeside } from './sidecars.ts';

/** The chart at a URL. The last part of the path is the file name that has to be signed. */
export function urlChart({ url, fileName }: UrlReference, fetching: Fetching): FetchedChart {
  const expected = { source: 'reference', names: [], signedName: fileName } as const;
  const known = { label: describeUrl(url), asked: { reference: url.href }, nameBegins: fileName };
  return new FetchedChart(known, fetching, (directory) => fetchUrlChart(url, expected, fetching, directory));
}

/** Fetches what lies at a URL into a directory, for a chart that the user named in whatever way. */
export async function fetchUrlChart(
  url: URL,
  expected: ExpectedChart,
  fetching: Fetching,
  directory: string,
): Promise<FetchedFiles> {
  const reference = describeUrl(url);
  const access = await fetching.accessTo(url);
  const path = await fetchArchive(fetching, url, access, directory);
  return {
    path,
    expected,
    source: { form: 'url', reference, url: reference },
    provenance: () => fetchProvenance(fetching, url, access),
    ...offeredBeside(fetching, url, () => Promise.resolve(access)),
  };
}
