import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { KubernetesBinaries } from '../../../scripts/fetch-kubernetes.mjs';
import { ApiClient } from './api-client.ts';
import { startApiServer, type ApiAddress, type RunningApiServer } from './api-server.ts';
import { Etcd } from './etcd.ts';

const READY_TIMEOUT = 120_000;

/** A real Kubernetes API without nodes, on loopback: etcd and kube-apiserver, with a directory of their own. */
export class Cluster {
  readonly api: ApiClient;

  private constructor(
    /** All its files lie here. */
    readonly directory: string,
    private readonly etcd: Etcd,
    private readonly server: RunningApiServer,
    /** A kubeconfig of somebody who may do everything. */
    readonly kubeconfig: string,
  ) {
    this.api = new ApiClient(server);
  }

  /** Starts it and waits until it is ready. @throws with what it printed, when it does not become so */
  static async start({ apiServer }: KubernetesBinaries): Promise<Cluster> {
    const directory = await mkdtemp(path.join(tmpdir(), 'kubernetes-'));
    const started: { stop(): Promise<void> }[] = [];
    try {
      const etcd = await Etcd.start(directory);
      started.push(etcd);
      const server = await startApiServer(apiServer, directory, etcd.url);
      started.push({ stop: () => server.part.kill() });
      const kubeconfig = path.join(directory, 'kubeconfig');
      await writeFile(kubeconfig, configuration(server), { mode: 0o600 });
      const cluster = new Cluster(directory, etcd, server, kubeconfig);
      await cluster.becomeReady();
      return cluster;
    } catch (error) {
      for (const each of started.reverse()) await each.stop();
      await rm(directory, { recursive: true, force: true });
      throw error;
    }
  }

  /** Where it is, and as whom its API is asked. */
  get address(): ApiAddress {
    return this.server;
  }

  /** Ends both processes and removes all files. */
  async stop(): Promise<void> {
    await this.server.part.kill();
    await this.etcd.stop();
    await rm(this.directory, { recursive: true, force: true });
  }

  /** The namespace `default` is made by the server itself, after all else. */
  private async becomeReady(): Promise<void> {
    const end = Date.now() + READY_TIMEOUT;
    let last = '';
    while (Date.now() < end) {
      for (const path of ['/readyz', '/api/v1/namespaces/default']) {
        const { status, body } = await this.api.get(path);
        last = status === 200 ? '' : `${path}: status ${status}: ${body}`;
        if (last !== '') break;
      }
      if (last === '') return;
      await wait(50);
    }
    const printed = await readFile(path.join(this.directory, 'kube-apiserver.log'), 'utf8');
    throw new Error(`Kubernetes does not become ready: ${last}; it printed: ${printed.slice(-2000)}`);
  }
}

/** JSON is YAML. */
function configuration({ url, authority, token }: ApiAddress): string {
  const cluster = {
    server: url,
    'certificate-authority-data': Buffer.from(authority).toString('base64'),
  };
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'test', cluster }],
    users: [{ name: 'tester', user: { token } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'tester' } }],
    'current-context': 'test',
  });
}
