import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { serveRepository } from '../../registries/world/chart-repository.ts';
import type { MadeChart } from '../../registries/world/charts.ts';
import type { ChartServer } from '../../registries/servers/chart-server.ts';
import { createSigner, type TestSigner } from '../../support/signer.ts';
import type { World } from '../../support/world/world.ts';
import { configMapChart } from './config-map-chart.ts';

/** What a repository that was taken over offers in place of a chart of the publisher. */
export interface Lie {
  readonly title: string;
  /** As its index has it. */
  readonly name: string;
  readonly version: string;
}

interface Made extends Lie {
  readonly chart: MadeChart;
}

/** Where an honest repository and one that was taken over are, below the address of their server. */
export const HONEST = '/charts';
export const TAKEN_OVER = '/taken';

/**
 * Publishes `hello` 0.1.0 and 0.2.0, signed and logged, in an honest repository, and in another one that the same rule of
 * the policy is about, what somebody puts there who took it over. Returns those lies.
 */
export async function publishCharts(world: World, server: ChartServer): Promise<readonly Lie[]> {
  const directory = await world.subdirectory('charts');
  const stranger = await createSigner();
  const write = async (name: string, version: string, signer?: TestSigner) =>
    await writeChart(directory, name, version, signer);
  const honest = [
    await write('hello', '0.1.0', world.publisher),
    await write('hello', '0.2.0', world.publisher),
  ];
  const other = await write('other', '0.1.0', world.publisher);
  const changed = await write('hello', '0.3.0', world.publisher);
  const strange = await write('strange', '0.1.0', stranger);
  const strangersKey = await world.write('stranger.gpg', stranger.certificate);
  const logged = [...honest, other, changed].map((chart) => chart.path);
  for (const argv of [[...logged], [strange.path, '--keyring', strangersKey]]) {
    const { status, stderr } = await world.runKnowing('upload', ...argv);
    if (status !== 0) throw new Error(`upload: ${stderr}`);
  }
  const [old] = honest;
  if (old === undefined) throw new Error('no chart');
  const asItIs = (title: string, chart: MadeChart): Made => ({ title, chart, ...chart });
  const lies: Made[] = [
    asItIs('a chart that was changed after it was signed', {
      ...changed,
      ...bytes(await configMapChart('hello', '0.3.0', 'thief')),
    }),
    asItIs('a chart that nobody signed', await write('unsigned', '0.1.0')),
    asItIs('a chart that a stranger signed and logged', strange),
    asItIs('a chart that is signed and not on the log', await write('quiet', '0.1.0', world.publisher)),
    { title: 'an old version that is sold as a new one', chart: old, name: 'hello', version: '0.9.0' },
    { title: 'another chart of the same publisher', chart: other, name: 'hello', version: '0.1.0' },
  ];
  serveRepository(server, HONEST, honest);
  serveRepository(
    server,
    TAKEN_OVER,
    lies.map(({ chart }) => chart),
    { claims: (chart) => claimsOf(lies, chart) },
  );
  return lies;
}

function claimsOf(lies: readonly Made[], chart: MadeChart): { name?: string; version?: string } {
  const lie = lies.find((each) => each.chart === chart);
  return lie === undefined ? {} : { name: lie.name, version: lie.version };
}

async function writeChart(
  directory: string,
  name: string,
  version: string,
  signer?: TestSigner,
): Promise<MadeChart> {
  const archive = await configMapChart(name, version);
  const file = path.join(directory, `${name}-${version}.tgz`);
  await writeFile(file, archive);
  const provenance = await signer?.sign(name, version, archive);
  if (provenance !== undefined) await writeFile(`${file}.prov`, provenance);
  const id = `${name}-${version}`;
  return { id, name, version, ...bytes(await readFile(file)), provenance, evidence: undefined, path: file };
}

function bytes(archive: Uint8Array): { archive: Uint8Array; sha256: string } {
  return { archive, sha256: createHash('sha256').update(archive).digest('hex') };
}
