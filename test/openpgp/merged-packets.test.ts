import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { mergePackets } from '../../src/openpgp/merged-packets.ts';
import { packetTag, readPackets, writePacket } from '../../src/openpgp/packets.ts';
import { createSigner, DAY, KEY_CREATED } from '../support/signer.ts';

const photo = writePacket({ tag: packetTag.userAttribute, body: Buffer.of(2, 100, 1) });
const trust = writePacket({ tag: 12, body: Buffer.of(1) });

/** The parts of a certificate: each begins with what signatures stand behind. */
let parts: Uint8Array[][];
let whole: Uint8Array;

beforeAll(async () => {
  const owner = await createSigner({
    subkey: {},
    userIds: ['One <one@charts.example>', 'Two <two@charts.example>'],
  });
  const certificate = await owner.certificateWith({
    revocations: [{ at: KEY_CREATED }, { at: KEY_CREATED + DAY, reason: 1 }],
    subkeyRevocations: [{ at: KEY_CREATED + DAY }],
    selfSignatures: [{}, { at: KEY_CREATED + DAY }],
  });
  parts = [];
  for (const packet of readPackets(certificate))
    if (packet.tag === packetTag.signature) parts.at(-1)?.push(writePacket(packet));
    else parts.push([writePacket(packet)]);
  whole = Buffer.concat(parts.flat());
});

/** What stands behind what, whatever the order. */
function contentOf(bytes: Uint8Array): string[] {
  const found: string[] = [];
  let head = '';
  for (const packet of readPackets(bytes)) {
    const name = Buffer.from(writePacket(packet)).toString('hex');
    if (packet.tag !== packetTag.signature) head = name;
    found.push(packet.tag === packetTag.signature ? `${head} ${name}` : name);
  }
  return found.sort();
}

describe('copies of a certificate', () => {
  test('that are the whole one, once or twice, give the same bytes', () => {
    expect(mergePackets([whole])).toEqual(whole);
    expect(mergePackets([whole, whole])).toEqual(whole);
    expect(mergePackets([])).toHaveLength(0);
  });

  test('that have parts of it, in any order and with noise between, give what is in all of them, and no more', () => {
    const masks = fc.array(fc.array(fc.boolean(), { minLength: 30, maxLength: 30 }), {
      minLength: 1,
      maxLength: 5,
    });
    fc.assert(
      fc.property(masks, fc.boolean(), (chosen, isNoisy) => {
        const copies = chosen.map((mask) => {
          let at = 0;
          const kept = parts.flatMap(([head = Buffer.of(), ...signatures], index) => {
            const some = signatures.filter(() => mask[at++ % mask.length]);
            return index === 0 || some.length > 0 ? [head, ...(isNoisy ? [trust] : []), ...some] : [];
          });
          return Buffer.concat(kept);
        });
        const merged = mergePackets(copies);
        const expected = new Set(copies.flatMap((copy) => contentOf(mergePackets([copy]))));
        expect(contentOf(merged)).toEqual([...expected].sort());
        for (const copy of copies) expect(mergePackets([merged, copy])).toEqual(merged);
      }),
    );
  });

  test('keep photos and what stands behind them, and each kind in its place', () => {
    const [primary = [], ...others] = parts;
    const [, signature = Buffer.of()] = others[0] ?? [];
    const odd = Buffer.concat([...primary, ...(others.at(-1) ?? []), photo, signature, ...(others[0] ?? [])]);
    const merged = mergePackets([odd, whole]);
    expect(contentOf(merged)).toEqual(contentOf(Buffer.concat([whole, photo, signature])));
    const tags = [...readPackets(merged)].map(({ tag }) => tag).filter((tag) => tag !== packetTag.signature);
    expect(tags.at(0)).toBe(packetTag.publicKey);
    expect(tags.at(-1)).toBe(packetTag.publicSubkey);
  });

  test('take a revocation that came apart behind the primary key, unless one of them has it', () => {
    const [[primary = Buffer.of(), ...revocations] = []] = parts;
    const bodies = revocations.flatMap((bytes) => [...readPackets(bytes)]).map(({ body }) => body);
    expect(mergePackets([primary], bodies)).toEqual(Buffer.concat([primary, ...revocations]));
    expect(mergePackets([whole], bodies)).toEqual(whole);
  });
});
