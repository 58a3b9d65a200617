import { describe, expect, it } from 'vitest';
import { sha256Hex } from '../../src/digest.ts';
import { openKeyring } from '../../src/keyring/keyring.ts';
import { encodeArmor, decodeKeyArmor } from '../../src/openpgp/armor.ts';
import { readCertificates } from '../../src/openpgp/certificate.ts';
import { minimiseCertificate } from '../../src/openpgp/minimise.ts';
import { serializeCertificate } from '../../src/openpgp/whole-certificate.ts';
import { parseProvenance, type Provenance } from '../../src/provenance/provenance.ts';
import { verifyProvenance, type SignatureVerdict } from '../../src/provenance/verify.ts';
import { readVector, vectors } from '../support/vectors.ts';

const NOW = Date.UTC(2026, 10, 25) / 1000;

describe.skipIf(!vectors)('files of Helm’s own tests (needs the vectors)', () => {
  const provenance = (): Provenance =>
    parseProvenance(readVector('helm-testdata', 'hashtest-1.2.3.tgz.prov'));

  it.each(['helm-test-key.pub', 'helm-mixed-keyring.pub', 'helm-test-key.secret'])(
    'the provenance holds with %s, and signs the archive',
    async (file) => {
      expect(await verdict(provenance(), readVector('helm-testdata', file))).toMatchObject({
        ok: true,
        signer: {
          primaryFingerprint: '5e615389b53ca37f0ee60bd3843bbf981fc18762',
          userIds: [
            'Helm Testing (This key should only be used for testing. DO NOT TRUST.) <helm-testing@helm.sh>',
          ],
        },
      });
      expect(provenance().document.files).toEqual([
        { name: 'hashtest-1.2.3.tgz', sha256: sha256Hex(readVector('helm-testdata', 'hashtest-1.2.3.tgz')) },
      ]);
    },
  );

  it('it does not hold with the key of somebody else', async () => {
    expect(
      await verdict(provenance(), readVector('helm-testdata', 'helm-password-key.secret')),
    ).toMatchObject({
      ok: false,
    });
  });
});

describe.skipIf(!vectors)('the helm fixture of Rekor’s own tests (needs the vectors)', () => {
  it('gives the key and signature that Rekor stores', async () => {
    const provenance = parseProvenance(readVector('rekor', 'test-0.1.0.tgz.prov'));
    const keyFile = readVector('rekor', 'test_helm_armor.pub');
    expect(await verdict(provenance, keyFile)).toMatchObject({ ok: true });
    const [certificate] = readCertificates(decodeKeyArmor(keyFile));
    const whole = certificate && encodeArmor('PGP PUBLIC KEY BLOCK', serializeCertificate(certificate));
    expect(whole).toHaveLength(1732);
    // Taken from Rekor's own code.
    expect(sha256Hex(Buffer.from(whole ?? ''))).toBe(
      '0f3d82ac2aced4cdc58256b0524a8952a40b4314c6ef586c6a8f4b2fcf40c138',
    );
    expect(encodeArmor('PGP SIGNATURE', provenance.signatureBytes)).toHaveLength(454);
  });

  it('its certificate, minimised, lacks only what did not sign', () => {
    const { signature } = parseProvenance(readVector('rekor', 'test-0.1.0.tgz.prov'));
    const [certificate] = readCertificates(decodeKeyArmor(readVector('rekor', 'test_helm_armor.pub')));
    const minimised =
      certificate && minimiseCertificate(certificate, signature, certificate.primary.fingerprint);
    expect(minimised).toEqual({
      bytes: certificate && serializeCertificate({ ...certificate, subkeys: [] }),
      userId: certificate?.userIds[0]?.text,
    });
  });
});

async function verdict(provenance: Provenance, bytes: Uint8Array): Promise<SignatureVerdict> {
  const keyring = openKeyring([{ place: 'keys', bytes }]);
  return await verifyProvenance(provenance, keyring.find(provenance.issuer), { now: NOW });
}
