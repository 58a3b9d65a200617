import { existsSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { commandLinesWith } from '../e2e/processes.ts';
import { ApiClient } from './cluster/api-client.ts';
import { Cluster } from './cluster/cluster.ts';
import { ClusterUser } from './world/cluster-user.ts';
import { configMapChart } from './world/config-map-chart.ts';

const binaries = inject('kubernetes');
const helms = inject('helms');

const title = 'a Kubernetes API without nodes (needs etcd, Go and real Helm: nothing is installed anywhere)';
describe.skipIf(binaries === undefined || helms.length === 0)(title, () => {
  let cluster: Cluster;
  beforeAll(async () => {
    if (binaries !== undefined) cluster = await Cluster.start(binaries);
  });
  afterAll(() => cluster.stop());

  it('says which version it is', async () => {
    const { body } = await cluster.api.get('/version');
    expect(JSON.parse(body)).toMatchObject({ gitVersion: `v${binaries?.version ?? ''}` });
  });

  it('answers nobody without a token', async () => {
    const stranger = new ApiClient({ ...cluster.address, token: 'of nobody' });
    expect(await stranger.get('/api/v1/namespaces/default/secrets')).toMatchObject({ status: 401 });
  });

  describe.each(helms)('with plain Helm $version', (helm) => {
    const release = 'greeting';
    let user: ClusterUser;
    let namespace: string;
    beforeAll(async () => {
      user = await ClusterUser.create(helm, cluster);
      namespace = user.namespace('plain');
      for (const version of ['0.1.0', '0.2.0'])
        await user.write(`hello-${version}.tgz`, await configMapChart('hello', version));
    });
    afterAll(() => user.remove());

    async function helmed(...argv: string[]): Promise<void> {
      const ended = await user.run([...argv, '--namespace', namespace]);
      expect(ended, ended.stderr).toMatchObject({ status: 0 });
    }

    /** The version that runs, and those that Helm stored with their states. */
    async function state(): Promise<unknown> {
      const { configMaps, revisions } = await user.held(namespace, release);
      return {
        running: configMaps,
        stored: revisions.map(({ version, info, chart }) => [version, chart.metadata.version, info.status]),
      };
    }

    const configMap = (version: string) =>
      expect.objectContaining({
        name: `${release}-hello`,
        data: { version, from: 'publisher', greeting: 'hello' },
      }) as unknown;

    it('install, upgrade, rollback and uninstall do what they say', async () => {
      await helmed('install', release, 'hello-0.1.0.tgz', '--create-namespace');
      expect(await state()).toEqual({
        running: [configMap('0.1.0')],
        stored: [[1, '0.1.0', 'deployed']],
      });

      await helmed('upgrade', release, 'hello-0.2.0.tgz');
      expect(await state()).toEqual({
        running: [configMap('0.2.0')],
        stored: [
          [1, '0.1.0', 'superseded'],
          [2, '0.2.0', 'deployed'],
        ],
      });

      await helmed('rollback', release, '1');
      expect(await state()).toEqual({
        running: [configMap('0.1.0')],
        stored: [
          [1, '0.1.0', 'superseded'],
          [2, '0.2.0', 'superseded'],
          [3, '0.1.0', 'deployed'],
        ],
      });

      await helmed('uninstall', release);
      expect(await state()).toEqual({ running: [], stored: [] });
    });
  });

  it('two releases of one chart in two namespaces are held alike, but for times', async () => {
    const [helm] = helms.slice(-1);
    if (helm === undefined) throw new Error('no Helm');
    const user = await ClusterUser.create(helm, cluster);
    await user.write('hello-0.1.0.tgz', await configMapChart('hello', '0.1.0'));
    await user.write('evil-0.1.0.tgz', await configMapChart('hello', '0.1.0', 'thief'));
    for (const [namespace, file] of [
      ['one', 'hello'],
      ['other', 'hello'],
      ['third', 'evil'],
    ] as const) {
      const to = ['--namespace', namespace, '--create-namespace'];
      const ended = await user.run(['install', 'same', `${file}-0.1.0.tgz`, ...to]);
      expect(ended, ended.stderr).toMatchObject({ status: 0 });
    }
    const one = await user.held('one', 'same');
    expect(one.revisions).toHaveLength(1);
    expect(await user.held('other', 'same')).toEqual(one);
    expect(await user.held('third', 'same')).not.toEqual(one);
    await user.remove();
  });
});

it.skipIf(binaries === undefined)(
  'a cluster that is stopped leaves no process and no file (needs etcd and Go: clearing up is not tested)',
  async () => {
    if (binaries === undefined) return;
    const cluster = await Cluster.start(binaries);
    expect(await commandLinesWith(cluster.directory)).toHaveLength(2);
    await cluster.stop();
    expect(await commandLinesWith(cluster.directory)).toEqual([]);
    expect(existsSync(cluster.directory)).toBe(false);
  },
);
