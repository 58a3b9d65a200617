import { freePort } from './free-port.ts';
import { Part } from './part.ts';

/** A Redis of its own, which keeps nothing on disk. */
export class Redis {
  private constructor(
    private readonly directory: string,
    readonly port: number,
    private part: Part,
  ) {}

  static async start(directory: string): Promise<Redis> {
    const port = await freePort();
    return new Redis(directory, port, await startServer(directory, port));
  }

  /** Ends it, and what it knew is lost. */
  async kill(): Promise<void> {
    await this.part.kill();
  }

  /** Starts it again, empty. */
  async startAgain(): Promise<void> {
    this.part = await startServer(this.directory, this.port);
  }
}

async function startServer(directory: string, port: number): Promise<Part> {
  const argv = ['--bind', '127.0.0.1', '--port', String(port), '--save', '', '--appendonly', 'no'];
  return await Part.start({ command: 'redis-server', argv, directory, name: 'redis', port });
}
