import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { RekorBinaries } from '../../../scripts/fetch-rekor.mjs';
import { newLogKeys } from '../../support/log-keys.ts';
import { Database } from './database.ts';
import { Redis } from './redis.ts';
import { Rekor, type RekorOptions } from './rekor.ts';
import { createTree, Trillian } from './trillian.ts';

/** All that a Rekor stands on, in a folder of its own, on loopback. */
export class Stack {
  private readonly servers: Rekor[] = [];

  private constructor(
    private readonly binaries: RekorBinaries,
    private readonly directory: string,
    readonly database: Database,
    readonly redis: Redis,
    readonly trillian: Trillian,
  ) {}

  static async start(binaries: RekorBinaries): Promise<Stack> {
    const directory = await mkdtemp(path.join(tmpdir(), 'rekor-stack-'));
    const [database, redis] = await Promise.all([Database.start(directory), Redis.start(directory)]);
    const trillian = await Trillian.start(binaries.trillian, directory, database);
    return new Stack(binaries, directory, database, redis, trillian);
  }

  /** Starts a rekor-server with a new tree and a new key (P-256), as far as the options do not say otherwise. */
  async startRekor(options: Partial<RekorOptions> = {}): Promise<Rekor> {
    const rekor = await Rekor.start({
      command: this.binaries.rekor.server,
      directory: this.directory,
      trillian: this.trillian.address,
      treeId: options.treeId ?? (await createTree(this.trillian.address)),
      logKey: newLogKeys['P-256'](),
      index: { redis: this.redis.port },
      ...options,
    });
    this.servers.push(rekor);
    return rekor;
  }

  /** Ends every process and removes the folder. */
  async remove(): Promise<void> {
    await Promise.all(this.servers.map((server) => server.kill()));
    await Promise.all([this.trillian.kill(), this.redis.kill(), this.database.kill()]);
    await rm(this.directory, { recursive: true, force: true });
  }
}
