import fc from 'fast-check';

/** Copies of the bytes in which one bit is the other. */
export function withOneBitFlipped(bytes: Uint8Array): fc.Arbitrary<Uint8Array> {
  return fc.nat(bytes.length * 8 - 1).map((bit) => flipBit(bytes, bit));
}

/** A copy of the bytes with this bit (0 is the lowest of the first byte) turned over. */
export function flipBit(bytes: Uint8Array, bit: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  const at = bit >> 3;
  copy[at] = (copy[at] ?? 0) ^ (1 << (bit & 7));
  return copy;
}
