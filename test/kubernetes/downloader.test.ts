import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { serveRegistry } from '../support/registry/server.ts';
import type { ClusterUser } from './world/cluster-user.ts';
import { KubernetesWorld } from './world/kubernetes-world.ts';
import { CHART, expectSameReleases } from './world/same-releases.ts';

const binaries = inject('kubernetes');
const release = inject('release');
const helms = inject('helms');

const title =
  'repositories behind the downloader in a cluster (needs etcd, Go and real Helm: nothing is installed from them)';
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
      await user.succeed(['repo', 'add', 'open', world.honest]);
      await user.succeed(['repo', 'add', 'untrue', world.takenOver]);
      await user.succeed(['sigstore', 'gate', 'install', '--policy', world.policy]);
      await user.succeed(['repo', 'add', 'acme', `sigstore+${world.honest}`]);
      await user.succeed(['repo', 'add', 'taken', `sigstore+${world.takenOver}`]);
    });

    const plain = { words: [], repository: 'open' };
    const gated = { words: [], repository: 'acme' };

    it('make the release that they make without it, and Helm prints the same', async () => {
      const held = await expectSameReleases(user, [plain, gated], 'same', [
        ['install', 'same', CHART, '--version', '0.1.0', '--create-namespace'],
        ['upgrade', 'same', CHART, '--version', '^0.2'],
        ['upgrade', '--install', 'same', CHART, '--set', 'greeting=with a blank', '--wait'],
      ]);
      expect(held.revisions.map(({ chart }) => chart.metadata.version)).toEqual(['0.1.0', '0.2.0', '0.2.0']);
      expect(await user.left()).toEqual([]);
    });

    it.each(['install', 'upgrade --install'])('%s: nothing that is forged comes in', async (verb) => {
      const namespace = user.namespace('forged');
      for (const { title, name, version } of world.lies) {
        const chart = [`taken/${name}`, '--version', version];
        const to = ['--namespace', namespace, '--create-namespace'];
        const { status } = await user.run([...verb.split(' '), 'lie', ...chart, ...to]);
        expect(status, title).not.toBe(0);
        expect(await user.held(namespace, 'lie'), title).toEqual({ configMaps: [], revisions: [] });
      }
      expect(await user.left()).toEqual([]);
    });

    it('by --repo, without a name for the repository, it is the same', async () => {
      const namespace = user.namespace('unnamed');
      const to = ['--namespace', namespace, '--create-namespace'];
      const from = (url: string) => ['hello', '--repo', `sigstore+${url}`];
      await user.succeed(['install', 'good', ...from(world.honest), '--version', '0.1.0', ...to]);
      expect((await user.held(namespace, 'good')).configMaps).toMatchObject([{ data: { version: '0.1.0' } }]);
      const { status } = await user.run([
        'install',
        'lie',
        ...from(world.takenOver),
        '--version',
        '0.3.0',
        ...to,
      ]);
      expect(status).not.toBe(0);
      expect(await user.held(namespace, 'lie')).toEqual({ configMaps: [], revisions: [] });
    });

    it('an upgrade that is refused leaves the release as it was', async () => {
      const to = ['--namespace', user.namespace('kept')];
      await user.succeed([
        'install',
        'kept',
        'acme/hello',
        '--version',
        '0.1.0',
        ...to,
        '--create-namespace',
      ]);
      const before = await user.held(user.namespace('kept'), 'kept');
      for (const { title, name, version } of world.lies) {
        const { status } = await user.run(['upgrade', 'kept', `taken/${name}`, '--version', version, ...to]);
        expect(status, title).not.toBe(0);
      }
      expect(await user.held(user.namespace('kept'), 'kept')).toEqual(before);
    });

    it('what the same repository offers without it, plain Helm still takes: it has to be added under the scheme', async () => {
      const to = ['--namespace', user.namespace('around'), '--create-namespace'];
      await user.succeed(['install', 'lie', 'untrue/hello', '--version', '0.3.0', ...to]);
      expect((await user.held(user.namespace('around'), 'lie')).configMaps).toMatchObject([
        { data: { from: 'thief' } },
      ]);
    });

    it('a rollback takes what is stored, and asks nobody', async () => {
      const namespace = user.namespace('back');
      const to = ['--namespace', namespace];
      const chart = (version: string) => ['back', 'acme/hello', '--version', version, ...to];
      await user.succeed(['install', ...chart('0.1.0'), '--create-namespace']);
      const [first] = (await user.held(namespace, 'back')).configMaps;
      await user.succeed(['upgrade', ...chart('0.2.0')]);
      world.charts.takeRequests();
      await user.succeed(['rollback', 'back', '1', ...to]);
      expect(world.charts.takeRequests()).toEqual([]);
      expect((await user.held(namespace, 'back')).configMaps).toEqual([first]);
      await user.succeed(['uninstall', 'back', ...to]);
      expect(await user.held(namespace, 'back')).toEqual({ configMaps: [], revisions: [] });
    });

    it('a chart of a registry comes by sigstore+oci, by a repository and by its tag, and a changed one does not', async () => {
      const registry = await serveRegistry();
      const put = async (place: string, version: string) => {
        const get = async (ending: string) => {
          const answer = await fetch(`${place}/hello-${version}.tgz${ending}`);
          expect(answer.status).toBe(200);
          return Buffer.from(await answer.arrayBuffer());
        };
        registry.store.addChart('charts/hello', await get(''), version, (await get('.prov')).toString());
      };
      for (const version of ['0.1.0', '0.2.0']) await put(world.honest, version);
      await put(world.takenOver, '0.3.0');
      const place = `sigstore+oci://${registry.host}/charts/hello`;
      const namespace = user.namespace('registry');
      const to = ['--namespace', namespace];
      const repository = `registry-${user.namespace('r')}`;
      await user.succeed(['repo', 'add', repository, place]);
      const chart = `${repository}/hello`;
      await user.succeed(['install', 'oci', chart, '--version', '^0.1.0', ...to, '--create-namespace']);
      expect((await user.held(namespace, 'oci')).configMaps).toMatchObject([{ data: { version: '0.1.0' } }]);
      await user.succeed(['upgrade', 'oci', `${place}:0.2.0`, ...to]);
      const held = await user.held(namespace, 'oci');
      expect(held.configMaps).toMatchObject([{ data: { version: '0.2.0', from: 'publisher' } }]);
      for (const words of [[chart], [chart, '--version', '0.3.0'], [`${place}:0.3.0`]])
        expect((await user.run(['upgrade', 'oci', ...words, ...to])).status, words.join(' ')).not.toBe(0);
      expect(await user.held(namespace, 'oci')).toEqual(held);
      await user.succeed(['repo', 'remove', repository]);
      expect(await user.left()).toEqual([]);
    });

    it('values do not come by it: nobody signs them', async () => {
      world.charts.put('/charts/values.yaml', 'greeting: from somebody\n');
      const values = `sigstore+${world.honest}/values.yaml`;
      const to = ['--namespace', user.namespace('values'), '--create-namespace'];
      const { status } = await user.run(['install', 'values', 'acme/hello', '-f', values, ...to]);
      expect(status).not.toBe(0);
      expect(await user.held(user.namespace('values'), 'values')).toEqual({ configMaps: [], revisions: [] });
    });
  });
});
