import { sha256 } from '../digest.ts';
import { promisePayload, verifyInclusionPromise, type InclusionPromise } from '../tlog/inclusion-promise.ts';
import type { LogKey } from '../tlog/log-key.ts';
import { TILE_WIDTH } from '../tlog/tiles.ts';
import { Recent } from './recent.ts';

/**
 * The promises of a log that were found to be its own, by the first 16 bytes of SHA-256 over promise and signature. What is read from
 * disk again is compared with that, which takes a twentieth of the time of verifying it again, and shows every other bit as well.
 */
export class VerifiedPromises {
  private readonly tiles = new Recent<Buffer, number>(KEPT);

  constructor(private readonly key: LogKey) {}

  /** Whether the log made this signature for this promise. */
  holds(promise: InclusionPromise, signature: Uint8Array): boolean {
    const digest = sha256(promisePayload(promise), signature).subarray(0, DIGEST_BYTES);
    const { logIndex } = promise;
    const tile = this.tiles.get(Math.floor(logIndex / TILE_WIDTH), () =>
      Buffer.alloc(TILE_WIDTH * DIGEST_BYTES),
    );
    const from = (logIndex % TILE_WIDTH) * DIGEST_BYTES;
    const known = tile.subarray(from, from + DIGEST_BYTES);
    if (known.equals(digest)) return true;
    if (!verifyInclusionPromise(promise, signature, this.key)) return false;
    known.set(digest);
    return true;
  }
}

const DIGEST_BYTES = 16;
/** Digests of so many tiles are kept, at 4 KiB each: of half a million entries. */
const KEPT = 2048;
