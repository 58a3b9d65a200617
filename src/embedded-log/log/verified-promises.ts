import { sha256 } from '../../digest.ts';
import {
  promisePayload,
  verifyInclusionPromise,
  type InclusionPromise,
} from '../../tlog/inclusion-promise.ts';
import type { LogKey } from '../../tlog/log-key.ts';
import { TILE_WIDTH } from '../../tlog/tiles.ts';
import { Recent } from '../recent.ts';

/**
 * The promises of a log that were found to be its own, by the first 16 bytes of SHA-256 over promise and signature. What is read from
 * disk again is compared with that, which takes a twentieth of the time of verifying it again, and shows every other bit as well.
 */
export class VerifiedPromises {
  private readonly tiles = new Recent<Buffer, number>(KEPT);

  constructor(private readonly key: LogKey) {}

  /** Whether the log made this signature for this promise. */
  holds(promise: InclusionPromise, signature: Uint8Array): boolean {
    if (this.placeOf(promise).equals(digestOf(promise, signature))) return true;
    if (!verifyInclusionPromise(promise, signature, this.key)) return false;
    this.add(promise, signature);
    return true;
  }

  /** Takes a signature that this process just made with the key. */
  add(promise: InclusionPromise, signature: Uint8Array): void {
    this.placeOf(promise).set(digestOf(promise, signature));
  }

  /** Where the digest of the promise for this index is, or zeros, which no digest is. */
  private placeOf({ logIndex }: InclusionPromise): Buffer {
    const tile = this.tiles.get(Math.floor(logIndex / TILE_WIDTH), () =>
      Buffer.alloc(TILE_WIDTH * DIGEST_BYTES),
    );
    const from = (logIndex % TILE_WIDTH) * DIGEST_BYTES;
    return tile.subarray(from, from + DIGEST_BYTES);
  }
}

function digestOf(promise: InclusionPromise, signature: Uint8Array): Uint8Array {
  return sha256(promisePayload(promise), signature).subarray(0, DIGEST_BYTES);
}

const DIGEST_BYTES = 16;
/** Digests of so many tiles are kept, at 4 KiB each: of half a million entries. */
const KEPT = 2048;
