import type { Check } from '../verification/checks.ts';
import type { Conflict } from '../verification/consistency.ts';
import type { EntryPlace, MonitorEvent } from './event.ts';
import type { OwnEntry } from './own-entry.ts';
import type { Published } from './published.ts';
import type { StateFile } from './state-file.ts';
import { MOST_TOLD } from './state-format.ts';
import { withTree, type MonitorState, type ToldEntry, type Way, type WatchedTree } from './state.ts';
import { loggedIn, sha256Of, unknownIn } from './told-entries.ts';
import type { Teller } from './teller.ts';
import type { WatchedSigners } from './watched.ts';

/** What a pass works with. */
interface PassParts {
  /** As it is to begin with. */
  readonly state: MonitorState;
  readonly file: Pick<StateFile, 'write'>;
  readonly teller: Teller;
  readonly watched: WatchedSigners;
  readonly published: Published;
  /** Whether nothing is told of what the log has by now: it is remembered as told. */
  readonly startsNow: boolean;
  /** Seconds since 1970. */
  readonly now: number;
}

/** The program did not take an event, so nothing may be remembered as told that comes behind it. */
export class NotTakenError extends Error {}

/** There is no room to remember that more entries were told. */
export class NoRoomError extends Error {}

/** One pass over a log: what is known so far, told, and remembered. What was told is not told again by the next one. */
export class Pass {
  readonly watched: WatchedSigners;
  readonly now: number;
  readonly startsNow: boolean;
  readonly #published: Published;
  readonly #teller: Teller;
  readonly #file: PassParts['file'];
  readonly #told: Map<string, ToldEntry>;
  readonly #unlogged: Set<string>;
  /** The checkpoints of those that were told. */
  readonly #conflicts = new Set<string>();
  readonly #claims: string[] = [];
  #claimed = 0;
  #state: MonitorState;

  constructor({ state, file, teller, watched, published, startsNow, now }: PassParts) {
    this.watched = watched;
    this.now = now;
    this.startsNow = startsNow;
    this.#published = published;
    this.#teller = teller;
    this.#file = file;
    this.#state = state;
    this.#told = new Map(state.told);
    this.#unlogged = new Set(state.unlogged);
  }

  /** Whom certificates name that nobody vouches for, and how many there are. */
  get claims(): { readonly claims: readonly string[]; readonly claimed: number } {
    return { claims: this.#claims, claimed: this.#claimed };
  }

  get trees(): readonly WatchedTree[] {
    return this.#state.trees;
  }

  /** Whether something of this pass could not be checked, or is contradictory. */
  get isDisturbed(): boolean {
    const { behind, conflict } = this.#teller.counts;
    return behind + conflict > 0;
  }

  /** Whether there are entries that nobody wanted to be looked at. */
  get isPartial(): boolean {
    return this.trees.some(({ from }) => from !== undefined);
  }

  /** Whether an entry with this leaf hash was told before. */
  knows(leafHash: string): boolean {
    return this.#told.has(leafHash);
  }

  /** Remembers how entries of the log are found. */
  goes(way: Way): void {
    this.#state = { ...this.#state, way };
  }

  setTree(tree: WatchedTree): void {
    this.#state = { ...this.#state, trees: withTree(this.#state.trees, tree) };
  }

  /** Tells of an entry of one who is watched for, unless that was done before. @param entry undefined: it could not be read */
  async tellEntry(entry: OwnEntry | undefined, place: EntryPlace, checks: readonly Check[]): Promise<void> {
    if (entry?.isClaim === true) {
      this.#claimed += 1;
      if (this.#claims.length < MOST_CLAIMS) this.#claims.push(entry.signer);
      return;
    }
    if (this.knows(place.leafHash)) return;
    if (this.#told.size >= MOST_TOLD) throw new NoRoomError();
    const about = entry && (await this.#published.find(entry));
    const said = { entry, place, checks };
    if (about === undefined || about.isOtherProvenance || about.unpublished.count > 0) {
      if (!this.startsNow) await this.#tell({ event: 'unknown', about, ...said });
      // Of another provenance nothing that is published later says what it is for.
      const signed = about?.isOtherProvenance === true ? undefined : entry?.signed;
      this.#told.set(place.leafHash, { outcome: 'unknown', signed });
      return;
    }
    const { archive } = about;
    if (!this.startsNow) await this.#tell({ event: 'published', archive, ...said });
    this.#told.set(place.leafHash, { outcome: 'published', signed: sha256Of(archive) });
    this.#unlogged.delete(archive.sha256);
  }

  /** Notes which of the entries that were unknown are published by now: that settles the alarm, and is no event of its own. */
  async settleUnknown(): Promise<void> {
    let left = MOST_SETTLED;
    const unknown = unknownIn(this.#told);
    if (unknown.size === 0) return;
    const logged = loggedIn(this.#told);
    for (const archive of this.#published.archives()) {
      const { sha256 } = archive;
      if (logged.has(sha256)) continue;
      const own = `sha256:${sha256}`;
      // What lies beside a chart may be on a server: those are asked about that are new.
      const mayAsk = !unknown.has(own) && !this.#unlogged.has(sha256) && left-- > 0;
      for (const digest of [own, ...(mayAsk ? await this.#published.signedFor(archive) : [])]) {
        const leaf = unknown.get(digest);
        if (leaf !== undefined) this.#told.set(leaf, { outcome: 'published', signed: sha256Of({ sha256 }) });
      }
    }
  }

  /** Tells of published archives of which no entry is known, each once. @returns how many more there are to tell of */
  async tellUnlogged(): Promise<number> {
    const logged = loggedIn(this.#told);
    let left = MOST_UNLOGGED;
    let more = 0;
    for (const archive of this.#published.archives()) {
      if (logged.has(archive.sha256) || this.#unlogged.has(archive.sha256)) continue;
      if (left === 0 || this.#unlogged.size >= MOST_TOLD) {
        more += 1;
        continue;
      }
      left -= 1;
      await this.#tell({ event: 'unlogged', archive });
      this.#unlogged.add(archive.sha256);
    }
    return more;
  }

  /** Tells that something could not be checked. */
  async tellBehind(reason: string): Promise<void> {
    const since = this.#state.behindSince ?? this.now;
    this.#state = { ...this.#state, behindSince: since };
    if (this.#teller.counts.behind < MOST_BEHIND) await this.#tell({ event: 'behind', reason, since });
    else this.#teller.counts.behind += 1;
  }

  /** Tells that a log contradicts itself; what was seen of it before stays what is remembered. */
  async tellConflict({ before, now, reason }: Conflict): Promise<void> {
    const name = [before.note, now.note].join('\n');
    if (this.#conflicts.has(name)) return;
    this.#conflicts.add(name);
    await this.#tell({ event: 'conflict', tree: before.treeId, reason, before: before.note, now: now.note });
  }

  /** Remembers that all could be checked. */
  isUpToDate(): void {
    this.#state = { ...this.#state, behindSince: undefined };
  }

  /** Writes what is to be remembered, in one step. */
  async save(): Promise<void> {
    await this.#file.write({ ...this.#state, told: this.#told, unlogged: this.#unlogged });
  }

  async #tell(event: MonitorEvent): Promise<void> {
    if (!(await this.#teller.tell(event))) throw new NotTakenError();
  }
}

const MOST_CLAIMS = 10;
/** Of one pass: of a large index all may be unlogged. */
const MOST_UNLOGGED = 100;
/** Of one pass; the others are counted. */
const MOST_BEHIND = 10;
/** New charts, of one pass, beside which it is looked for what was signed. */
const MOST_SETTLED = 100;
