import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { KnownLog } from './known-log.ts';
import { runProcess, type Outcome } from './run-process.ts';

/** Options that say: the provenance of a chart, and the certificate to verify it with. */
export function provenanceOptions(provenance: string, certificate: string): string[] {
  const key = ['--public-key', certificate, '--pki-format', 'pgp'];
  return ['--type', 'helm:0.0.1', '--artifact', provenance, ...key];
}

/** Somebody with rekor-cli, and a home of their own. */
export class RekorCliUser {
  private constructor(
    private readonly command: string,
    private readonly home: string,
  ) {}

  static async create(command: string): Promise<RekorCliUser> {
    return new RekorCliUser(command, await mkdtemp(path.join(tmpdir(), 'rekor-cli-user-')));
  }

  /** Runs a command against a log whose key is trusted. */
  async run(log: KnownLog, argv: readonly string[]): Promise<Outcome> {
    const env = { HOME: this.home, REKOR_REKOR_SERVER_PUBLIC_KEY: await readFile(log.publicKey, 'utf8') };
    return await runProcess(this.command, [...argv, '--rekor_server', log.url, '--format', 'json'], env);
  }

  /** The same, and what it answered. @throws when it failed */
  async ask(log: KnownLog, argv: readonly string[]): Promise<unknown> {
    const { status, stdout, stderr } = await this.run(log, argv);
    if (status !== 0) throw new Error(`rekor-cli ${argv.join(' ')}: status ${status}: ${stderr}`);
    return JSON.parse(stdout);
  }

  async remove(): Promise<void> {
    await rm(this.home, { recursive: true, force: true });
  }
}
