import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Trillian as Binaries } from '../../../scripts/fetch-rekor.mjs';
import type { Database } from './database.ts';
import { freePort } from './free-port.ts';
import { Part } from './part.ts';

const NAME = 'trillian';

/** What is needed to make trees, and to serve them. */
export interface TrillianAddress {
  readonly createTree: string;
  /** Of its log server on 127.0.0.1. */
  readonly port: number;
}

/** Trillian on a database: the server and the signer, which puts leaves into the tree. */
export class Trillian {
  private constructor(
    private readonly start: (command: string, port: number, flags: readonly string[]) => Promise<Part>,
    private readonly binaries: Binaries,
    readonly port: number,
    private readonly server: Part,
    private signer: Part,
  ) {}

  static async start(binaries: Binaries, directory: string, database: Database): Promise<Trillian> {
    await database.create(NAME, binaries.schema);
    const common = [
      '--quota_system=noop',
      '--storage_system=mysql',
      `--mysql_uri=${database.dataSource(NAME)}`,
      '--logtostderr',
    ];
    const start = async (command: string, port: number, flags: readonly string[]) => {
      const name = command.slice(command.lastIndexOf('/') + 1);
      const http = `--http_endpoint=127.0.0.1:${await freePort()}`;
      const argv = [...common, `--rpc_endpoint=127.0.0.1:${port}`, http, ...flags];
      return await Part.start({ command, argv, directory, name, port });
    };
    const port = await freePort();
    const server = await start(binaries.logServer, port, []);
    const signer = await startSigner(start, binaries);
    return new Trillian(start, binaries, port, server, signer);
  }

  get address(): TrillianAddress {
    return { createTree: this.binaries.createTree, port: this.port };
  }

  /** From now on no leaf comes into a tree. */
  async stopSigner(): Promise<void> {
    await this.signer.kill();
  }

  async startSigner(): Promise<void> {
    this.signer = await startSigner(this.start, this.binaries);
  }

  async kill(): Promise<void> {
    await Promise.all([this.server.kill(), this.signer.kill()]);
  }
}

/** Makes an empty tree. Returns its ID, decimal. */
export async function createTree({ createTree: command, port }: TrillianAddress): Promise<string> {
  const { stdout } = await promisify(execFile)(command, [`--admin_server=127.0.0.1:${port}`]);
  return stdout.trim();
}

async function startSigner(
  start: (command: string, port: number, flags: readonly string[]) => Promise<Part>,
  { logSigner }: Binaries,
): Promise<Part> {
  const flags = ['--force_master', '--sequencer_interval=50ms', '--batch_size=50'];
  return await start(logSigner, await freePort(), flags);
}
