import { encodeBase64, decodeHex, excerpt } from '../encoding.ts';
import { LogError, MalformedError } from '../errors.ts';
import { verifyCheckpointSignature, type Checkpoint, type TreeHead } from '../tlog/checkpoint.ts';
import { ENTRY_LIMITS } from '../tlog/logged-entry.ts';
import { needsProof, type ConsistencyProof } from '../tlog/consistency-proof.ts';
import { proveConsistency, proveInclusion } from '../tlog/tile-proofs.ts';
import { entriesTile, entryIn, type Tile } from '../tlog/tiles.ts';
import type { TrustedLogKey } from '../trust/sigstore-trust.ts';
import type { LogEntryJson } from './log-entry.ts';
import type { LoggableSignature } from './loggable-signature.ts';
import { rekorV2Entry } from './rekor-v2-entry.ts';
import { senseless, type Asking } from './service-request.ts';
import { checkpointPlaces, findCheckpoint, NoTileError, readTile, tileRequest } from './tile-files.ts';

/** A checkpoint that a trusted key signed, and where it was found. */
interface FoundCheckpoint extends Checkpoint {
  /** As the log spells it. */
  readonly text: string;
  /** In hexadecimal. */
  readonly logId: string;
  /** The URL below which the tiles are. */
  readonly prefix: string;
}

/** How often the checkpoint is asked for: an entry may be too new for it, and its tiles be replaced by larger ones. */
const TRIES = 6;
/** Milliseconds before it is asked for again, and as much more each time. */
const PAUSE = 1000;

/** A log that shows its entries as tiles (C2SP tlog-tiles), and gives no proofs itself. */
export class TiledLog {
  #last: Promise<unknown> = Promise.resolve();

  /** @param url without a slash at its end. @param keys those that are trusted, of all logs */
  constructor(
    readonly url: string,
    private readonly keys: readonly TrustedLogKey[],
  ) {}

  /**
   * The entry of this index, if it is that of this signature, with a proof that leads to a checkpoint which a trusted key of
   * the log signed. One entry is read at a time: a hostile tile has sixteen megabytes.
   * @throws LogError `LOG_ANSWER` if the tiles do not show it, `LOG_UNTRUSTED` if no trusted key signed the checkpoint
   */
  async entryAt(index: number, logged: LoggableSignature, asking: Asking): Promise<LogEntryJson> {
    const mine = this.#last.then(async () => await this.#entryAt(index, logged, asking));
    this.#last = mine.catch(() => undefined);
    return await mine;
  }

  /**
   * The proof that one of two heads of the tree extends the other, from its tiles as they are now: nobody has verified it yet.
   * A log that shows fewer entries than it signed, as a replica may that lags behind, is not asked further.
   * @throws LogError `LOG_ANSWER` if the tiles make no sense, `LOG_UNTRUSTED` if no trusted key signed the checkpoint
   */
  async consistency(a: TreeHead, b: TreeHead, asking: Asking): Promise<ConsistencyProof> {
    if (!needsProof(a, b)) return { kind: 'not-needed' };
    const [older, newer] = [Math.min(a.size, b.size), Math.max(a.size, b.size)];
    const { size, prefix } = await this.#checkpoint(asking);
    if (size < newer)
      return { kind: 'not-asked', why: `${prefix} shows ${size} entries, and ${newer} were seen` };
    try {
      const read = (tile: Tile) => readTile(prefix, tile, asking);
      return { kind: 'hashes', hashes: await proveConsistency(older, newer, size, read) };
    } catch (error) {
      if (error instanceof NoTileError)
        return { kind: 'not-asked', why: `${prefix} lacks tiles of its tree` };
      if (error instanceof MalformedError)
        throw senseless(tileRequest(`${prefix}/checkpoint`, ENTRY_LIMITS.checkpoint), error.message);
      throw error;
    }
  }

  async #entryAt(index: number, logged: LoggableSignature, asking: Asking): Promise<LogEntryJson> {
    for (let tries = 1; ; tries++) {
      const head = await this.#checkpoint(asking);
      const entry = head.size > index ? await this.#provenEntry(index, head, logged, asking) : undefined;
      if (entry !== undefined) return entry;
      if (tries === TRIES)
        throw new LogError(
          'LOG_ANSWER',
          head.size > index
            ? `${head.prefix} lacks tiles of the tree of ${head.size} entries that its checkpoint is about`
            : `the checkpoint at ${head.prefix} is about ${head.size} entries, and the log says that the one at index ${index} is there`,
          'try again later; if it stays so, tell those who run the log',
        );
      await asking.http.pause(PAUSE * tries, new URL(head.prefix), asking.deadline);
    }
  }

  /** Undefined: a tile is not there. */
  async #provenEntry(
    index: number,
    head: FoundCheckpoint,
    logged: LoggableSignature,
    asking: Asking,
  ): Promise<LogEntryJson | undefined> {
    const { size, rootHash, text: checkpoint, logId, prefix } = head;
    const request = tileRequest(`${prefix}/checkpoint`, ENTRY_LIMITS.checkpoint);
    try {
      const tile = entriesTile(index, size);
      const body = entryIn(await readTile(prefix, tile, asking), tile, index);
      const hashes = await proveInclusion(index, size, (each) => readTile(prefix, each, asking));
      return rekorV2Entry(
        body,
        encodeBase64(decodeHex(logId)),
        { index, size, rootHash, hashes, checkpoint },
        logged,
      );
    } catch (error) {
      if (error instanceof NoTileError) return undefined;
      if (error instanceof MalformedError) throw senseless(request, error.message);
      throw error;
    }
  }

  async #checkpoint(asking: Asking): Promise<FoundCheckpoint> {
    const found = await findCheckpoint(this.url, asking);
    if (found !== undefined) return { ...this.#signed(found.checkpoint, found.prefix), ...found };
    throw new LogError(
      'LOG_ANSWER',
      `${this.url} shows no checkpoint, at none of ${checkpointPlaces(this.url).join(', ')}`,
      'ask those who run the log where its tiles are read: they have to be at the same address',
    );
  }

  /** With the name of the key, by which entries call the log. */
  #signed(checkpoint: Checkpoint, prefix: string): Checkpoint & { readonly logId: string } {
    const key = this.keys.find(
      (each) =>
        (each.origin ?? checkpoint.origin) === checkpoint.origin &&
        verifyCheckpointSignature(checkpoint, each),
    );
    if (key !== undefined) return { ...checkpoint, logId: key.logId };
    throw new LogError(
      'LOG_UNTRUSTED',
      `no key of the trusted root signed the checkpoint of ${excerpt(checkpoint.origin)} at ${prefix}`,
      'name the trusted root of this log with --trusted-root',
    );
  }
}
