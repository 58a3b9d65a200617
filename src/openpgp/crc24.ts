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

const table = Int32Array.from({ length: 256 }, (_, index) => {
  let crc = index << 16;
  for (let bit = 0; bit < 8; bit++) {
    crc <<= 1;
    if ((crc & 0x1000000) !== 0) crc ^= 0x1864cfb;
  }
  return crc & 0xffffff;
});
