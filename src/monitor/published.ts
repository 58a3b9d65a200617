import type { Sha256 } from '../digest.ts';
import { equalBytes } from '../encoding.ts';
import type { OwnEntry } from './own-entry.ts';
import {
  signedProvenance,
  signedStatements,
  type FilesBeside,
  type SignedText,
  type UnpublishedFiles,
} from './signed-texts.ts';

/** An archive that was published, and what people call it. */
export interface PublishedArchive {
  readonly sha256: Sha256;
  readonly name: string;
}

/** A published chart, and what lies beside it. */
export interface PublishedChart extends PublishedArchive {
  /** The SHA-256 of its manifest in a registry; undefined: it is in none. */
  readonly image?: Sha256;
  /** Does the work with the files beside it, which are read when they are asked for. */
  readonly beside: <Result>(work: (files: FilesBeside) => Promise<Result>) => Promise<Result>;
}

/** The published archive that an entry is about, and what speaks against it. */
export interface AboutPublished {
  readonly archive: PublishedArchive;
  /** What was signed together with the archive, and was not published. */
  readonly unpublished: UnpublishedFiles;
  /** Whether the signature is not that of the provenance beside the archive: nobody knows what else it is over. */
  readonly isOtherProvenance: boolean;
}

/** What a user published, as far as it can be told from an index, a folder or a registry. */
export class Published {
  /** By the digest of the archive; an archive that is in several places was published with what lies beside it in each. */
  readonly #charts = new Map<string, PublishedChart[]>();
  readonly #images = new Map<string, PublishedArchive>();
  readonly #provenances = new Map<string, readonly SignedText[]>();
  /** What was signed in the place of archives; undefined: nobody looked yet. */
  #signed: Map<string, AboutPublished> | undefined;
  #unread = 0;
  /** @param isKnown whether the user says what was published */
  constructor(readonly isKnown: boolean) {}

  /** How many charts have no digest that could be read. */
  get unread(): number {
    return this.#unread;
  }

  /** Archives, each once. */
  *archives(): Iterable<PublishedArchive> {
    for (const [chart] of this.#charts.values()) if (chart !== undefined) yield chart;
  }

  add(chart: PublishedChart): void {
    const { sha256, name, image } = chart;
    const known = this.#charts.get(sha256);
    if (known === undefined) this.#charts.set(sha256, [chart]);
    else if (known.length < MOST_PLACES) known.push(chart);
    if (image !== undefined) this.#images.set(image, { sha256, name });
  }

  /** Notes a chart without a digest. */
  addUnread(): void {
    this.#unread += 1;
  }

  /**
   * The published archive that an entry is about. What was signed in its place (a statement about it, its provenance) is looked
   * for beside the charts, once, and only if an entry needs it.
   */
  async find({
    signed: { kind, algorithm, hex },
    signature,
  }: Pick<OwnEntry, 'signed' | 'signature'>): Promise<AboutPublished | undefined> {
    const [archive] = (algorithm === 'sha256' ? this.#charts.get(hex) : undefined) ?? [];
    if (kind === 'archive') return archive && (await this.#ofProvenance(archive, signature));
    const own = archive ?? (algorithm === 'sha256' ? this.#images.get(hex) : undefined);
    if (own !== undefined) return aboutAlone(own);
    this.#signed ??= await this.#readSigned();
    return this.#signed.get(`${algorithm}:${hex}`);
  }

  /** What logs call the texts beside an archive that are signed for it, and for nothing that was not published. */
  async signedFor(archive: PublishedArchive): Promise<readonly string[]> {
    const texts = await this.#textsOf(archive);
    return texts.flatMap(({ digests, unpublished }) => (unpublished.count === 0 ? digests : []));
  }

  /** A log of Rekor names one of the archives that a provenance is for, and keeps no more of it than the signature. */
  async #ofProvenance(archive: PublishedArchive, signature: Uint8Array | undefined): Promise<AboutPublished> {
    const texts = await this.#provenancesOf(archive);
    const own = texts.find((text) => signature && text.signature && equalBytes(text.signature, signature));
    if (own !== undefined) return aboutText(archive, own);
    return { ...aboutAlone(archive), isOtherProvenance: texts.length > 0 };
  }

  async #readSigned(): Promise<Map<string, AboutPublished>> {
    const found = new Map<string, AboutPublished>();
    let left = MOST_LOOKED_AT;
    for (const archive of this.archives()) {
      if (left-- === 0) break;
      for (const text of await this.#textsOf(archive))
        for (const digest of text.digests)
          if (!found.has(digest)) found.set(digest, aboutText(archive, text));
    }
    return found;
  }

  async #textsOf(archive: PublishedArchive): Promise<readonly SignedText[]> {
    const statements = await this.#read(archive, signedStatements);
    return [...(await this.#provenancesOf(archive)), ...statements];
  }

  /** Each is read once: an archive may have many entries. */
  async #provenancesOf(archive: PublishedArchive): Promise<readonly SignedText[]> {
    const known = this.#provenances.get(archive.sha256) ?? (await this.#read(archive, signedProvenance));
    this.#provenances.set(archive.sha256, known);
    return known;
  }

  async #read({ sha256 }: PublishedArchive, read: typeof signedProvenance | typeof signedStatements) {
    const isPublished = (digest: string) => this.#charts.has(digest) || this.#images.has(digest);
    const texts: SignedText[] = [];
    for (const { beside } of this.#charts.get(sha256) ?? [])
      texts.push(...(await beside((files) => read(sha256, files, isPublished))));
    return texts;
  }
}

function aboutAlone({ sha256, name }: PublishedArchive): AboutPublished {
  return {
    archive: { sha256, name },
    unpublished: { files: [], count: 0 },
    isOtherProvenance: false,
  };
}

function aboutText(archive: PublishedArchive, { unpublished }: SignedText): AboutPublished {
  return { ...aboutAlone(archive), unpublished };
}

/** Charts beside which signatures are looked for; indexes name the newest first. */
const MOST_LOOKED_AT = 500;
/** Of one archive. */
const MOST_PLACES = 8;
