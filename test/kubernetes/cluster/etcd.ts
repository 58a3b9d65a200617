import path from 'node:path';
import { freePort } from '../../interop/stack/free-port.ts';
import { Part } from '../../interop/stack/part.ts';

/** An etcd of its own on loopback: a cluster of one. */
export class Etcd {
  private constructor(
    /** For its clients. */
    readonly url: string,
    private readonly part: Part,
  ) {}

  /** Starts it and waits until it listens; all its files lie in the directory. */
  static async start(directory: string): Promise<Etcd> {
    const [port, peerPort] = [await freePort(), await freePort()];
    const [url, peerUrl] = [`http://127.0.0.1:${port}`, `http://127.0.0.1:${peerPort}`];
    const argv = [
      '--name=test',
      `--data-dir=${path.join(directory, 'etcd')}`,
      `--listen-client-urls=${url}`,
      `--advertise-client-urls=${url}`,
      `--listen-peer-urls=${peerUrl}`,
      `--initial-advertise-peer-urls=${peerUrl}`,
      `--initial-cluster=test=${peerUrl}`,
    ];
    const part = await Part.start({ command: 'etcd', argv, directory, name: 'etcd', port });
    return new Etcd(url, part);
  }

  async stop(): Promise<void> {
    await this.part.kill();
  }
}
