import { describeUrl } from '../http/request.ts';
import { FetchedChart } from './fetched-chart.ts';
import { fetchArchive, type Fetching } from './fetching.ts';
import type { UrlReference } from './reference.ts';
import { fetchEvidence, fetchProvenance } from './sidecars.ts';

/** The chart at a URL. The last part of the path is the file name that has to be signed. */
export function urlChart({ url, fileName }: UrlReference, fetching: Fetching): FetchedChart {
  const reference = describeUrl(url);
  const known = { label: reference, asked: { reference: url.href }, nameBegins: fileName };
  return new FetchedChart(known, fetching, async (directory) => {
    const access = await fetching.accessTo(url);
    const path = await fetchArchive(fetching, url, access, directory);
    return {
      path,
      expected: { source: 'reference', names: [], signedName: fileName },
      source: { form: 'url', reference, url: reference },
      provenance: () => fetchProvenance(fetching, url, access),
      evidence: () => fetchEvidence(fetching, url, access),
    };
  });
}
