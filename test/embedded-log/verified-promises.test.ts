import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { VerifiedPromises } from '../../src/embedded-log/log/verified-promises.ts';
import { promisePayload, type InclusionPromise } from '../../src/tlog/inclusion-promise.ts';
import { logKeyFromSpki, signWith } from '../../src/tlog/log-key.ts';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const key = logKeyFromSpki(publicKey.export({ format: 'der', type: 'spki' }));
const promise: InclusionPromise = { body: 'YQ==', integratedTime: 1, logId: key.logId, logIndex: 300 };
const signature = signWith(privateKey, promisePayload(promise));
const changed = Buffer.from(signature);
changed[10] = (changed[10] ?? 0) ^ 1;

const forged: [string, InclusionPromise, Uint8Array][] = [
  ['another body', { ...promise, body: 'Yg==' }, signature],
  ['another time', { ...promise, integratedTime: 2 }, signature],
  ['the same place of another tile', { ...promise, logIndex: 44 }, signature],
  ['another log', { ...promise, logId: '0'.repeat(64) }, signature],
  ['a signature of which a bit is another', promise, changed],
  ['a signature with a byte more', promise, Buffer.concat([signature, Buffer.alloc(1)])],
  ['no signature', promise, Buffer.alloc(0)],
];

describe('VerifiedPromises', () => {
  it('a promise of the log holds, also when it is asked about again', () => {
    const promises = new VerifiedPromises(key);
    expect([1, 2, 3].map(() => promises.holds(promise, signature))).toEqual([true, true, true]);
  });

  it.each(forged)(
    '%s does not hold where the log made the promise a moment ago',
    (_, other, otherSignature) => {
      const promises = new VerifiedPromises(key);
      promises.add(promise, signature);
      expect(promises.holds(promise, signature)).toBe(true);
      expect(promises.holds(other, otherSignature)).toBe(false);
    },
  );

  it.each(forged)('%s does not hold, before and after the promise was seen', (_, other, otherSignature) => {
    const promises = new VerifiedPromises(key);
    expect(promises.holds(other, otherSignature)).toBe(false);
    expect(promises.holds(promise, signature)).toBe(true);
    expect(promises.holds(other, otherSignature)).toBe(false);
    // What was refused did not push out what is known.
    expect(promises.holds(promise, signature)).toBe(true);
  });
});
