import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeSignedChart, type ChartOnDisk } from '../support/chart.ts';
import { startTestLog, type TestLog } from '../support/log.ts';
import { runProgram, type Ran, type Surroundings } from '../support/program.ts';
import { createSigner, type TestSigner } from '../support/signer.ts';

/** A publisher with a directory for charts, an empty home, and a log of their own, for a file of tests. */
export class Workshop {
  private constructor(
    readonly directory: string,
    readonly home: string,
    readonly publisher: TestSigner,
    readonly keyring: string,
    readonly log: TestLog,
  ) {}

  static async open(): Promise<Workshop> {
    const directory = await mkdtemp(join(tmpdir(), 'helm-sigstore-workshop-'));
    const home = join(directory, 'home');
    await mkdir(home);
    const publisher = await createSigner();
    const keyring = join(directory, 'keyring.gpg');
    await writeFile(keyring, publisher.certificate);
    return new Workshop(directory, home, publisher, keyring, await startTestLog());
  }

  async close(): Promise<void> {
    await this.log.close();
    await rm(this.directory, { recursive: true });
  }

  /** The options that name the log, or a server before it, and make its key trusted. */
  trusting({ url }: { readonly url: string } = this.log): string[] {
    return ['--rekor-server', url, '--rekor-public-key', this.log.publicKeyPath];
  }

  /** The same, and the publisher's keyring. */
  knowing(server: { readonly url: string } = this.log): string[] {
    return [...this.trusting(server), '--keyring', this.keyring];
  }

  /** A new chart, signed by the publisher or somebody else. */
  async chart(name: string, signer = this.publisher): Promise<ChartOnDisk> {
    return await writeSignedChart(await this.subdirectory(name), signer, { name });
  }

  /** A chart that the log has. */
  async loggedChart(name: string): Promise<ChartOnDisk & { readonly uuid: string; readonly index: number }> {
    const chart = await this.chart(name);
    const { stdout } = await this.run(['upload', chart.path, ...this.knowing()]);
    const [, index, uuid = ''] =
      /^\nCreated Helm entry at index ([0-9]+), .*\/([0-9a-f]{80})\n/.exec(stdout) ?? [];
    return { ...chart, uuid, index: Number(index) };
  }

  /** Writes a file below the directory and returns its path. */
  async write(name: string, content: Uint8Array | string): Promise<string> {
    const path = join(this.directory, name);
    await writeFile(path, content);
    return path;
  }

  async subdirectory(name: string): Promise<string> {
    const path = join(this.directory, name);
    await mkdir(path, { recursive: true });
    return path;
  }

  /** Runs the program in the publisher's home; what may work a moment later is tried again at once. */
  async run(argv: readonly string[], surroundings: Surroundings = {}): Promise<Ran> {
    return await runProgram(argv, { home: this.home, random: () => 0, ...surroundings });
  }
}
