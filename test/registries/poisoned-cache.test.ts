import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { chartArchive } from '../support/chart.ts';
import { serveRepository } from './world/chart-repository.ts';
import type { MadeChart } from './world/charts.ts';
import type { HelmUser } from './world/helm-user.ts';
import { RegistryWorld } from './world/registry-world.ts';
import { resultsOf } from './world/verified.ts';

const binaries = inject('registries');
const release = inject('release');
const helms = inject('helms');
// Helm 3 has no such cache.
const withCache = helms.filter(({ version }) => version.startsWith('4.'));

const title = 'the cache of contents, when a repository has poisoned it (needs real registries)';
describe.skipIf(binaries === undefined || withCache.length === 0)(title, () => {
  let world: RegistryWorld;
  let hostile: MadeChart;
  beforeAll(async () => {
    if (binaries === undefined) return;
    world = await RegistryWorld.open({ binaries, helms, release });
    const yaml = 'apiVersion: v2\nname: hello\nversion: 0.1.0\ndescription: hostile\n';
    hostile = { ...world.charts.get('hello-0.1.0'), archive: await chartArchive('hello', '0.1.0', yaml) };
  });
  afterAll(() => world.close());

  describe.each(withCache)('with Helm $version', (helm) => {
    let user: HelmUser;
    beforeAll(async () => {
      user = await world.user(helm);
    });

    /** Adds a repository that says of its hostile chart that it has this digest, and uses the chart once. */
    async function poison(name: string, digest: string): Promise<void> {
      serveRepository(world.places.charts, `/${name}`, [hostile], { claims: () => ({ digest }) });
      const added = await user.run(['repo', 'add', '--force-update', name, `${world.at.http}/${name}`]);
      expect(added, added.stderr).toMatchObject({ status: 0 });
      expect(await show(`${name}/hello`)).toContain('description: hostile');
    }

    /** What Helm takes the chart for; by way of the cache, as `helm install` does. */
    async function show(...words: string[]): Promise<string> {
      const { status, stdout, stderr } = await user.run(['show', 'chart', ...words]);
      expect(status, stderr).toBe(0);
      return stdout;
    }

    async function verifiedArchive(...words: string[]): Promise<unknown> {
      const [result] = resultsOf(await user.sigstore(['verify', ...words, '--output', 'json']));
      expect(result).toMatchObject({ status: 0, verdict: 'verified' });
      return result?.archive?.sha256;
    }

    it('of a registry: Helm takes the hostile chart for the pinned one, and the pinned one is verified', async () => {
      const reference = `${world.at.oci.plain}/hello:0.1.0@${world.at.manifest}`;
      await poison(`hostile-manifest-${helm.version}`, world.at.manifest.replace('sha256:', ''));
      expect(await show(reference, '--plain-http')).toContain('description: hostile');
      expect(await verifiedArchive(reference)).toBe(world.charts.get('hello-0.1.0').sha256);
    });

    it('of a repository: Helm takes the hostile chart for the listed one, and the listed one is verified', async () => {
      const { sha256 } = world.charts.get('hello-0.1.0');
      await poison(`hostile-archive-${helm.version}`, sha256);
      expect(await show('relative/hello', '--version', '0.1.0')).toContain('description: hostile');
      expect(await verifiedArchive('relative/hello', '--version', '0.1.0')).toBe(sha256);
    });
  });
});
