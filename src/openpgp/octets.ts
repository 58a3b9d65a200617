import { MalformedError } from '../errors.ts';

/** Reads the fields of a packet body one after the other; every read past the end is a `MalformedError`. */
export class Octets {
  #at = 0;
  readonly #bytes: Uint8Array;
  readonly #what: string;

  /** @param what names the bytes in messages: "signature packet" */
  constructor(bytes: Uint8Array, what: string) {
    this.#bytes = bytes;
    this.#what = what;
  }

  /** Octets read so far. */
  get position(): number {
    return this.#at;
  }

  /** Octets that are left. */
  get left(): number {
    return this.#bytes.length - this.#at;
  }

  /** The next octets, as a view. @throws MalformedError if there are fewer. */
  take(length: number): Uint8Array {
    if (length > this.left) throw new MalformedError(`a ${this.#what} ends too early`);
    const taken = this.#bytes.subarray(this.#at, this.#at + length);
    this.#at += length;
    return taken;
  }

  /** All octets that are left, as a view. */
  rest(): Uint8Array {
    return this.take(this.left);
  }

  /** The big-endian number in the next one, two or four octets. @throws MalformedError if there are fewer. */
  number(octets: 1 | 2 | 4): number {
    if (octets > this.left) throw new MalformedError(`a ${this.#what} ends too early`);
    let value = 0;
    for (let count = 0; count < octets; count++) value = value * 256 + (this.#bytes[this.#at++] ?? 0);
    return value;
  }

  /** The octets of the next number with its length in bits before it. RFC 9580 3.2. @throws MalformedError if there are fewer. */
  integer(): Uint8Array {
    return this.take(Math.ceil(this.number(2) / 8));
  }

  /**
   * The octets of the next number, if it is written as OpenPGP asks: no zeros in front, its bits counted exactly.
   * RFC 9580 3.2. @throws MalformedError if it is written in another way, or if there are fewer octets.
   */
  plainInteger(): Uint8Array {
    const bits = this.number(2);
    const digits = this.take(Math.ceil(bits / 8));
    if (bits !== bitsOf(digits)) throw new MalformedError(`a ${this.#what} has a number of a wrong length`);
    return digits;
  }
}

/** From the first octet on, as if that was not zero; of no octets none. */
function bitsOf(digits: Uint8Array): number {
  const [first] = digits;
  return first === undefined ? 0 : digits.length * 8 - Math.clz32(first) + 24;
}

/** The octets as text with a character for each, for use as the key of a map. */
export function octetText(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}
