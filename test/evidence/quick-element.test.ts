import { ASN1Obj } from '@sigstore/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseBundles } from '../../src/evidence/parse-bundle.ts';
import { QuickElement } from '../../src/evidence/quick-element.ts';
import { loadBuiltInRoot } from '../../src/trust/public-good.ts';
import { parseSigstoreTrust, type SigstoreTrust } from '../../src/trust/sigstore-trust.ts';
import { bundleBytes, bundleCases, vectorTrust } from '../support/bundle-vectors.ts';
import { octets, sequence, tlv } from '../support/der.ts';
import { vectors } from '../support/vectors.ts';

const certificatesOf = ({ certificateAuthorities, timestampAuthorities }: SigstoreTrust) =>
  [...certificateAuthorities, ...timestampAuthorities].flatMap(({ chain }) => chain);

const parse = (der: Uint8Array) => ASN1Obj.parseBuffer(Buffer.from(der));

function* below(element: ASN1Obj): Generator<ASN1Obj> {
  yield element;
  for (const each of element.subs) yield* below(each);
}

/** Each element comes to what the library makes of it, and all of them to the bytes that were read. */
function expectSame(der: Uint8Array): void {
  const [quick, library] = [QuickElement.of(parse(der)), parse(der)];
  expect(quick.toDER().equals(Buffer.from(der))).toBe(true);
  const pairs = [...below(library)].map((each, at) => [each, [...below(quick)][at]] as const);
  for (const [each, other] of pairs) expect(other?.toDER().equals(each.toDER())).toBe(true);
}

const value = fc.tuple(fc.integer({ min: 1, max: 0x1e }), fc.uint8Array({ maxLength: 300 }));
const element = fc.letrec<{ der: Buffer }>((tie) => ({
  der: fc.oneof(
    { maxDepth: 4 },
    value.map(([tag, bytes]) => tlv(tag, bytes)),
    fc
      .tuple(fc.constantFrom(0x30, 0x31, 0xa0, 0xa3, 0x04), fc.array(tie('der'), { maxLength: 5 }))
      .map(([tag, parts]) => tlv(tag, ...parts)),
  ),
})).der;

describe('an element that writes its DER in one piece', () => {
  test('is what the library writes, for whatever it reads', () => {
    fc.assert(fc.property(element, expectSame));
  });

  test.each([0, 1, 127, 128, 255, 256, 65_535, 65_536])('with %d bytes in it as well', (length) => {
    expectSame(tlv(0x0c, Buffer.alloc(length, 7)));
    expectSame(sequence(octets(tlv(0x0c, Buffer.alloc(length, 7)))));
  });

  test("of the certificates of Sigstore's root, too", async () => {
    const { trustedRoot } = await loadBuiltInRoot();
    const certificates = certificatesOf(parseSigstoreTrust(trustedRoot));
    expect(certificates.length).toBeGreaterThan(4);
    for (const der of certificates) expectSame(der);
  });

  test('is written anew where its list was changed, and those that it was made of are not', () => {
    const library = parse(sequence(octets(Buffer.of(1)), octets(Buffer.of(2)), octets(Buffer.of(3))));
    const quick = QuickElement.of(library);
    const copy = QuickElement.of(quick);
    copy.subs.splice(1, 1);
    expect(copy.toDER()).toEqual(sequence(octets(Buffer.of(1)), octets(Buffer.of(3))));
    for (const each of [quick, library]) expect(each.subs).toHaveLength(3);
  });

  // The library changes the first byte of what a timestamp signs.
  test.each([tlv(0x0c, Buffer.of(1, 2)), sequence(octets(Buffer.of(1)))])(
    'gives bytes that can be changed without harm: %#',
    (der) => {
      const quick = QuickElement.of(parse(der));
      quick.toDER().fill(0xff);
      expect(quick.toDER()).toEqual(der);
    },
  );

  test.skipIf(vectors === undefined)('of the bundles of others, too (needs the vectors)', () => {
    const cases = bundleCases().filter(({ bundle }) => bundle !== 'bad/message-no-entry.sigstore.json');
    const bundles = cases.flatMap(({ bundle }) => parseBundles(bundleBytes(bundle)));
    const found = bundles.flatMap(({ verifier, timestamps }) => [
      ...(verifier.kind === 'certificate' ? [verifier.der] : []),
      ...timestamps,
    ]);
    expect(found.length).toBeGreaterThan(30);
    for (const der of [...found, ...certificatesOf(vectorTrust())]) expectSame(der);
  });
});
