import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeUtf8, encodeBase64, encodeUtf8 } from '../../src/encoding.ts';
import { promisePayload, verifyInclusionPromise } from '../../src/tlog/inclusion-promise.ts';
import { signWith } from '../../src/tlog/log-key.ts';
import { withOneBitFlipped } from '../support/bits.ts';
import { newLogKeys } from '../support/log-keys.ts';

const { key, privateKey } = newLogKeys['P-256']();
const body = encodeUtf8('{"kind":"helm"}');
const promise = { body: encodeBase64(body), integratedTime: 1_700_000_000, logId: key.logId, logIndex: 42 };
const signature = signWith(privateKey, promisePayload(promise));

describe('verifyInclusionPromise', () => {
  it('the payload is canonical JSON: sorted names, no spaces', () => {
    expect(decodeUtf8(promisePayload({ body: 'e30=', integratedTime: 1, logId: 'ab', logIndex: 2 }))).toBe(
      '{"body":"e30=","integratedTime":1,"logID":"ab","logIndex":2}',
    );
  });

  it('a promise holds under the key that made it', () => {
    expect(verifyInclusionPromise(promise, signature, key)).toBe(true);
  });

  it.each([
    ['for another body', { ...promise, body: encodeBase64(encodeUtf8('{}')) }],
    ['with an earlier time', { ...promise, integratedTime: promise.integratedTime - 1 }],
    ['for another index', { ...promise, logIndex: 43 }],
  ])('a promise %s does not hold', (_, forged) => {
    expect(verifyInclusionPromise(forged, signature, key)).toBe(false);
  });

  it('a promise that names another log does not hold, even if this key signed it', () => {
    const forged = { ...promise, logId: newLogKeys['P-256']().key.logId };
    expect(verifyInclusionPromise(forged, signWith(privateKey, promisePayload(forged)), key)).toBe(false);
  });

  it('no bit of the signature or the body can be turned over', () => {
    fc.assert(
      fc.property(withOneBitFlipped(signature), withOneBitFlipped(body), (forged, otherBody) => {
        expect(verifyInclusionPromise(promise, forged, key)).toBe(false);
        const other = { ...promise, body: encodeBase64(otherBody) };
        expect(verifyInclusionPromise(other, signature, key)).toBe(false);
      }),
    );
  });
});
