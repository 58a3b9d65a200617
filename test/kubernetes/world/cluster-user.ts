import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Helm } from '../../../scripts/fetch-helm.mjs';
import { HelmSite, type Outcome } from '../../e2e/helm-site.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { heldOf, type Held } from './releases.ts';

type Environment = Readonly<Record<string, string>>;

/** Somebody with one Helm who may do everything in a cluster. */
export class ClusterUser {
  private constructor(
    readonly helm: Helm,
    readonly site: HelmSite,
    private readonly cluster: Cluster,
  ) {}

  static async create(helm: Helm, cluster: Cluster): Promise<ClusterUser> {
    return new ClusterUser(helm, await HelmSite.create(helm), cluster);
  }

  /** `helm …` */
  async run(argv: readonly string[], env: Environment = {}): Promise<Outcome> {
    return await this.site.run(argv, { KUBECONFIG: this.cluster.kubeconfig, ...env });
  }

  /** Writes a file where commands run. */
  async write(name: string, content: Uint8Array | string): Promise<string> {
    const file = path.join(this.site.directory, name);
    await writeFile(file, content);
    return file;
  }

  /** A name for a namespace that no other Helm uses. */
  namespace(purpose: string): string {
    return `${purpose}-${this.helm.version.replaceAll('.', '-')}`;
  }

  /** What the cluster holds of a release. */
  async held(namespace: string, release: string): Promise<Held> {
    return await heldOf(this.cluster, namespace, release);
  }

  async remove(): Promise<void> {
    await this.site.remove();
  }
}
