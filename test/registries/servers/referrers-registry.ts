import { freePort } from '../../interop/stack/free-port.ts';
import { Part } from '../../interop/stack/part.ts';
import type { RegistryServer } from './registry-server.ts';

/**
 * The registry of go-containerregistry, in memory, on loopback, with the referrers API. It names the media type of the
 * config as `artifactType`, does not filter by it, and sends no `OCI-Subject`.
 */
export class ReferrersRegistry implements RegistryServer {
  private constructor(
    readonly host: string,
    private readonly part: Part,
  ) {}

  /** Starts it and waits until it listens; what it prints goes into the directory. */
  static async start(command: string, directory: string): Promise<ReferrersRegistry> {
    const port = await freePort();
    const host = `127.0.0.1:${port}`;
    const part = await Part.start({ command, argv: [host], directory, name: 'referrers-registry', port });
    return new ReferrersRegistry(host, part);
  }

  get url(): string {
    return `http://${this.host}`;
  }

  async stop(): Promise<void> {
    await this.part.kill();
  }
}
