import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MalformedError } from '../../src/errors.ts';
import { readPackets, writePacket } from '../../src/openpgp/packets.ts';
import { unlessMalformed } from '../support/malformed.ts';

describe('packets', () => {
  it.each([0, 1, 191, 192, 8383, 8384, 65535, 70000])(
    'a body of %i bytes is read as it was written',
    (length) => {
      const packet = { tag: 2, body: Buffer.alloc(length, 7) };
      const written = writePacket(packet);
      expect([...readPackets(Buffer.concat([written, written]))].map(plain)).toEqual(
        [packet, packet].map(plain),
      );
    },
  );

  it.each([
    [191, 2],
    [192, 3],
    [8383, 3],
    [8384, 6],
  ])('a body of %i bytes gets a header of %i', (length, header) => {
    expect(writePacket({ tag: 2, body: Buffer.alloc(length) })).toHaveLength(length + header);
  });

  it.each([
    ['one octet', '8803 010203'],
    ['two octets', '890003 010203'],
    ['four octets', '8a00000003 010203'],
    ['five octets in the new format', 'c2ff00000003 010203'],
  ])('a length of %s is read', (_, hex) => {
    expect([...readPackets(bytes(hex))]).toEqual([{ tag: 2, body: bytes('010203') }]);
  });

  it.each([
    ['text', '41', 'not an OpenPGP packet: it starts with the byte 0x41'],
    ['a packet that is longer than the file', 'c203 0102', '3 bytes was announced, 2 are there'],
    ['a length of almost 4 GiB', 'c2fffffffff0 01', 'was announced, 1 are there'],
    ['a header without its length', 'c2', 'ends within its header'],
    ['a cut two-octet length', 'c2c0', 'ends within its header'],
    ['a body in parts', 'c2e1 0102', 'comes in parts'],
    ['a body without definite length', '8b 0102', 'no definite length'],
    ['the reserved packet type', 'c000', 'reserved type 0'],
  ])('%s is refused', (_, hex, message) => {
    expect(() => [...readPackets(bytes(hex))]).toThrow(MalformedError);
    expect(() => [...readPackets(bytes(hex))]).toThrow(message);
  });

  it('no bytes make the reader fail in any other way, and what it reads, written again, reads the same', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (input) => {
        const packets = unlessMalformed(() => [...readPackets(input)]);
        const again = packets && [...readPackets(Buffer.concat(packets.map(writePacket)))];
        expect(again?.map(plain)).toEqual(packets?.map(plain));
      }),
    );
  });
});

function plain({ tag, body }: { tag: number; body: Uint8Array }) {
  return { tag, body: Buffer.from(body).toString('hex') };
}

function bytes(hex: string): Uint8Array {
  return Buffer.from(hex.replaceAll(' ', ''), 'hex');
}
