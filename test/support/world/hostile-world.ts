import { writeFile } from 'node:fs/promises';
import { onTestFinished } from 'vitest';
import type { Certificate } from '../../../src/openpgp/certificate.ts';
import type { Provenance } from '../../../src/provenance/provenance.ts';
import { chartArchive, writeSignedChart, type ChartOnDisk } from '../chart.ts';
import { publicKeyPem, serveLog, type HostileServer } from '../hostile-api.ts';
import { HostileLog, type Leaf } from '../hostile-log.ts';
import type { Ran } from '../program.ts';
import { CHART_SIGNED, createSigner, DAY } from '../signer.ts';
import type { CertificateChanges, SignerOptions, SigningOptions, TestSigner } from '../signer.ts';
import { certificateIn, ChartEntry } from './chart-entry.ts';
import { Folder } from './folder.ts';
import { User } from './user.ts';

/** When the log took the chart, unless it is said otherwise: an hour after it was signed. */
export const LOGGED = CHART_SIGNED + 3600;
/** When somebody verifies it. */
export const NOW = CHART_SIGNED + 30 * DAY;

/** Who signs the chart of a world, and how. */
export interface Publication {
  readonly publisher?: SignerOptions;
  readonly signing?: SigningOptions;
}

/** A signed chart, a log that may lie about it, and the user who verifies it, for one test. */
export class HostileWorld extends Folder {
  /** How many entries of others the log takes before it is asked. */
  later = 5;
  #entry: ChartEntry;

  private constructor(
    { directory }: Folder,
    readonly publisher: TestSigner,
    /** What the user was served. */
    public chart: ChartOnDisk,
    readonly log: HostileLog,
    readonly server: HostileServer,
    readonly user: User,
  ) {
    super(directory);
    this.#entry = new ChartEntry(publisher, chart);
    user.now = NOW;
    user.output = 'json';
    server.integratedTime = LOGGED;
  }

  /** A chart that is signed but not logged, and a log with a few entries of others; all gone when the test has finished. */
  static async open({ publisher: options, signing }: Publication = {}): Promise<HostileWorld> {
    const folder = await Folder.create();
    onTestFinished(() => folder.close());
    const publisher = await signerWith(options);
    const chart = await writeSignedChart(folder.directory, publisher, signing);
    const log = new HostileLog();
    log.fill(7);
    const server = await serveLog(log);
    const trust = ['--rekor-public-key', await folder.write('log.pem', publicKeyPem(log))];
    return new HostileWorld(
      folder,
      publisher,
      chart,
      log,
      server,
      new User(folder.directory, [chart.keyring], trust),
    );
  }

  get provenance(): Provenance {
    return this.#entry.provenance;
  }

  /** SHA-256 of the archive. */
  get digest(): string {
    return this.#entry.digest;
  }

  /** The publisher's certificate. */
  get certificate(): Certificate {
    return certificateIn(this.publisher.certificate);
  }

  /** The body of a helm entry: the one that `upload` would log, but for these parts. */
  body(parts: Parameters<ChartEntry['body']>[0] = {}): Uint8Array {
    return this.#entry.body(parts);
  }

  /** The publisher's certificate (its bytes) in the form that `upload` sends. */
  minimised(certificate = this.publisher.certificate): Uint8Array {
    return this.#entry.minimised(certificate);
  }

  /** The leaf hash under which `verify` asks for the chart. */
  get predicted(): string {
    return this.#entry.predicted;
  }

  /** Logs the chart as `upload` would, at an hour after its signature or another time. */
  logChart(integratedTime = LOGGED): Leaf {
    return this.log.append(this.body(), { integratedTime });
  }

  /** Logs another body, and answers it to whoever asks for the chart. */
  logInstead(body: Uint8Array, integratedTime = LOGGED): Leaf {
    const leaf = this.log.append(body, { integratedTime });
    this.log.answerInstead(this.predicted, leaf);
    return leaf;
  }

  /** Serves another archive, provenance, or both, to the user. */
  async serve(served: { readonly archive?: Uint8Array; readonly provenance?: Uint8Array }): Promise<void> {
    this.chart = { ...this.chart, ...served };
    const { path, archive, provenance } = this.chart;
    this.#entry = new ChartEntry(this.publisher, this.chart);
    await writeFile(path, archive);
    await writeFile(`${path}.prov`, provenance);
  }

  /** Makes the certificate with these changes the user's only copy. */
  async changeKeyring(changes: CertificateChanges): Promise<void> {
    await writeFile(this.chart.keyring, await this.publisher.certificateWith(changes));
  }

  /** An archive of the same name and version with other content. */
  async otherArchive(): Promise<Uint8Array> {
    return await chartArchive(
      'hello',
      '0.1.0',
      'apiVersion: v2\nname: hello\nversion: 0.1.0\ntype: library\n',
    );
  }

  /** Logs the chart in the active tree as of long ago, and hides that it is anywhere else. */
  logAsOld(): Leaf {
    const { log, predicted } = this;
    log.indexed = [];
    const leaf = log.append(this.body(), { integratedTime: LOGGED, indexed: false });
    log.answerInstead(predicted, leaf);
    return leaf;
  }

  /** Asks for the trees of the log as the user, who remembers them. */
  async listTrees(): Promise<Ran> {
    const { user, server } = this;
    return await user.run(['log', 'info', ...user.trusting(server), '--output', 'json']);
  }

  /** Runs a command over the chart as the user. */
  async run(command: 'verify' | 'upload'): Promise<Ran> {
    this.log.fill(this.later);
    const { user, chart, server } = this;
    return await user.run([command, chart.path, ...user.knowing(server), ...user.settings()]);
  }
}

const signers = new Map<string, Promise<TestSigner>>();

/** A publisher of this kind, always the same one; `who` tells two of a kind apart. */
export async function signerWith(options: SignerOptions = {}, who = 'publisher'): Promise<TestSigner> {
  const kind = JSON.stringify([who, options]);
  const known = signers.get(kind) ?? createSigner(options);
  signers.set(kind, known);
  return await known;
}
