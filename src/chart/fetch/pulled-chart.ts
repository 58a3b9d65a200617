import { MalformedError, messageOf, SigstoreError } from '../../errors.ts';
import { readRegular, TooLargeError } from '../../files/regular-file.ts';
import type { UsersHelm } from '../../files/users-helm.ts';
import { listedIn, offeredAt } from './archive-place.ts';
import type { RegistryFetching } from './attached-evidence.ts';
import { FETCHED_PROVENANCE_LIMIT, FetchedChart, type FetchedFiles } from './fetched-chart.ts';
import type { Fetching } from './fetching.ts';
import { GateRefusedError } from './gate-refusal.ts';
import { helmPull, type Pulled } from './helm-pull.ts';
import { listedFileName, type ListedAddress } from './listed-address.ts';
import { fetchOciChart } from './oci-chart.ts';
import { NOTHING_OFFERED } from './offered-files.ts';
import { knownOf, nameAskedFor, type PullRequest } from './pull-request.ts';
import { noProvenance } from './sidecars.ts';
import { fetchUrlChart } from './url-chart.ts';

/**
 * The chart that Helm pulls, held against the reference and against what the index says of its archive.
 * @param looksPastGate whether one that the gate gives to nobody is fetched all the same: it says so, in `refused`
 */
export function pulledChart(
  request: PullRequest,
  helm: UsersHelm,
  fetching: Fetching & RegistryFetching,
  looksPastGate = false,
): FetchedChart {
  const name = nameAskedFor(request);
  const known = { ...request, nameBegins: name && `${name}-` };
  return new FetchedChart(known, fetching, async (directory) => {
    const { label, repository, offeredWith } = request;
    const done = fetching.watch(label);
    let pulled: Pulled;
    try {
      pulled = await pullByHelm(request, helm, fetching, directory);
    } catch (error) {
      if (!(error instanceof GateRefusedError && looksPastGate)) throw error;
      return await fetchPastGate(error, request, fetching, directory);
    } finally {
      done();
    }
    const { archive, provenance, fileName, size } = pulled;
    if (size > fetching.maxArchive)
      throw new SigstoreError(
        'UNCHECKED',
        `${label} was not pulled: its archive is longer than ${fetching.maxArchive} bytes`,
      );
    const { place, ...known } = await knownOf(request, fileName);
    return {
      path: archive,
      ...known,
      provenance: () => readProvenance(label, fileName, provenance),
      ...(repository && place
        ? offeredAt(place, fetching, repository.accessTo)
        : (offeredWith?.(fileName) ?? NOTHING_OFFERED)),
    };
  });
}

async function pullByHelm(
  { label, form, words, wordsForServer }: PullRequest,
  helm: UsersHelm,
  fetching: Fetching,
  directory: string,
): Promise<Pulled> {
  const all = [...words, ...((await wordsForServer?.()) ?? [])];
  return await helmPull(helm, { label, words: all, form }, directory, fetching.deadline());
}

/**
 * The files of a chart that the gate gives to nobody, fetched from where they are, to say what is wrong with them.
 * @throws the error of the gate where they cannot be found
 */
async function fetchPastGate(
  refused: GateRefusedError,
  request: PullRequest,
  fetching: Fetching & RegistryFetching,
  directory: string,
): Promise<FetchedFiles> {
  const listed = listedThere(refused);
  if (listed === undefined) throw refused;
  const { place, ...known } = await knownOf(request, listedFileName(listed.demands));
  if (place === undefined) throw refused;
  const fetched =
    place instanceof URL
      ? await fetchUrlChart(place, known.expected, fetching, directory)
      : await fetchOciChart(place, undefined, fetching, directory);
  return { ...fetched, ...known, refused };
}

/** What the gate was asked for; undefined: nothing that an index of it names, as that index may have been changed. */
function listedThere({ refusal }: GateRefusedError): ListedAddress | undefined {
  try {
    return listedIn(refusal.href);
  } catch (error) {
    if (error instanceof MalformedError) return undefined;
    throw error;
  }
}

async function readProvenance(
  label: string,
  fileName: string,
  path: string | undefined,
): Promise<Uint8Array> {
  if (path === undefined) throw noProvenance(`helm pull brings ${fileName} for ${label}`, 'Helm found none');
  try {
    return await readRegular(path, FETCHED_PROVENANCE_LIMIT);
  } catch (error) {
    const why =
      error instanceof TooLargeError
        ? `it is longer than ${FETCHED_PROVENANCE_LIMIT} bytes`
        : messageOf(error);
    throw new SigstoreError('UNCHECKED', `cannot use the provenance of ${label}: ${why}`);
  }
}
