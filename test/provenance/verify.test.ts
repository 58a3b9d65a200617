import { describe, expect, it } from 'vitest';
import { openKeyring } from '../../src/keyring/keyring.ts';
import { parseProvenance } from '../../src/provenance/provenance.ts';
import { verifySignature, type SignatureVerdict } from '../../src/provenance/verify.ts';
import { CHART_SIGNED, createSigner, DAY } from '../support/signer.ts';

const NOW = CHART_SIGNED + 365 * DAY;
const ARCHIVE = Buffer.from('an archive');

describe('a signature', () => {
  it.each(['ed25519', 'p256', 'rsa2048'] as const)('by an %s key is valid', async (algorithm) => {
    const signer = await createSigner({ algorithm });
    expect(await verdictOn(await signer.sign('app', '1.0.0', ARCHIVE), signer.certificate)).toMatchObject({
      ok: true,
      signer: { signingFingerprint: signer.fingerprint, maySign: true },
    });
  });
});

async function verdictOn(bytes: Uint8Array, ...rings: Uint8Array[]): Promise<SignatureVerdict> {
  const provenance = parseProvenance(bytes);
  const keyring = openKeyring(rings.map((bytes, index) => ({ place: `ring ${index}`, bytes })));
  return await verifySignature(provenance, keyring.find(provenance.issuer), { now: NOW });
}
