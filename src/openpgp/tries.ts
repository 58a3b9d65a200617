import { hash } from 'node:crypto';
import type { KeyPacket } from './key-packet.ts';
import { FloodedCertificateError } from './unjudged-certificate.ts';

/** A limit on how many signatures are tried, that is, verified under some key. */
export class Allowance {
  #left: number;
  readonly #reserve: Allowance | undefined;

  /** @param reserve what is shared with others, and taken from when the own tries are used up */
  constructor(tries: number, reserve?: Allowance) {
    this.#left = tries;
    this.#reserve = reserve;
  }

  /** Takes one try; false if there is none left. */
  take(): boolean {
    if (this.#left === 0) return this.#reserve?.take() ?? false;
    this.#left--;
    return true;
  }
}

/**
 * The outcome of trying a signature over certain bytes under a key. That costs a public-key operation, so
 * each is made once, and remembered by the digest of what it is about. Anybody can log any number of copies
 * of a certificate, each with forged signatures in it.
 * @param about all that the outcome depends on: what is hashed, and the signature
 * @param allowance what limits the tries; the default is the limit for all copies that the user has
 * @throws FloodedCertificateError when the allowance is used up; what is remembered can still be had
 */
export async function tryOnce<T>(
  key: KeyPacket,
  about: readonly Uint8Array[],
  work: () => Promise<T>,
  allowance?: Allowance,
): Promise<T> {
  const { outcomes, own } = triesOf(key);
  const name = digestOf(about);
  const before = outcomes.get(name) as Promise<T> | undefined;
  if (before !== undefined) return await before;
  if (!(allowance ?? own).take())
    throw new FloodedCertificateError(
      `there are more signatures in the name of the key ${key.fingerprint} than are tried: somebody adds forged ones`,
    );
  const outcome = work();
  if (outcomes.size < MAX_REMEMBERED) outcomes.set(name, outcome);
  return await outcome;
}

interface Tries {
  readonly outcomes: Map<string, Promise<unknown>>;
  readonly own: Allowance;
}

/** A certificate may have a thousand signatures of its own, and some are tried over more than one thing. */
const MAX_TRIES = 2000;

/**
 * Outcomes that are remembered; the others are tried again. Entries may hold any number of packets, and each outcome
 * takes memory.
 */
const MAX_REMEMBERED = 4000;

/** By the key that is tried. Its packet is read once for a run, or for a request to a log. */
const known = new WeakMap<KeyPacket, Tries>();

function triesOf(key: KeyPacket): Tries {
  let tries = known.get(key);
  if (tries === undefined) {
    tries = { outcomes: new Map(), own: new Allowance(MAX_TRIES) };
    known.set(key, tries);
  }
  return tries;
}

function digestOf(parts: readonly Uint8Array[]): string {
  const lengths = Buffer.from(parts.map(({ length }) => length).join());
  return hash('sha256', Buffer.concat([lengths, ...parts]), 'base64');
}
