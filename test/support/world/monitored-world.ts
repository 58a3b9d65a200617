import { onTestFinished } from 'vitest';
import { sha256Hex } from '../../../src/digest.ts';
import { publicKeyPem, serveLog, type HostileServer } from '../hostile-api.ts';
import { HostileLog, type Leaf } from '../hostile-log.ts';
import { tilesOf } from '../independent/tiles.mjs';
import { leafHash, ReferenceTree } from '../independent/tree.mjs';
import type { Surroundings } from '../program.ts';
import { CHART_SIGNED, createSigner, DAY, type TestSigner } from '../signer.ts';
import { ChartEntry } from './chart-entry.ts';
import { Folder } from './folder.ts';
import { User } from './user.ts';

type Json = Readonly<Record<string, unknown>>;

/** What a pass of the monitor said. */
export interface MonitorRun {
  readonly status: number;
  /** One an event. */
  readonly events: readonly Json[];
  /** The last document. */
  readonly last: Json;
  readonly stderr: string;
}

/** A chart that was signed, of which there is no file. */
export interface SignedOnly {
  readonly name: string;
  readonly sha256: string;
  readonly body: Uint8Array;
}

/** When entries are logged. */
const LOGGED = CHART_SIGNED + 3600;

/** An owner of a key who watches a log that may lie, for one test. */
export class MonitoredWorld extends Folder {
  /** Whether the log shows tiles. */
  hasTiles = true;
  /** Changes a file of the log; undefined: there is none. */
  lie: (path: string, file: Buffer | undefined) => Buffer | undefined = (_, file) => file;
  /** The checkpoint and the tiles are those of this size; undefined: of all entries. */
  shownSize: number | undefined;
  readonly state: string;
  #tiles: { readonly size: number; readonly files: ReadonlyMap<string, Buffer> } | undefined;

  private constructor(
    { directory }: Folder,
    readonly publisher: TestSigner,
    public log: HostileLog,
    readonly server: HostileServer,
    readonly user: User,
    readonly keyring: string,
  ) {
    super(directory);
    this.state = `${directory}/monitor.json`;
    user.now = CHART_SIGNED + 30 * DAY;
  }

  static async open(): Promise<MonitoredWorld> {
    const folder = await Folder.create();
    onTestFinished(() => folder.close());
    const publisher = await createSigner();
    const log = new HostileLog();
    const server = await serveLog(log);
    const keyring = await folder.write('keyring.gpg', publisher.certificate);
    const trust = ['--rekor-public-key', await folder.write('log.pem', publicKeyPem(log))];
    const user = new User(await folder.subdirectory('home'), [keyring], trust);
    const world = new MonitoredWorld(folder, publisher, log, server, user, keyring);
    server.intercept = (path, response) => {
      const [, name] = /^GET \/(checkpoint|tile\/.*)$/.exec(path) ?? [];
      if (name === undefined || !world.hasTiles) return false;
      const file = world.lie(name, world.file(name));
      response.writeHead(file === undefined ? 404 : 200).end(file ?? 'nothing here');
      return true;
    };
    return world;
  }

  /** What a file of the log holds, by its path. */
  file(path: string): Buffer | undefined {
    const { active } = this.log;
    const size = this.shownSize ?? active.tree.size;
    if (path === 'checkpoint') return Buffer.from(this.checkpoint(size));
    if (this.#tiles?.size !== size)
      this.#tiles = { size, files: tilesOf(active.leaves.slice(0, size).map(({ body }) => body)) };
    return this.#tiles.files.get(path);
  }

  /** The checkpoint of the first entries. */
  checkpoint(size: number): string {
    const { active } = this.log;
    const leaves = active.leaves.slice(0, size).map(({ body }) => leafHash(body));
    return this.log.head({ ...active, tree: new ReferenceTree(leaves) });
  }

  /** A chart that the publisher, or somebody else, signed. */
  async sign(name: string, signer = this.publisher): Promise<SignedOnly> {
    const archive = Buffer.from(`the archive of ${name}`);
    const provenance = await signer.sign(name, '0.1.0', archive);
    const entry = new ChartEntry(signer, { archive, provenance });
    return { name, sha256: sha256Hex(archive), body: entry.body() };
  }

  /** Logs what was signed. */
  append({ body }: Pick<SignedOnly, 'body'>): Leaf {
    return this.log.append(body, { integratedTime: LOGGED });
  }

  /** Forgets all entries from one on, and takes so many others in their place: the log has then signed two trees. */
  rewrite(kept: number, others: number): void {
    const { active, keys } = this.log;
    const again = new HostileLog(keys);
    for (const { body } of active.leaves.slice(0, kept)) again.append(body, { integratedTime: LOGGED });
    for (let index = 0; index < others; index++)
      again.append(Buffer.from(`{"other":${index}}`), { integratedTime: LOGGED });
    Object.assign(active, { tree: again.active.tree, leaves: again.active.leaves });
    this.#tiles = undefined;
  }

  /** An index.yaml that names these charts. */
  async index(...charts: readonly Pick<SignedOnly, 'name' | 'sha256'>[]): Promise<string> {
    const entries = charts.map(
      ({ name, sha256 }) =>
        `  ${name}:\n  - name: ${name}\n    version: 0.1.0\n    urls: [${name}-0.1.0.tgz]\n    digest: ${sha256}\n`,
    );
    return await this.write('index.yaml', `apiVersion: v1\nentries:\n${entries.join('')}`);
  }

  /** The words of a monitor of the publisher's key. */
  words(...more: readonly string[]): string[] {
    const who = ['--fingerprint', this.publisher.fingerprint];
    return ['monitor', ...who, '--state', this.state, ...this.user.knowing(this.server), ...more];
  }

  /** One pass. */
  async pass(...more: readonly string[]): Promise<MonitorRun> {
    return await this.run([...this.words(...more), '--output', 'jsonl']);
  }

  /** The same by these words. */
  async run(argv: readonly string[], surroundings: Surroundings = {}): Promise<MonitorRun> {
    const { status, stdout, stderr } = await this.user.run(argv, surroundings);
    const lines = stdout.split('\n').filter((line) => line !== '');
    const documents = lines.map((line) => JSON.parse(line) as Json);
    const events = documents.filter((document) => 'event' in document);
    return { status, events, last: documents.at(-1) ?? {}, stderr };
  }
}
