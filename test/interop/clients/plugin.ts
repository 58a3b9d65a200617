import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { KnownLog } from '../known-log.ts';
import type { PublishedChart } from '../publishers.ts';
import type { Client, Query, TreeHead, Uploaded } from './client.ts';
import type { Answer } from './plugin-answer.ts';
import { runProcess, type Outcome } from './run-process.ts';

/** Somebody with the packed plugin. */
export class Plugin implements Client {
  readonly name = 'helm sigstore';

  private constructor(
    private readonly launcher: string,
    private readonly home: string,
  ) {}

  static async create(launcher: string): Promise<Plugin> {
    return new Plugin(launcher, await mkdtemp(path.join(tmpdir(), 'plugin-user-')));
  }

  /** Runs a command against a log whose key is trusted. */
  async run(log: KnownLog, argv: readonly string[]): Promise<Outcome> {
    const known = { REKOR_SERVER: log.url, SIGSTORE_REKOR_PUBLIC_KEY: log.publicKey };
    return await runProcess(process.execPath, [this.launcher, ...argv], {
      HOME: this.home,
      ...known,
      ...log.env,
    });
  }

  /** The same, and what it answered. */
  async ask(log: KnownLog, argv: readonly string[]): Promise<Answer> {
    const { stdout } = await this.run(log, [...argv, '--output', 'json']);
    return JSON.parse(stdout) as Answer;
  }

  /** Without evidence, so that `verify` asks the log. */
  async upload(log: KnownLog, { path: chart, certificate }: PublishedChart): Promise<Uploaded> {
    const answer = await this.ask(log, ['upload', chart, '--no-evidence', '--keyring', certificate]);
    const { outcome, evidences: [evidence] = [], error } = answer.results?.[0] ?? {};
    const entry = evidence?.entry;
    if ((outcome === 'created' || outcome === 'exists') && entry && answer.status === 0)
      return { outcome, uuid: entry.uuid };
    return { outcome: 'refused', reason: error?.message ?? JSON.stringify(answer) };
  }

  async verify(log: KnownLog, { path: chart, certificate }: PublishedChart): Promise<string> {
    const answer = await this.ask(log, ['verify', chart, '--keyring', certificate]);
    const { verdict, evidences: [evidence] = [] } = answer.results?.[0] ?? {};
    const entry = evidence?.entry;
    if (answer.status === 0 && verdict === 'verified' && entry !== undefined) return entry.uuid;
    throw new Error(`not verified: ${JSON.stringify(answer)}`);
  }

  async search(log: KnownLog, query: Query): Promise<string[]> {
    const { status, entries = [], errors } = await this.ask(log, ['search', ...searchOptions(query)]);
    if (status === 4) return [];
    if (status !== 0 || entries.some(({ proofs }) => proofs !== 'hold'))
      throw new Error(`search: ${JSON.stringify(errors ?? entries)}`);
    return entries.map(({ uuid }) => uuid).sort();
  }

  async logInfo(log: KnownLog): Promise<TreeHead> {
    const { status, trees = [], errors } = await this.ask(log, ['log', 'info']);
    const active = trees.find(({ state }) => state === 'active');
    if (status !== 0 || active === undefined) throw new Error(`log info: ${JSON.stringify(errors)}`);
    const { treeId, treeSize, rootHash } = active;
    return { treeId, treeSize, rootHash, totalSize: trees.reduce((sum, tree) => sum + tree.treeSize, 0) };
  }

  async remove(): Promise<void> {
    await rm(this.home, { recursive: true, force: true });
  }
}

function searchOptions(query: Query): string[] {
  if ('sha256' in query) return ['--sha256', query.sha256];
  return 'email' in query ? ['--email', query.email] : ['--public-key', query.certificate];
}
