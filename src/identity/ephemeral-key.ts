import { createSign, generateKeyPairSync, type KeyObject } from 'node:crypto';

/** A key (P-256) that exists as long as this run and is written nowhere. Signatures are ECDSA over SHA-256, in DER. */
export class EphemeralKey {
  readonly publicKey: KeyObject;
  /** PKIX, in PEM. */
  readonly publicPem: string;
  readonly #privateKey: KeyObject;

  constructor() {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    this.publicKey = publicKey;
    this.publicPem = publicKey.export({ format: 'pem', type: 'spki' }).toString();
    this.#privateKey = privateKey;
  }

  /** A signature over the pieces, one after the other; another one each time. */
  async sign(pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<Uint8Array> {
    const signer = createSign('sha256');
    for await (const piece of pieces) signer.update(piece);
    return signer.sign(this.#privateKey);
  }
}
