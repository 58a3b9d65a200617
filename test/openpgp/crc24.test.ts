import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Crc24 } from '../../src/openpgp/crc24.ts';

it('the checksum is that of RFC 9580 6.1, bit by bit, in whichever pieces the bytes come', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), fc.nat(600), (bytes, cut) => {
      const octets = new Crc24().add(bytes.subarray(0, cut)).add(bytes.subarray(cut)).octets();
      expect(Buffer.from(octets).readUIntBE(0, 3)).toBe(bitByBit(bytes));
    }),
  );
});

it('every byte has its remainder', () => {
  for (let byte = 0; byte < 256; byte++)
    expect(Buffer.from(new Crc24().add(Uint8Array.of(byte)).octets()).readUIntBE(0, 3)).toBe(
      bitByBit(Uint8Array.of(byte)),
    );
});

function bitByBit(bytes: Uint8Array): number {
  let crc = 0xb704ce;
  for (const byte of bytes) {
    crc ^= byte << 16;
    for (let bit = 0; bit < 8; bit++) {
      crc <<= 1;
      if (crc & 0x1000000) crc ^= 0x1864cfb;
    }
  }
  return crc;
}
