import { describe, expect, it } from 'vitest';
import { readCertificates } from '../../src/openpgp/certificate.ts';
import { whyInvalid } from '../../src/openpgp/signature-validity.ts';
import { parseProvenance } from '../../src/provenance/provenance.ts';
import { createSigner } from '../support/signer.ts';

/** A signature, the key that made it, and the bytes that are signed. */
async function signed() {
  const signer = await createSigner();
  const [certificate] = readCertificates(signer.certificate);
  if (certificate === undefined) throw new Error('the signer has no certificate');
  const provenance = parseProvenance(await signer.sign('app', '1.0.0', Buffer.from('an archive')));
  return { ...provenance, key: certificate.primary };
}

describe('what the library throws', () => {
  it('of other bytes is said of the signature', async () => {
    const { signature, key } = await signed();
    const reason = await whyInvalid(signature, key, { data: Buffer.from('other') });
    expect(reason).toContain('signed digest did not match');
  });

  it('of a key that it cannot read is said of the signature', async () => {
    const { signature, key, signedBytes } = await signed();
    const cut = { ...key, body: key.body.subarray(0, 8), material: key.material.subarray(0, 2) };
    expect(await whyInvalid(signature, cut, { data: signedBytes })).toBeTypeOf('string');
  });
});

it('a defect of ours is not said of the signature', async () => {
  const { signature, key } = await signed();
  const over = {
    get data(): Uint8Array {
      throw new TypeError('a defect');
    },
  };
  await expect(whyInvalid(signature, key, over)).rejects.toThrow(TypeError);
});
