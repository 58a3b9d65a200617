import { mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { Outcome } from '../e2e/helm-site.ts';
import { inParallel } from './in-parallel.ts';
import { IN_REGISTRIES } from './references/in-registries.ts';
import { IN_REPOSITORIES } from './references/in-repositories.ts';
import { PATHS } from './references/paths.ts';
import { expectedOf, leavesVersionOpen, type Reference } from './references/reference.ts';
import { REFUSED, SECRET } from './references/refused.ts';
import { URLS } from './references/urls.ts';
import type { HelmUser, Pulled } from './world/helm-user.ts';
import { RegistryWorld } from './world/registry-world.ts';
import { resultsOf, type Verified } from './world/verified.ts';

const binaries = inject('registries');
const helms = inject('helms');
const release = inject('release');

const REFERENCES = [...PATHS, ...REFUSED, ...URLS, ...IN_REPOSITORIES, ...IN_REGISTRIES];

describe.skipIf(binaries === undefined || helms.length === 0)('a reference (needs real registries)', () => {
  let world: RegistryWorld;
  beforeAll(async () => {
    if (binaries !== undefined) world = await RegistryWorld.open({ binaries, helms, release });
  });
  afterAll(() => world.close());

  describe.each(helms)('with Helm $version', (helm) => {
    let pulled: ReadonlyMap<Reference, Pulled>;
    let verified: ReadonlyMap<Reference, Verified>;
    let stopped: ReadonlyMap<Reference, Outcome>;
    const becomes = (reference: Reference) => expectedOf(reference, helm.version);
    const good = REFERENCES.filter((reference) => typeof becomes(reference) === 'string');
    const pullable = good.filter((reference) => !PATHS.includes(reference));
    const bad = REFERENCES.filter((reference) => typeof becomes(reference) !== 'string');

    let left: readonly string[];

    beforeAll(async () => {
      const user = await world.user(helm);
      await mkdir(path.join(user.directory, 'twice', 'hello'), { recursive: true });
      pulled = await each(pullable, (reference) => pull(user, reference));
      verified = await verifyAll(user, good);
      stopped = await each(bad, (reference) => user.sigstore(['verify', ...verifyWords(reference)]));
      left = await readdir(user.temporary);
    });

    it('nothing of all that is left behind', () => {
      expect(left).toEqual([]);
    });

    it.each(good)('$what: what is verified is what helm pull brings', (reference) => {
      const chart = world.charts.get(becomes(reference) as string);
      const brought = PATHS.includes(reference) ? chart : pulled.get(reference);
      const words = reference.helmFails?.[helm.version];
      if (words === undefined) expect(brought).toMatchObject({ sha256: chart.sha256 });
      else
        expect(brought).toMatchObject({ sha256: undefined, said: expect.stringContaining(words) as string });
      const result = verified.get(reference);
      expect(result, JSON.stringify(result?.error)).toMatchObject({
        status: 0,
        verdict: 'verified',
        archive: { sha256: chart.sha256 },
      });
      const isOpen = leavesVersionOpen(reference.words(world.at));
      expect(result?.source?.['versionChosenBy']).toBe(isOpen ? 'repository' : undefined);
    });

    it.each(bad)('$what: nothing is verified, and it is said why', (reference) => {
      const outcome = stopped.get(reference);
      const expected = becomes(reference);
      if (typeof expected === 'string' || outcome === undefined) throw new Error('no such row');
      expect(outcome, outcome.stderr).toMatchObject({ status: expected.status });
      expect(outcome.stdout).not.toContain('Verified Successfully');
      const said = outcome.stdout + outcome.stderr;
      expect(said).toContain(expected.says);
      expect(said).not.toContain(SECRET);
    });
  });

  async function each<Result>(
    references: readonly Reference[],
    work: (reference: Reference) => Promise<Result>,
  ): Promise<Map<Reference, Result>> {
    const results = await inParallel(
      references,
      async (reference) => [reference, await work(reference)] as const,
    );
    return new Map(results);
  }

  async function pull(user: HelmUser, reference: Reference): Promise<Pulled> {
    const words = reference.words(world.at);
    const isPlain = words[0].startsWith('oci:') && !words.includes('--ca-file');
    return await user.pull([
      ...words,
      ...(isPlain ? ['--plain-http'] : []),
      ...(reference.pullOptions ?? []),
    ]);
  }

  function verifyWords(reference: Reference): readonly string[] {
    return [...reference.words(world.at), ...(reference.verifyOptions ?? [])];
  }

  /** Those with the same options in one run. */
  async function verifyAll(
    user: HelmUser,
    references: readonly Reference[],
  ): Promise<Map<Reference, Verified>> {
    const runs = new Map<string, Reference[]>();
    for (const reference of references) {
      const options = verifyWords(reference).slice(1).join('\n');
      runs.set(options, [...(runs.get(options) ?? []), reference]);
    }
    const found = await inParallel([...runs], async ([options, together]) => {
      const operands = together.map((reference) => reference.words(world.at)[0]);
      const argv = ['verify', ...operands, ...options.split('\n').filter(Boolean), '--output', 'json'];
      const results = resultsOf(await user.sigstore(argv));
      return together.map((reference, index) => [reference, results[index]] as const);
    });
    return new Map(found.flat().filter((pair): pair is [Reference, Verified] => pair[1] !== undefined));
  }
});
