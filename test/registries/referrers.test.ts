import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { tap } from '../interop/tap.ts';
import type { MadeChart } from './world/charts.ts';
import type { HelmUser } from './world/helm-user.ts';
import {
  attachEvidence,
  EVIDENCE,
  evidenceAtAnotherTime,
  NOWHERE,
  type Lie,
} from './world/attached-evidence.ts';
import { Oras } from './world/oras.ts';
import { RawRepository } from './world/raw-registry.ts';
import { RegistryWorld } from './world/registry-world.ts';
import { resultsOf, type Verified } from './world/verified.ts';

const binaries = inject('registries');
const release = inject('release');
const helms = inject('helms');
const [helm] = helms.slice(-1);

const title = 'evidence that is attached to a chart in a registry (needs real registries)';
describe.skipIf(binaries === undefined || helm === undefined)(title, () => {
  let world: RegistryWorld;
  let user: HelmUser;
  let oras: Oras;
  let repositories = 0;
  beforeAll(async () => {
    if (binaries === undefined || helm === undefined) return;
    world = await RegistryWorld.open({ binaries, helms, release });
    user = await world.user(helm);
    oras = await Oras.of(binaries.oras, user);
    for (const { id, evidence } of world.charts.all())
      if (evidence !== undefined) await writeFile(path.join(oras.directory, `${id}.json`), evidence);
  });
  afterAll(() => world.close());

  describe.each(['plain', 'v3', 'referrers'] as const)('registry %s', (name) => {
    it('what we attach once or twice, oras discovers once', async () => {
      const { reference, repository, chart } = await pushed(name, 'hello-0.1.0');
      const attach = () => user.sigstore(['attach', reference, '--evidence', `${chart.path}.rekor.json`]);
      expect(await attach()).toMatchObject({ status: 0 });
      expect(await attach()).toMatchObject({ status: 0 });
      const found = await oras.discover(withoutScheme(reference));
      expect(found).toHaveLength(1);
      const manifest = await repository.manifest(found[0]?.digest ?? '');
      expect(JSON.parse(Buffer.from(manifest).toString())).toMatchObject({
        artifactType: EVIDENCE,
        layers: [{ mediaType: EVIDENCE, digest: digestOf(chart.evidence) }],
        subject: { digest: await repository.digest('0.1.0') },
      });
      expect(await verify(reference)).toMatchObject(await asBesideAFile(chart));
    });

    it('what oras attaches proves the chart, and the log is not searched', async () => {
      const { reference, chart } = await pushed(name, 'hello-0.1.0');
      await oras.attach(withoutScheme(reference), EVIDENCE, `${chart.id}.json`);
      expect(await verify(reference)).toMatchObject(await asBesideAFile(chart));
    });

    it('evidence of another chart is not attached, and nothing is pushed', async () => {
      const { reference } = await pushed(name, 'hello-0.1.0');
      const other = world.charts.get('hello-0.2.0');
      const { status, stdout } = await user.sigstore([
        ...['attach', reference, '--evidence', `${other.path}.rekor.json`],
      ]);
      expect({ status, stdout }).toMatchObject({ status: 10 });
      expect(await oras.discover(withoutScheme(reference))).toEqual([]);
    });

    it('evidence of another chart is found, and does neither good nor harm', async () => {
      const { reference } = await pushed(name, 'hello-0.1.0');
      await oras.attach(withoutScheme(reference), EVIDENCE, 'hello-0.2.0.json');
      expect(await verify(reference)).toMatchObject({ status: 0, source: 'log', isSearched: true });
      const unlogged = await pushed(name, 'quiet-0.1.0');
      await oras.attach(withoutScheme(unlogged.reference), EVIDENCE, 'hello-0.1.0.json');
      expect(await verify(unlogged.reference)).toMatchObject({ status: 4, isSearched: true });
    });
  });

  describe('the list of referrers under the fallback tag', () => {
    const lies: readonly (readonly [string, (lie: Lie) => Promise<readonly object[]>])[] = [
      ['was emptied', () => Promise.resolve([])],
      [
        'names one of another chart',
        async ({ repository, chart }) => [await attachEvidence(repository, chart, { subject: NOWHERE })],
      ],
      [
        'names one without a subject',
        async ({ repository, chart }) => [await attachEvidence(repository, chart, {})],
      ],
      [
        'calls something else evidence',
        async ({ repository, chart, subject }) => [
          {
            ...(await attachEvidence(repository, chart, { subject, artifactType: 'text/plain' })),
            artifactType: EVIDENCE,
          },
        ],
      ],
      [
        'names evidence that says another time',
        async ({ repository, chart, subject }) => [
          await attachEvidence(repository, { ...chart, evidence: evidenceAtAnotherTime(chart) }, { subject }),
        ],
      ],
      [
        'names evidence that is no JSON',
        async ({ repository, chart, subject }) => [
          await attachEvidence(repository, { ...chart, evidence: Buffer.from('evidence') }, { subject }),
        ],
      ],
    ];

    it.each(lies)('%s: the log is asked, and nothing else believed', async (_, lie) => {
      const { reference, repository, chart } = await pushed('plain', 'hello-0.1.0');
      const subject = await repository.digest('0.1.0');
      // It is there, and stands in no list.
      await attachEvidence(repository, chart, { subject });
      await repository.putFallbackTag(subject, await lie({ repository, chart, subject }));
      expect(await verify(reference)).toMatchObject({ status: 0, source: 'log', isSearched: true });
    });

    it('names evidence that was deleted: the log is asked', async () => {
      const { reference, repository, chart } = await pushed('plain', 'hello-0.1.0');
      const subject = await repository.digest('0.1.0');
      const evidence = await attachEvidence(repository, chart, { subject });
      await repository.putFallbackTag(subject, [evidence]);
      await repository.delete(evidence.digest);
      expect(await verify(reference)).toMatchObject({ status: 0, source: 'log', isSearched: true });
    });

    it('tells the truth: it is believed', async () => {
      const { reference, repository, chart } = await pushed('plain', 'hello-0.1.0');
      const subject = await repository.digest('0.1.0');
      await repository.putFallbackTag(subject, [await attachEvidence(repository, chart, { subject })]);
      expect(await verify(reference)).toMatchObject(await asBesideAFile(chart));
    });

    it('has good evidence behind false: it is found', async () => {
      const { reference, repository, chart } = await pushed('plain', 'hello-0.1.0');
      const subject = await repository.digest('0.1.0');
      const others = world.charts.get('hello-0.2.0');
      const manifests = [
        await attachEvidence(repository, others, { subject }),
        await attachEvidence(repository, chart, { subject }),
      ];
      await repository.putFallbackTag(subject, manifests);
      expect(await verify(reference)).toMatchObject(await asBesideAFile(chart));
    });
  });

  interface Pushed {
    readonly reference: string;
    readonly repository: RawRepository;
    readonly chart: MadeChart;
  }

  /** A chart in a repository of its own, as the publisher has it. */
  async function pushed(name: 'plain' | 'v3' | 'referrers', id: string): Promise<Pushed> {
    const chart = world.charts.get(id);
    const registry = world.places.registries[name];
    repositories += 1;
    const repository = new RawRepository(registry, `attached-${repositories}/${chart.name}`);
    await repository.pushChart(chart.version, chart);
    return { reference: `oci://${registry.host}/${repository.name}:${chart.version}`, repository, chart };
  }

  interface Seen {
    readonly status: number | undefined;
    readonly verdict: Verified['verdict'];
    /** Where the evidence comes from that decided. */
    readonly source: string | undefined;
    readonly isSearched: boolean;
  }

  /** What becomes of a chart, and whether the log was asked for entries. */
  async function verify(operand: string): Promise<Seen> {
    const log = await tap(world.world.log.url);
    const [result] = resultsOf(await user.sigstore(['verify', operand, '--output', 'json'], log));
    const isSearched = log.exchanges.some(({ path }) => /\/(?:log\/entries|index)/.test(path));
    await log.close();
    const [decided] = result?.evidences ?? [];
    return { status: result?.status, verdict: result?.verdict, source: decided?.source, isSearched };
  }

  /** The same of the file with its evidence beside it, which proves it without a search. */
  async function asBesideAFile(chart: MadeChart): Promise<Seen> {
    const seen = await verify(chart.path);
    expect(seen).toEqual({ status: 0, verdict: 'verified', source: 'file', isSearched: false });
    return seen;
  }
});

function withoutScheme(reference: string): string {
  return reference.replace('oci://', '');
}

function digestOf(bytes: Uint8Array = Buffer.of()): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
