import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { encodeHex } from '../../src/encoding.ts';
import { readCertificates, type Certificate } from '../../src/openpgp/certificate.ts';
import { minimiseCertificate } from '../../src/openpgp/minimise.ts';
import { serializeCertificate } from '../../src/openpgp/whole-certificate.ts';
import { parseProvenance, type Provenance } from '../../src/provenance/provenance.ts';
import { canonicalBody } from '../../src/rekor/helm-entry.ts';
import { leafHash } from '../../src/tlog/merkle.ts';
import { sha256Hex } from '../../src/digest.ts';
import { chartArchive, writeSignedChart, type ChartOnDisk } from '../support/chart.ts';
import { publicKeyPem, serveLog, type HostileServer } from '../support/hostile-api.ts';
import { HostileLog, type Leaf } from '../support/hostile-log.ts';
import { runProgram, type Ran } from '../support/program.ts';
import { CHART_SIGNED, createSigner, DAY } from '../support/signer.ts';
import type { CertificateChanges, SignerOptions, SigningOptions, TestSigner } from '../support/signer.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

/** When the log took the chart, unless the scene says otherwise: an hour after it was signed. */
export const LOGGED = CHART_SIGNED + 3600;
/** When somebody verifies it. */
export const NOW = CHART_SIGNED + 30 * DAY;

/** Who signs the chart of a scene, and how. */
export interface Publication {
  readonly publisher?: SignerOptions;
  readonly signing?: SigningOptions;
}

/** A signed chart, a log, and what the user who verifies the chart has and knows. */
export class Scene {
  /** The files with the user's keys. */
  keyrings: string[];
  /** The options that say which keys of the log to believe. */
  trust: string[];
  /** Further options of the command. */
  options: string[] = [];
  /** The user's time. */
  now = NOW;
  /** How many entries of others the log takes before it is asked. */
  later = 5;
  output: 'json' | 'text' = 'json';

  private constructor(
    readonly directory: string,
    readonly publisher: TestSigner,
    /** What the user was served. */
    public chart: ChartOnDisk,
    public provenance: Provenance,
    readonly log: HostileLog,
    readonly server: HostileServer,
  ) {
    this.keyrings = [chart.keyring];
    this.trust = ['--rekor-public-key', join(directory, 'log.pem')];
    server.integratedTime = LOGGED;
  }

  /** A chart that is signed but not logged, and a log with a few entries of others. */
  static async open({ publisher: options, signing }: Publication = {}): Promise<Scene> {
    const directory = await temporaryDirectory();
    const publisher = await signerWith(options);
    const chart = await writeSignedChart(directory, publisher, signing);
    const log = new HostileLog();
    log.fill(7);
    const server = await serveLog(log);
    await writeFile(join(directory, 'log.pem'), publicKeyPem(log));
    return new Scene(directory, publisher, chart, parseProvenance(chart.provenance), log, server);
  }

  /** SHA-256 of the archive. */
  get digest(): string {
    return sha256Hex(this.chart.archive);
  }

  /** The publisher's certificate. */
  get certificate(): Certificate {
    return certificateIn(this.publisher.certificate);
  }

  /** The body of a helm entry: the one that `upload` would log, but for these parts. */
  body(parts: Partial<Parameters<typeof canonicalBody>[0]> = {}): Uint8Array {
    return canonicalBody({
      sha256: this.digest,
      signatureBytes: this.provenance.signatureBytes,
      certificateBytes: this.minimised(),
      ...parts,
    });
  }

  /** The publisher's certificate (its bytes) in the form that `upload` sends. */
  minimised(certificate = this.publisher.certificate): Uint8Array {
    const { signature } = this.provenance;
    const { signingFingerprint } = this.publisher;
    const minimised = minimiseCertificate(certificateIn(certificate), signature, signingFingerprint);
    return 'refused' in minimised ? serializeCertificate(certificateIn(certificate)) : minimised.bytes;
  }

  /** The leaf hash under which `verify` asks for the chart. */
  get predicted(): string {
    return encodeHex(leafHash(this.body()));
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
    this.provenance = parseProvenance(provenance);
    await writeFile(path, archive);
    await writeFile(`${path}.prov`, provenance);
  }

  /** Makes the certificate with these changes the user's only copy. */
  async changeKeyring(changes: CertificateChanges): Promise<void> {
    await writeFile(this.chart.keyring, await this.publisher.certificateWith(changes));
  }

  /** Writes a file of the scene and returns its path. */
  async write(name: string, content: Uint8Array | string): Promise<string> {
    const path = join(this.directory, name);
    await writeFile(path, content);
    return path;
  }

  /** An archive of the same name and version with other content. */
  async otherArchive(): Promise<Uint8Array> {
    return await chartArchive(
      'hello',
      '0.1.0',
      'apiVersion: v2\nname: hello\nversion: 0.1.0\ntype: library\n',
    );
  }

  /** Runs a command over the chart with the user's settings. */
  async run(command: 'verify' | 'upload'): Promise<Ran> {
    this.log.fill(this.later);
    const argv = [
      ...[command, this.chart.path, '--rekor-server', this.server.url, '--output', this.output],
      ...this.keyrings.flatMap((path) => ['--keyring', path]),
      ...this.trust,
      ...this.options,
    ];
    return await runProgram(argv, { now: this.now, home: this.directory, random: () => 0 });
  }
}

/** The certificate in these bytes. */
export function certificateIn(bytes: Uint8Array): Certificate {
  const [certificate] = readCertificates(bytes);
  if (certificate === undefined) throw new Error('no certificate');
  return certificate;
}

const signers = new Map<string, Promise<TestSigner>>();

/** A publisher of this kind, always the same one; `who` tells two of a kind apart. */
export async function signerWith(options: SignerOptions = {}, who = 'publisher'): Promise<TestSigner> {
  const kind = JSON.stringify([who, options]);
  const known = signers.get(kind) ?? createSigner(options);
  signers.set(kind, known);
  return await known;
}
