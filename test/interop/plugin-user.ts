import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { KnownLog } from './known-log.ts';
import { runProcess, type Outcome } from './run-process.ts';

/** A document of the plugin (docs/json.md), as far as these tests read it. */
export interface Document {
  readonly status: number;
  readonly errors?: readonly Complaint[];
  /** Of `upload` and `verify`. */
  readonly results?: readonly ChartAnswer[];
  /** Of `search`. */
  readonly entries?: readonly (EntryAnswer & { readonly proofs: string })[];
  /** Of `log info`. */
  readonly trees?: readonly TreeAnswer[];
}

interface ChartAnswer {
  readonly outcome?: string;
  readonly verdict?: string;
  readonly entry?: EntryAnswer;
  readonly error?: Complaint;
  readonly checks?: readonly Check[];
}

interface EntryAnswer {
  readonly uuid: string;
  readonly logIndex: number;
  readonly logId: string;
  readonly treeId: string;
  readonly leafHash: string;
  readonly treeSize: number;
  readonly rootHash: string;
}

interface TreeAnswer {
  readonly treeId: string;
  readonly state: string;
  readonly treeSize: number;
  readonly rootHash: string;
  readonly checks: readonly Check[];
}

interface Check {
  readonly id: string;
  readonly outcome: string;
  readonly detail: string;
}

interface Complaint {
  readonly code: string;
  readonly message: string;
}

/** Somebody with the packed plugin, and a home of their own. */
export class PluginUser {
  private constructor(
    private readonly launcher: string,
    /** For files. */
    readonly directory: string,
    private readonly home: string,
  ) {}

  static async create(launcher: string): Promise<PluginUser> {
    const directory = await mkdtemp(path.join(tmpdir(), 'plugin-user-'));
    const home = path.join(directory, 'home');
    await mkdir(home);
    return new PluginUser(launcher, directory, home);
  }

  /** Runs a command against a log whose key is trusted. */
  async run(log: KnownLog, argv: readonly string[]): Promise<Outcome> {
    const env = { HOME: this.home, REKOR_SERVER: log.url, SIGSTORE_REKOR_PUBLIC_KEY: log.publicKey };
    return await runProcess(process.execPath, [this.launcher, ...argv], env);
  }

  /** The same, and what it answered. */
  async ask(log: KnownLog, argv: readonly string[]): Promise<Document> {
    const { stdout } = await this.run(log, [...argv, '--output', 'json']);
    return JSON.parse(stdout) as Document;
  }

  async remove(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }
}
