import { copyFile } from 'node:fs/promises';
import path from 'node:path';
import type { Helm } from '../../../scripts/fetch-helm.mjs';
import type { KubernetesBinaries } from '../../../scripts/fetch-kubernetes.mjs';
import { serveFiles, type FileServer } from '../../e2e/file-server.ts';
import type { Release } from '../../e2e/global-setup.ts';
import { ChartServer } from '../../registries/servers/chart-server.ts';
import { Started } from '../../support/started.ts';
import { World } from '../../support/world/world.ts';
import { Cluster } from '../cluster/cluster.ts';
import { ClusterUser } from './cluster-user.ts';
import { HONEST, publishCharts, TAKEN_OVER, type Lie } from './published-charts.ts';

/** A cluster, a log, repositories of charts, a policy, and users of each Helm, for a file of tests. */
export class KubernetesWorld {
  private constructor(
    readonly world: World,
    readonly cluster: Cluster,
    readonly charts: ChartServer,
    /** What the repository that was taken over offers. */
    readonly lies: readonly Lie[],
    /** A policy that lets the publisher sign all charts of both repositories, and those of registries of this machine. */
    readonly policy: string,
    private readonly plugin: FileServer,
    private readonly release: Release,
    private readonly started: Started,
  ) {}

  static async open(binaries: KubernetesBinaries, release: Release): Promise<KubernetesWorld> {
    return await Started.whole(async (started) => {
      const cluster = await started.add(Cluster.start(binaries), (each) => each.stop());
      const world = await started.add(World.open(), (each) => each.close());
      const charts = await started.add(ChartServer.start(), (each) => each.stop());
      const lies = await publishCharts(world, charts);
      const policy = await writePolicy(world, charts.url);
      const plugin = await started.add(serveFiles(path.dirname(release.archive)), (each) => each.close());
      return new KubernetesWorld(world, cluster, charts, lies, policy, plugin, release, started);
    });
  }

  /** The address of the honest repository. */
  get honest(): string {
    return this.charts.url + HONEST;
  }

  /** The address of the one that was taken over. */
  get takenOver(): string {
    return this.charts.url + TAKEN_OVER;
  }

  /** Somebody with this Helm, with the plugin in it, and with the policy in force. */
  async user(helm: Helm): Promise<ClusterUser> {
    const user = await ClusterUser.create(helm, this.cluster, { HELM_SIGSTORE_POLICY: this.policy });
    await this.started.add(user, (each) => each.remove());
    const { status, stderr } = await user.site.installFrom(
      `${this.plugin.url}/${path.basename(this.release.archive)}`,
      this.release.keyring,
    );
    if (status !== 0) throw new Error(`helm plugin install: ${stderr}`);
    return user;
  }

  async close(): Promise<void> {
    await this.started.end();
  }
}

/** JSON is YAML. Keys lie beside the policy. */
async function writePolicy(world: World, charts: string): Promise<string> {
  const directory = await world.subdirectory('policy');
  await copyFile(world.keyring, path.join(directory, 'publisher.gpg'));
  await copyFile(world.log.publicKeyPath, path.join(directory, 'log.pem'));
  const policy = {
    version: 1,
    keys: ['publisher.gpg'],
    logs: [{ url: world.log.url, publicKeys: ['log.pem'] }],
    rules: [{ name: 'ours', charts: [`${charts}/*/*`, 'oci://127.0.0.1:*/charts/*'], signedBy: 'any' }],
  };
  return await world.write('policy/helm-sigstore.yaml', JSON.stringify(policy));
}
