import { sha256Hex } from '../../digest.ts';
import { LIMITS } from '../limits.ts';
import { Recent } from '../recent.ts';
import type { SubmittedKey } from './submitted-key.ts';

/** OpenPGP keys with which an entry was accepted, and how a search finds it by them. */
export interface KnownKey extends SubmittedKey {
  readonly indexKeys: readonly string[];
}

/**
 * The keys with which entries were accepted lately, parsed, by the bytes that were submitted: a publisher sends the same
 * ones with each chart. With them is remembered what was verified within a certificate (`assessCertificate`). Whether a key was good
 * when it signed is judged for each entry.
 */
export class KnownKeys {
  private readonly keys = new Recent<{ readonly key: KnownKey; readonly length: number }>(
    LIMITS.knownKeys,
    ({ length }) => KEPT_KEY + KEPT_BYTE * length,
  );

  find(submitted: Uint8Array): KnownKey | undefined {
    return this.keys.find(sha256Hex(submitted))?.key;
  }

  /** To be called for keys with which an entry was accepted only: others would push those out. */
  keep(submitted: Uint8Array, key: KnownKey): void {
    this.keys.keep(sha256Hex(submitted), { key, length: submitted.length });
  }
}

/** About how many bytes of memory keys take, parsed and verified, and each byte of what was submitted. */
const [KEPT_KEY, KEPT_BYTE] = [12 << 10, 16];
