/** A hash algorithm of OpenPGP. */
export interface HashAlgorithm {
  /** As Node calls it: `sha256`. */
  readonly name: string;
  /** As people call it: `SHA-256`. */
  readonly title: string;
}

/** The hash algorithm of this number; `undefined`: it is unknown. RFC 9580 9.5. */
export function hashByNumber(number: number): HashAlgorithm | undefined {
  return hashAlgorithms.get(number);
}

const hashAlgorithms: ReadonlyMap<number, HashAlgorithm> = new Map([
  [1, { name: 'md5', title: 'MD5' }],
  [2, { name: 'sha1', title: 'SHA-1' }],
  [3, { name: 'ripemd160', title: 'RIPEMD-160' }],
  [8, { name: 'sha256', title: 'SHA-256' }],
  [9, { name: 'sha384', title: 'SHA-384' }],
  [10, { name: 'sha512', title: 'SHA-512' }],
  [11, { name: 'sha224', title: 'SHA-224' }],
  [12, { name: 'sha3-256', title: 'SHA3-256' }],
  [14, { name: 'sha3-512', title: 'SHA3-512' }],
]);
