// What all cases work with: a directory that is removed at the end, a log, the example chart on it, and the program as
// a contestant.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { launcher, startLog } from '../embedded-log.mjs';
import { dearmor } from './keyrings.mjs';
import { Publisher } from './publisher.mjs';

/**
 * @typedef {import('./contestant.mjs').Contestant} Contestant
 * @typedef {import('./plan.mjs').Log} Log
 * @typedef {import('./plan.mjs').Plan} Plan
 */

const examples = path.join(import.meta.dirname, '..', '..', 'examples');

export const exampleChart = path.join(examples, 'hello-0.1.0.tgz');

/** The first line with which `verify` says that it did its job. */
export const VERIFIED = /^Chart Verified Successfully From Helm entry:\n/;

export class Workspace {
  /** @type {(() => Promise<unknown>)[]} */
  #endings = [];

  /** @param {Plan} plan */
  static async open(plan) {
    const directory = await mkdtemp(path.join(tmpdir(), 'benchmark-'));
    const workspace = new Workspace(directory, plan);
    workspace.atEnd(() => rm(directory, { recursive: true, force: true }));
    try {
      await workspace.#prepare();
    } catch (error) {
      await workspace.close();
      throw error;
    }
    return workspace;
  }

  /**
   * @param {string} directory
   * @param {Plan} plan
   */
  constructor(directory, plan) {
    this.directory = directory;
    this.plan = plan;
    /** Whatever is set where this runs, NODE_EXTRA_CA_CERTS and Helm's variables too, is not inherited. */
    this.env = { PATH: process.env['PATH'], HOME: directory };
    /** The example's publisher, as Helm and GnuPG write keyrings. */
    this.keyring = path.join(directory, 'publisher.gpg');
    /** What the program remembers. */
    this.state = path.join(directory, 'state');
    /** @type {Log} */
    this.log = { url: '', publicKey: '' };
  }

  async #prepare() {
    await writeFile(this.keyring, await exampleCertificate());
    this.log = this.plan.log ?? (await this.#startLog());
    await this.uploadExample(this.log);
  }

  /** Puts the example chart on a log. @param {Log} log */
  async uploadExample(log) {
    await this.#upload([exampleChart], this.keyring, { log });
  }

  async #startLog() {
    const log = await startLog(path.join(this.directory, 'log'), this.env);
    this.atEnd(() => log.stop());
    return log;
  }

  /**
   * The program with these arguments. It starts with nothing remembered each time.
   *
   * @param {string[]} argv
   * @param {RegExp} shows
   * @returns {Contestant}
   */
  sigstore(argv, shows) {
    return {
      file: process.execPath,
      argv: [launcher, ...argv],
      env: { ...this.env, HELM_SIGSTORE_HOME: this.state },
      shows,
      before: () => rm(this.state, { recursive: true, force: true }),
    };
  }

  /**
   * `verify` of these charts, by default of the example.
   *
   * @param {{ charts?: string[], keyring?: string, url?: string, isOffline?: boolean }} [what]
   */
  verify({ charts = [exampleChart], keyring = this.keyring, url, isOffline = false } = {}) {
    const offline = isOffline ? ['--offline'] : [];
    return this.sigstore(
      ['verify', ...charts, ...offline, '--keyring', keyring, ...this.trust(url)],
      VERIFIED,
    );
  }

  /** @param {string} [url] of the log, where it is not asked directly */
  trust(url = this.log.url) {
    return ['--rekor-server', url, '--rekor-public-key', this.log.publicKey];
  }

  /**
   * Makes small charts and puts them on the log.
   *
   * @param {number} count
   * @param {{ keepsEvidence?: boolean }} [options] whether evidence stays beside each
   * @returns {Promise<{ charts: string[], keyring: string }>} the archives, and the key that signed them
   */
  async publish(count, { keepsEvidence = false } = {}) {
    const publisher = await this.#createPublisher();
    const charts = [];
    for (let number = 0; number < count; number++)
      charts.push((await publisher.publish(`chart-${number}`, 2 ** 13)).archive);
    await this.#upload(charts, publisher.keyring, { keepsEvidence });
    return { charts, keyring: publisher.keyring };
  }

  /**
   * Makes one chart of a given size and puts it on the log.
   *
   * @param {number} size in bytes, a power of two
   * @returns {Promise<{ chart: string, keyring: string, sha256: string }>} `sha256` of the archive
   */
  async publishLarge(size) {
    const publisher = await this.#createPublisher();
    const { archive, sha256 } = await publisher.publish('large', size);
    await this.#upload([archive], publisher.keyring);
    return { chart: archive, keyring: publisher.keyring, sha256 };
  }

  async #createPublisher() {
    return await Publisher.create(await mkdtemp(path.join(this.directory, 'publisher-')));
  }

  /**
   * @param {string[]} charts
   * @param {string} keyring
   * @param {{ log?: Log, keepsEvidence?: boolean }} [options] by default no evidence is kept, so that `verify` asks the log
   */
  async #upload(charts, keyring, { log = this.log, keepsEvidence = false } = {}) {
    const options = keepsEvidence ? [] : ['--no-evidence'];
    const trust = ['--rekor-server', log.url, '--rekor-public-key', log.publicKey];
    const { file, argv, env } = this.sigstore(
      ['upload', ...charts, ...options, '--keyring', keyring, ...trust],
      /./,
    );
    await promisify(execFile)(file, argv, { env, maxBuffer: 1 << 26 });
  }

  /** @param {() => Promise<unknown>} ending to be done when the workspace is closed, the last one first */
  atEnd(ending) {
    this.#endings.push(ending);
  }

  async close() {
    for (let ending = this.#endings.pop(); ending; ending = this.#endings.pop()) await ending();
  }
}

/** The certificate of the example's publisher, binary. */
export async function exampleCertificate() {
  return dearmor(await readFile(path.join(examples, 'publisher.asc'), 'utf8'));
}
