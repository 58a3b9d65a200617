import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MEDIA_TYPE } from '../../src/evidence/evidence.ts';
import { findReferrers } from '../../src/registry/referrers.ts';
import { hexOf, REPOSITORY, repositoryIn } from '../registry/asking.ts';
import { serveBefore } from '../support/front.ts';
import { serveRegistry, type TestRegistry } from '../support/registry/server.ts';
import { World } from '../support/world/world.ts';

let world: World;
let chart: Awaited<ReturnType<World['chart']>>;

beforeAll(async () => {
  world = await World.open();
  chart = await world.chart('hello');
});

afterAll(async () => {
  await world.close();
});

async function registryWithChart() {
  const registry = await serveRegistry();
  const provenance = Buffer.from(chart.provenance).toString();
  const { manifest } = registry.store.addChart(REPOSITORY, chart.archive, '0.1.0', provenance);
  return { registry, manifest, reference: `oci://${registry.host}/${REPOSITORY}:0.1.0` };
}

const upload = async (...words: readonly string[]) => await world.runKnowing('upload', ...words);
const pushes = ({ seen }: TestRegistry) => seen.filter(({ method }) => method === 'PUT' || method === 'POST');

describe('upload --attach', () => {
  test('puts what the log proved beside the chart, and verify needs no search', async () => {
    const { registry, manifest, reference } = await registryWithChart();
    const { status, stdout } = await upload(reference, '--attach');
    const { manifests } = await findReferrers(
      await repositoryIn(registry),
      hexOf(manifest.digest),
      MEDIA_TYPE,
    );
    expect({ status, count: manifests.length }).toEqual({ status: 0, count: 1 });
    const label = `oci://${registry.host}/${REPOSITORY}@sha256:${manifests[0]?.digest ?? ''}`;
    expect(stdout).toContain(`\nEvidence: ${label}\n`);
    const log = await serveBefore(world.log);
    const argv = ['verify', reference, ...world.trusting(log), '--keyring', world.keyring];
    expect((await world.run(argv)).stdout).toContain(`\nEvidence: ${label}\n`);
    expect(log.seen.filter(({ url }) => url.includes('retrieve'))).toEqual([]);
  });

  test('a second time attaches nothing', async () => {
    const { registry, reference } = await registryWithChart();
    await upload(reference, '--attach');
    const before = pushes(registry).length;
    const { status, stdout } = await upload(reference, '--attach', '--output', 'json');
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ results: [{ evidence: { outcome: 'unchanged' } }] });
    expect(pushes(registry).length).toBe(before);
  });

  test('with --dry-run pushes nothing', async () => {
    const { registry, reference } = await registryWithChart();
    expect(await upload(reference, '--attach', '--dry-run')).toMatchObject({ status: 0 });
    expect(pushes(registry)).toEqual([]);
  });

  test('to a registry that takes nothing is a warning: the chart is logged', async () => {
    const { registry, reference } = await registryWithChart();
    registry.faults.instead = ({ method }, response) =>
      method === 'POST' && response.writeHead(403).end() instanceof Object;
    const { status, stdout } = await upload(reference, '--attach');
    expect(status).toBe(0);
    expect(stdout).toContain(`Warning: no evidence was written: cannot attach it to ${reference}: `);
  });

  test('of a file, or with another place for evidence, is a usage error, and nothing is sent', async () => {
    const { registry, reference } = await registryWithChart();
    for (const words of [
      [chart.path],
      [reference, chart.path],
      [reference, '--evidence', 'e.json'],
      [reference, '--no-evidence'],
    ])
      expect(await upload(...words, '--attach')).toMatchObject({ status: 2 });
    expect(registry.seen).toEqual([]);
  });
});

test('without --attach nothing is pushed', async () => {
  const { registry, reference } = await registryWithChart();
  expect(await upload(reference)).toMatchObject({ status: 0 });
  expect(pushes(registry)).toEqual([]);
});
