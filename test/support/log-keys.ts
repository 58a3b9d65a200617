import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { LogKey } from '../../src/tlog/log-key.ts';
import { logIdOf } from './independent/note.mjs';

/** The keys of a log that exists for one test. */
export interface LogKeyPair {
  readonly key: LogKey;
  readonly privateKey: KeyObject;
}

/** A new key pair of each kind that logs sign with. */
export const newLogKeys = {
  'P-256': () => fromPair(generateKeyPairSync('ec', { namedCurve: 'P-256' })),
  'P-384': () => fromPair(generateKeyPairSync('ec', { namedCurve: 'P-384' })),
  Ed25519: () => fromPair(generateKeyPairSync('ed25519')),
  'RSA-2048': () => fromPair(generateKeyPairSync('rsa', { modulusLength: 2048 })),
};

function fromPair({ publicKey, privateKey }: { publicKey: KeyObject; privateKey: KeyObject }): LogKeyPair {
  return { key: { logId: logIdOf(publicKey), publicKey }, privateKey };
}
