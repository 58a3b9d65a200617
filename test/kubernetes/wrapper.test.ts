import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { ClusterUser } from './world/cluster-user.ts';
import { KubernetesWorld } from './world/kubernetes-world.ts';
import { CHART, expectSameReleases } from './world/same-releases.ts';

const binaries = inject('kubernetes');
const release = inject('release');
const helms = inject('helms');

const title = 'the wrapper verbs in a cluster (needs etcd, Go and real Helm: nothing is installed by them)';
describe.skipIf(binaries === undefined || helms.length === 0)(title, () => {
  let world: KubernetesWorld;
  beforeAll(async () => {
    if (binaries !== undefined) world = await KubernetesWorld.open(binaries, release);
  });
  afterAll(() => world.close());

  describe.each(helms)('with Helm $version', (helm) => {
    let user: ClusterUser;
    beforeAll(async () => {
      user = await world.user(helm);
      await user.succeed(['repo', 'add', 'acme', world.honest]);
      await user.succeed(['repo', 'add', 'taken', world.takenOver]);
    });

    const plain = { words: [], repository: 'acme' };
    const wrapped = { words: ['sigstore'], repository: 'acme' };

    it('make the release that plain Helm makes, and print what it prints', async () => {
      await user.write('values.yaml', 'greeting: from a file\n');
      const held = await expectSameReleases(user, [plain, wrapped], 'same', [
        ['install', 'same', CHART, '--version', '0.1.0', '--create-namespace'],
        ['upgrade', 'same', CHART, '--version', '^0.2', '-f', 'values.yaml'],
        ['upgrade', '--install', 'same', CHART, '--set', 'greeting=with a blank', '--wait'],
        ['upgrade', 'same', CHART, '--version', '0.1.0', '--dry-run=server'],
      ]);
      expect(held.revisions.map(({ chart }) => chart.metadata.version)).toEqual(['0.1.0', '0.2.0', '0.2.0']);
      expect(held.configMaps).toMatchObject([
        { data: { version: '0.2.0', from: 'publisher', greeting: 'with a blank' } },
      ]);
      expect(await user.left()).toEqual([]);
    });

    it.each(['install', 'upgrade --install'])('%s: nothing that is forged comes in', async (verb) => {
      const namespace = user.namespace('forged');
      for (const { title, name, version } of world.lies) {
        const chart = [`taken/${name}`, '--version', version];
        const to = ['--namespace', namespace, '--create-namespace'];
        const { status, stdout } = await user.run(['sigstore', ...verb.split(' '), 'lie', ...chart, ...to]);
        expect([4, 10], title).toContain(status);
        expect(stdout, title).toBe('');
        expect(await user.held(namespace, 'lie'), title).toEqual({ configMaps: [], revisions: [] });
      }
      expect(await user.left()).toEqual([]);
    });

    it('plain Helm takes the same forgeries: they are not refused for another reason', async () => {
      const namespace = user.namespace('believed');
      for (const [index, { name, version }] of world.lies.entries()) {
        const chart = [`taken/${name}`, '--version', version];
        await user.succeed(['install', `lie-${index}`, ...chart, '-n', namespace, '--create-namespace']);
      }
    });

    it('an upgrade that is refused leaves the release as it was', async () => {
      const namespace = user.namespace('kept');
      const to = ['--namespace', namespace];
      const good = ['acme/hello', '--version', '0.1.0'];
      await user.succeed(['sigstore', 'install', 'kept', ...good, ...to, '--create-namespace']);
      const before = await user.held(namespace, 'kept');
      for (const { title, name, version } of world.lies) {
        const { status } = await user.run([
          ...['sigstore', 'upgrade', 'kept', `taken/${name}`, '--version', version, ...to],
        ]);
        expect([4, 10], title).toContain(status);
      }
      expect(await user.held(namespace, 'kept')).toEqual(before);
    });

    it('a rollback takes what is stored, and uninstall removes all', async () => {
      const namespace = user.namespace('back');
      const to = ['--namespace', namespace];
      const chart = (version: string) => ['back', 'acme/hello', '--version', version, ...to];
      await user.succeed(['sigstore', 'install', ...chart('0.1.0'), '--create-namespace']);
      const [first] = (await user.held(namespace, 'back')).configMaps;
      await user.succeed(['sigstore', 'upgrade', ...chart('0.2.0')]);
      world.charts.takeRequests();
      await user.succeed(['rollback', 'back', '1', ...to]);
      expect(world.charts.takeRequests()).toEqual([]);
      expect((await user.held(namespace, 'back')).configMaps).toEqual([first]);
      await user.succeed(['uninstall', 'back', ...to]);
      expect(await user.held(namespace, 'back')).toEqual({ configMaps: [], revisions: [] });
    });
  });
});
