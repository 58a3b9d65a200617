import type { Sha256 } from '../digest.ts';
import type { LoggedDigest } from './logged-signatures.ts';

/** An archive that was published, and what people call it. */
export interface PublishedArchive {
  readonly sha256: Sha256;
  readonly name: string;
}

/** A published chart, and what lies beside it. */
export interface PublishedChart extends PublishedArchive {
  /** The digests that its signatures are over, each as `sha256:HEX`, read when they are asked for. */
  readonly signed: () => Promise<readonly string[]>;
}

/** What a user published, as far as it can be told from an index, a folder or a registry. */
export class Published {
  readonly #archives = new Map<string, PublishedChart>();
  /** The archives of what else was signed; undefined: nobody looked yet. */
  #signed: Map<string, PublishedArchive> | undefined;
  #unread = 0;
  /** @param isKnown whether the user says what was published */
  constructor(readonly isKnown: boolean) {}

  /** How many charts have no digest that could be read. */
  get unread(): number {
    return this.#unread;
  }

  /** Archives, each once. */
  archives(): Iterable<PublishedChart> {
    return this.#archives.values();
  }

  add(chart: PublishedChart): void {
    if (!this.#archives.has(chart.sha256)) this.#archives.set(chart.sha256, chart);
  }

  /** Notes a chart without a digest. */
  addUnread(): void {
    this.#unread += 1;
  }

  /**
   * The published archive that an entry is about. What was signed in its place (a statement about it, its provenance) is looked
   * for beside the charts, once, and only if an entry needs it.
   */
  async find({ kind, algorithm, hex }: LoggedDigest): Promise<PublishedArchive | undefined> {
    const archive = algorithm === 'sha256' ? this.#archives.get(hex) : undefined;
    if (archive !== undefined || kind === 'archive') return archive;
    this.#signed ??= await this.#readSigned();
    return this.#signed.get(`${algorithm}:${hex}`);
  }

  async #readSigned(): Promise<Map<string, PublishedArchive>> {
    const found = new Map<string, PublishedArchive>();
    let left = MOST_LOOKED_AT;
    for (const { sha256, name, signed } of this.#archives.values()) {
      if (left-- === 0) break;
      for (const digest of await signed()) found.set(digest, { sha256, name });
    }
    return found;
  }
}

/** Charts beside which signatures are looked for; indexes name the newest first. */
const MOST_LOOKED_AT = 500;
