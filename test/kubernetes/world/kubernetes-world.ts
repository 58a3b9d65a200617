import { copyFile } from 'node:fs/promises';
import path from 'node:path';
import type { Helm } from '../../../scripts/fetch-helm.mjs';
import type { KubernetesBinaries } from '../../../scripts/fetch-kubernetes.mjs';
import { serveFiles, type FileServer } from '../../e2e/file-server.ts';
import type { Release } from '../../e2e/global-setup.ts';
import { ChartServer } from '../../registries/servers/chart-server.ts';
import { World } from '../../support/world/world.ts';
import { Cluster } from '../cluster/cluster.ts';
import { ClusterUser } from './cluster-user.ts';
import { HONEST, publishCharts, TAKEN_OVER, type Lie } from './published-charts.ts';

/** A cluster, a log, repositories of charts, a policy, and users of each Helm, for a file of tests. */
export class KubernetesWorld {
  private readonly users: ClusterUser[] = [];

  private constructor(
    readonly world: World,
    readonly cluster: Cluster,
    readonly charts: ChartServer,
    /** What the repository that was taken over offers. */
    readonly lies: readonly Lie[],
    /** A policy that lets the publisher sign all charts of both repositories. */
    readonly policy: string,
    private readonly plugin: FileServer,
    private readonly release: Release,
  ) {}

  static async open(binaries: KubernetesBinaries, release: Release): Promise<KubernetesWorld> {
    const cluster = await Cluster.start(binaries);
    const world = await World.open();
    const charts = await ChartServer.start();
    const lies = await publishCharts(world, charts);
    const policy = await writePolicy(world, charts.url);
    const plugin = await serveFiles(path.dirname(release.archive));
    return new KubernetesWorld(world, cluster, charts, lies, policy, plugin, release);
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
    this.users.push(user);
    const { status, stderr } = await user.site.installFrom(
      `${this.plugin.url}/${path.basename(this.release.archive)}`,
      this.release.keyring,
    );
    if (status !== 0) throw new Error(`helm plugin install: ${stderr}`);
    return user;
  }

  async close(): Promise<void> {
    await Promise.all(this.users.map((user) => user.remove()));
    await this.plugin.close();
    await this.charts.stop();
    await this.world.close();
    await this.cluster.stop();
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
    rules: [{ name: 'ours', charts: [`${charts}/*/*`], signedBy: 'any' }],
  };
  return await world.write('policy/helm-sigstore.yaml', JSON.stringify(policy));
}
