import { MalformedError, UsageError } from '../errors.ts';
import { ChartServers } from '../run/chart-servers.ts';
import type { RunContext } from '../run/context.ts';
import { readRepositories } from '../run/repositories.ts';
import { Settings } from '../settings/settings.ts';
import { behindTheGate } from '../gate-schemes.ts';
import { parseGateAddress, type GateAddress } from '../chart/fetch/gate-address.ts';
import type { GateFetching } from './gated-chart.ts';
import { handedFor, type HandedOver } from './handed-over.ts';
import { wholeAddress, type WholeAddress } from './whole-address.ts';

/** The most bytes of an archive that comes through the gate: Helm holds it in memory. */
const GATE_ARCHIVE_LIMIT = 256 << 20;

/** What Helm asks for, and the servers that have it. */
export interface GateRun {
  readonly address: WholeAddress;
  readonly fetching: GateFetching;
}

/**
 * Does the work for one URL that Helm hands over. What is fetched is gone afterwards, also if the work fails.
 * @throws UsageError on a URL that the gate does not answer
 */
export async function withGate<Result>(
  href: string,
  handed: HandedOver,
  context: RunContext,
  work: (run: GateRun) => Promise<Result>,
  maxArchive = GATE_ARCHIVE_LIMIT,
): Promise<Result> {
  const handedAddress = addressOf(href);
  const mayLackQuery = handedAddress.kind === 'listed' && handedAddress.hasQuery;
  const address = wholeAddress(handedAddress, mayLackQuery ? await readRepositories(context) : []);
  const { kind } = address;
  const isRegistry = kind === 'tags' || kind === 'oci' || (kind === 'listed' && isOci(address.repository));
  const files = isRegistry ? filesOf(handed) : {};
  const servers = await ChartServers.open(new Settings(files, context.env), context);
  try {
    if (!isRegistry) await addHanded(href, handed, servers, context);
    const fetching: GateFetching = {
      ...servers.fetching(maxArchive),
      repository: (name, deadline) => servers.repository(name, deadline),
    };
    return await work({ address, fetching });
  } finally {
    await servers.close();
  }
}

function addressOf(href: string): GateAddress {
  try {
    const address = parseGateAddress(href);
    const url = address.kind === 'url' ? address.url : address.kind === 'index' && address.repository;
    // They are sent as everything that Helm hands over.
    if (url) url.username = url.password = '';
    return address;
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    throw new UsageError(
      `the gate does not answer this: ${error.message}`,
      'it brings indexes of repositories, packed charts and their provenance, and nothing else',
    );
  }
}

function isOci(repository: string): boolean {
  return repository.startsWith('oci://');
}

/** Helm keeps these for a repository of a registry as for any other. */
function filesOf({ caFile, certFile, keyFile }: HandedOver): Readonly<Record<string, string>> {
  const all = Object.entries({ caFile, certFile, keyFile });
  return Object.fromEntries(all.filter((entry): entry is [string, string] => entry[1] !== undefined));
}

/** Takes what Helm handed over for the server of the URL, if it is for that. */
async function addHanded(
  href: string,
  handed: HandedOver,
  servers: ChartServers,
  { stderr }: RunContext,
): Promise<void> {
  const [place = ''] = behindTheGate(href).split('#');
  const url = new URL(place);
  url.pathname = url.pathname.slice(0, url.pathname.lastIndexOf('/') + 1);
  const found = handedFor(url, handed, await servers.repositories());
  if ('keptBack' in found)
    stderr.warn(
      `the credentials of the repository ${found.keptBack} were not sent to ${url.host}, which is another server`,
    );
  else if (found.repository !== undefined) servers.add(found.repository);
}
