import { beforeAll, describe, expect, it } from 'vitest';
import { encodeArmor } from '../../src/openpgp/armor.ts';
import { openKeyring } from '../../src/keyring/keyring.ts';
import { parseProvenance } from '../../src/provenance/provenance.ts';
import { verifyProvenance, type SignatureVerdict } from '../../src/provenance/verify.ts';
import { unlessMalformed } from '../support/malformed.ts';
import { CHART_SIGNED, createSigner, DAY, KEY_CREATED, type TestSigner } from '../support/signer.ts';

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

  it('by a subkey is valid and names both keys', async () => {
    const signer = await createSigner({ subkey: {} });
    expect(await verdictOn(await signer.sign('app', '1.0.0', ARCHIVE), signer.certificate)).toMatchObject({
      ok: true,
      signer: {
        primaryFingerprint: signer.fingerprint,
        signingFingerprint: signer.signingFingerprint,
        userIds: ['Test Publisher <publisher@charts.example>'],
        algorithm: 'Ed25519',
        maySign: true,
      },
    });
  });

  it('over text of type binary is valid', async () => {
    const signer = await createSigner();
    const file = await signer.sign('app', '1.0.0', ARCHIVE, { binary: true });
    expect(await verdictOn(file, signer.certificate)).toMatchObject({ ok: true });
  });
});

describe('a signature is rejected', () => {
  let signer: TestSigner;
  let file: Uint8Array;
  beforeAll(async () => {
    signer = await createSigner();
    file = await signer.sign('app', '1.0.0', ARCHIVE);
  });

  it('when no key of the keyring made it', async () => {
    const other = await createSigner();
    expect(await rejection(file, other.certificate)).toBe(
      `there is no key with the fingerprint ${signer.fingerprint}`,
    );
  });

  it('when the text was changed', async () => {
    const forged = Buffer.from(Buffer.from(file).toString().replace('version: 1.0.0', 'version: 1.0.1'));
    expect(await rejection(forged, signer.certificate)).toContain('changed after signing');
  });

  it('when it is put under another text of the same signer', async () => {
    const other = Buffer.from(await signer.sign('other', '1.0.0', ARCHIVE)).toString();
    const armorAt = other.indexOf('-----BEGIN PGP SIGNATURE-----');
    const forged = Buffer.from(file)
      .toString()
      .replace(/-----BEGIN PGP SIGNATURE[^]*/, other.slice(armorAt));
    expect(await rejection(Buffer.from(forged), signer.certificate)).toContain('changed after signing');
  });

  it('when its key is too short', async () => {
    const weak = await createSigner({ algorithm: 'rsa1024' });
    expect(await rejection(await weak.sign('app', '1.0.0', ARCHIVE), weak.certificate)).toBe(
      `the key ${weak.fingerprint} is RSA 1024, which is too weak`,
    );
  });

  it('when it has expired', async () => {
    const expired = await signer.sign('app', '1.0.0', ARCHIVE, { expiresAfter: 30 * DAY });
    expect(await rejection(expired, signer.certificate)).toBe(
      'the signature expired on 2024-07-01T00:00:00Z',
    );
  });

  it('when it is dated in the future, but not when the clocks may differ by a little', async () => {
    const future = await signer.sign('app', '1.0.0', ARCHIVE, { at: NOW + 301 });
    expect(await rejection(future, signer.certificate)).toContain('dated in the future');
    const ahead = await signer.sign('app', '1.0.0', ARCHIVE, { at: NOW + 300 });
    expect(await verdictOn(ahead, signer.certificate)).toMatchObject({ ok: true });
  });

  it('when it is older than its key', async () => {
    const early = await signer.sign('app', '1.0.0', ARCHIVE, { at: KEY_CREATED - 1 });
    expect(await rejection(early, signer.certificate)).toContain('is older than the key');
  });

  it('when its subkey has not agreed to be one', async () => {
    const adopted = await createSigner({ subkey: {} });
    const certificate = await adopted.certificateWith({ bindings: [{ backSignature: false }] });
    expect(await rejection(await adopted.sign('app', '1.0.0', ARCHIVE), certificate)).toBe(
      `the key ${adopted.signingFingerprint} is not bound to ${adopted.fingerprint}: it did not sign its binding in turn`,
    );
  });

  it('when the newest binding of its subkey lacks the consent that an older one had', async () => {
    const withdrawn = await createSigner({ subkey: {} });
    const bindings = [{}, { at: KEY_CREATED + DAY, backSignature: false }];
    const certificate = await withdrawn.certificateWith({ bindings });
    expect(await rejection(await withdrawn.sign('app', '1.0.0', ARCHIVE), certificate)).toContain('in turn');
  });

  it('when its certificate has no user ID that its key signed', async () => {
    const certificate = await signer.certificateWith({ selfSignatures: [] });
    expect(await rejection(file, certificate)).toContain('no user ID with a valid self-signature');
  });
});

describe('no change of a single bit of a provenance is accepted', () => {
  it.each([
    ['with a checksum', (text: string) => text],
    ['without a checksum', (text: string) => text.replace(/\n=....\n/, '\n')],
  ])(
    '%s',
    async (_, edit) => {
      const signer = await createSigner();
      const file = Buffer.from(edit(Buffer.from(await signer.sign('app', '1.0.0', ARCHIVE)).toString()));
      expect(await verdictOn(file, signer.certificate)).toMatchObject({ ok: true });
      const accepted: number[] = [];
      for (let bit = 0; bit < file.length * 8; bit++) {
        const forged = Buffer.from(file);
        forged.writeUInt8(forged.readUInt8(bit >> 3) ^ (1 << (bit & 7)), bit >> 3);
        if (unlessMalformed(() => parseProvenance(forged)) === undefined) continue;
        if ((await verdictOn(forged, signer.certificate)).ok) accepted.push(bit);
      }
      expect(accepted).toEqual([]);
    },
    60_000,
  );
});

describe('a provenance', () => {
  it('of four MiB is read, and one byte more is refused', async () => {
    const signer = await createSigner();
    const padded = async (length: number): Promise<Uint8Array> => {
      const tail = '\n...\nfiles:\n  app-1.0.0.tgz: sha256:' + '0'.repeat(64);
      return await signer.signText('#'.repeat(length) + tail);
    };
    const overhead = (await padded(0)).length;
    const limit = 4 * 1024 * 1024;
    expect(await verdictOn(await padded(limit - overhead), signer.certificate)).toMatchObject({ ok: true });
    const tooLarge = await padded(limit - overhead + 1);
    expect(() => parseProvenance(tooLarge)).toThrow('expected a provenance of at most 4194304 bytes');
  });

  it('with four million empty lines is refused', () => {
    const begin = '-----BEGIN PGP SIGNED MESSAGE-----\n\n';
    expect(() => parseProvenance(Buffer.from(begin + '\n'.repeat(4_000_000)))).toThrow(
      'expected at most 20000 lines, found more',
    );
  });

  it('whose signature block holds anything but one signature is refused', async () => {
    const text = Buffer.from(await (await createSigner()).sign('app', '1.0.0', ARCHIVE)).toString();
    const withBlock = (hex: string): Uint8Array =>
      Buffer.from(
        text.replace(
          /-----BEGIN PGP SIGNATURE[^]*/,
          `${encodeArmor('PGP SIGNATURE', Buffer.from(hex, 'hex'))}\n`,
        ),
      );
    expect(() => parseProvenance(withBlock(''))).toThrow('expected one signature packet, found none');
    expect(() => parseProvenance(withBlock('cb0162'))).toThrow('found packets of types 11');
    expect(() => parseProvenance(withBlock('c20103'))).toThrow('version 4 or 6, found version 3');
  });
});

async function verdictOn(bytes: Uint8Array, ...rings: Uint8Array[]): Promise<SignatureVerdict> {
  const provenance = parseProvenance(bytes);
  const keyring = openKeyring(rings.map((bytes, index) => ({ place: `ring ${index}`, bytes })));
  return await verifyProvenance(provenance, keyring.find(provenance.issuer), { now: NOW });
}

async function rejection(bytes: Uint8Array, ...rings: Uint8Array[]): Promise<string> {
  const verdict = await verdictOn(bytes, ...rings);
  return verdict.ok ? 'accepted' : verdict.reason;
}
