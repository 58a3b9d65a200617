/** x^24 and the rest of the polynomial. RFC 9580 6.1. */
const GENERATOR = 0x1864cfb;

/** CRC-24 of bytes that come in pieces. RFC 9580 6.1. */
export class Crc24 {
  #crc = 0xb704ce;

  add(bytes: Uint8Array): this {
    let crc = this.#crc;
    for (let at = 0; at < bytes.length; at++)
      crc = ((crc << 8) & 0xffffff) ^ (table[(crc >> 16) ^ (bytes[at] ?? 0)] ?? 0);
    this.#crc = crc;
    return this;
  }

  /** The three octets. */
  octets(): Uint8Array {
    return Uint8Array.of(this.#crc >> 16, this.#crc >> 8, this.#crc);
  }
}

/** The remainder of each byte. That of a sum is the sum of both, so each power of two gives those up to the next. */
const table = new Int32Array(256);
for (let power = 1, crc = GENERATOR & 0xffffff; power < 256; power <<= 1) {
  for (let index = 0; index < power; index++) table[power + index] = crc ^ (table[index] ?? 0);
  crc <<= 1;
  if (crc > 0xffffff) crc ^= GENERATOR;
}
