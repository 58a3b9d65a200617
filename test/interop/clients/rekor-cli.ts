import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { KnownLog } from '../known-log.ts';
import type { PublishedChart } from '../publishers.ts';
import type { Client, Query, TreeHead, Uploaded } from './client.ts';
import { runProcess, type Outcome } from './run-process.ts';

/** How an entry is named: by its entry ID or leaf hash, or by its index. */
type EntryName = readonly ['--uuid' | '--log-index', string];

/** Somebody with rekor-cli, Rekor's own client, who sends certificates as they are. */
export class RekorCli implements Client {
  readonly name = 'rekor-cli';

  private constructor(
    private readonly command: string,
    private readonly home: string,
  ) {}

  static async create(command: string): Promise<RekorCli> {
    return new RekorCli(command, await mkdtemp(path.join(tmpdir(), 'rekor-cli-user-')));
  }

  /** Runs a command against a log whose key is trusted, or against one whose keys it says itself. */
  async run({ url, publicKey, env }: Partial<KnownLog>, argv: readonly string[]): Promise<Outcome> {
    const key =
      publicKey === undefined ? {} : { REKOR_REKOR_SERVER_PUBLIC_KEY: await readFile(publicKey, 'utf8') };
    const options = ['--rekor_server', url ?? '', '--format', 'json'];
    return await runProcess(this.command, [...argv, ...options], { HOME: this.home, ...key, ...env });
  }

  /** The same, and what it answered. @throws when it failed */
  async ask(log: Partial<KnownLog>, argv: readonly string[]): Promise<unknown> {
    const { status, stdout, stderr } = await this.run(log, argv);
    if (status !== 0) throw new Error(`rekor-cli ${argv.join(' ')}: status ${status}: ${stderr}`);
    return JSON.parse(stdout);
  }

  async upload(log: Partial<KnownLog>, chart: PublishedChart): Promise<Uploaded> {
    const { status, stdout, stderr } = await this.run(log, ['upload', ...provenanceOptions(chart)]);
    if (status !== 0) return { outcome: 'refused', reason: stderr };
    const { AlreadyExists, Location } = JSON.parse(stdout) as { AlreadyExists: boolean; Location: string };
    return { outcome: AlreadyExists ? 'exists' : 'created', uuid: path.basename(Location) };
  }

  async verify(log: Partial<KnownLog>, chart: PublishedChart): Promise<string> {
    const answer = await this.ask(log, ['verify', ...provenanceOptions(chart)]);
    return (answer as { EntryUUID: string }).EntryUUID;
  }

  /** Verifies an entry by its name; returns its ID. @throws when it does not verify */
  async verifyEntry(log: Partial<KnownLog>, name: EntryName): Promise<string> {
    return ((await this.ask(log, ['verify', ...name])) as { EntryUUID: string }).EntryUUID;
  }

  /** @throws when there is none, or it does not verify */
  async getEntry(log: Partial<KnownLog>, name: EntryName): Promise<{ uuid: string; index: number }> {
    const { UUID, LogIndex } = (await this.ask(log, ['get', ...name])) as { UUID: string; LogIndex: number };
    return { uuid: UUID, index: LogIndex };
  }

  async search(log: KnownLog, query: Query): Promise<string[]> {
    const { status, stdout, stderr } = await this.run(log, ['search', ...searchOptions(query)]);
    if (stderr.includes('no matching entries found')) return [];
    if (status !== 0) throw new Error(`rekor-cli search: ${stderr}`);
    return (JSON.parse(stdout) as { UUIDs: string[] }).UUIDs.sort();
  }

  async logInfo(log: Partial<KnownLog>): Promise<TreeHead> {
    const info = (await this.ask(log, ['loginfo'])) as Record<string, unknown>;
    return {
      treeId: String(info['TreeID']),
      treeSize: Number(info['ActiveTreeSize']),
      rootHash: String(info['RootHash']),
      totalSize: Number(info['TotalTreeSize']),
    };
  }

  async remove(): Promise<void> {
    await rm(this.home, { recursive: true, force: true });
  }
}

function provenanceOptions({ path: chart, certificate }: PublishedChart): string[] {
  const key = ['--public-key', certificate, '--pki-format', 'pgp'];
  return ['--type', 'helm:0.0.1', '--artifact', `${chart}.prov`, ...key];
}

function searchOptions(query: Query): string[] {
  if ('sha256' in query) return ['--sha', query.sha256];
  if ('email' in query) return ['--email', query.email];
  return ['--public-key', query.certificate, '--pki-format', 'pgp'];
}
