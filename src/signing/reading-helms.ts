import { algorithmName } from '../openpgp/algorithms.ts';
import { keysOf, type Certificate } from '../openpgp/certificate.ts';

/** Which versions of Helm can read a key, and so verify what it signs. */
export interface ReadingHelms {
  /** In words. */
  readonly versions: string;
  /** The key in the certificate for which earlier versions refuse it; undefined: every version reads it. */
  readonly because?: string;
}

/**
 * Which versions of Helm can read a certificate. Up to 3.21.3 Helm uses a library that gives up a whole certificate for one key in
 * it that it does not know, also for one that only encrypts.
 */
export function helmsThatRead(certificate: Certificate): ReadingHelms {
  const unknown = keysOf(certificate)
    .map(algorithmName)
    .find((name) => !EVERYWHERE.test(name));
  return unknown === undefined
    ? { versions: 'Helm 3 and 4' }
    : { versions: 'Helm 3.21.4 and later, Helm 4', because: unknown };
}

const EVERYWHERE = /^(?:RSA|DSA|ElGamal) |^(?:ECDSA|ECDH) P-(?:256|384|521)$/;
