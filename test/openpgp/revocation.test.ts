import { beforeAll, describe, expect, it } from 'vitest';
import { readCertificates, type Certificate } from '../../src/openpgp/certificate.ts';
import { assessCertificate } from '../../src/openpgp/key-lifetime.ts';
import { judgeSignerAt } from '../../src/openpgp/signer-at.ts';
import { withRevocationsOf } from '../../src/openpgp/revocation-copies.ts';
import { readRevocation, type RevocationPacket } from '../../src/openpgp/revocation-packet.ts';
import {
  createSigner,
  DAY,
  KEY_CREATED,
  type CertificateChanges,
  type TestSigner,
} from '../support/signer.ts';

const YEAR = 365 * DAY;

let signer: TestSigner;
beforeAll(async () => {
  signer = await createSigner({ expiresAfter: YEAR });
});

async function certificate(changes: CertificateChanges): Promise<Certificate> {
  const [read] = readCertificates(await signer.certificateWith(changes));
  if (read === undefined) throw new Error('no certificate was made');
  return read;
}

async function isGood(judged: Certificate, time: number): Promise<boolean> {
  return judgeSignerAt(await assessCertificate(judged, signer.fingerprint, []), time).ok;
}

describe('a revocation of a key', () => {
  it.each(['md5', 'ripemd', 'sha1'] as const)('counts when it is over a digest by %s', async (hash) => {
    const rsa = await createSigner({ algorithm: 'rsa2048' });
    const revocations = [{ at: KEY_CREATED + DAY, reason: 2, hash }];
    const [revoked] = readCertificates(await rsa.certificateWith({ revocations }));
    const signer = revoked && (await assessCertificate(revoked, rsa.fingerprint, []));
    expect(signer?.primary.revocations).toMatchObject([{ hard: true, at: KEY_CREATED + DAY }]);
  });
});

describe('a revocation that cannot be verified', () => {
  it('counts, because it cannot be shown to be false either', async () => {
    const own = await certificate({ revocations: [{ at: KEY_CREATED + DAY, reason: 3 }] });
    const [revocation] = own.revocations;
    if (revocation === undefined) throw new Error('no revocation was made');
    const unknown = { ...own, revocations: [withHash(revocation, 99)] };
    expect(await isGood(own, KEY_CREATED)).toBe(true);
    expect(await isGood(unknown, KEY_CREATED)).toBe(false);
  });

  it('does not count when it is shown to be false', async () => {
    const own = await certificate({ revocations: [{ at: KEY_CREATED + DAY, reason: 2 }] });
    const [revocation] = own.revocations;
    if (revocation === undefined) throw new Error('no revocation was made');
    const forged = { ...own, revocations: [withHash(revocation, 8)] };
    expect(await isGood(forged, KEY_CREATED + 2 * DAY)).toBe(true);
  });
});

/** The signature as if it were over a digest by another algorithm. */
function withHash({ body }: RevocationPacket, hashAlgorithm: number): RevocationPacket {
  const changed = readRevocation(Uint8Array.from(body, (octet, at) => (at === 3 ? hashAlgorithm : octet)));
  return changed ?? expect.fail('no revocation');
}

describe('a copy of a certificate that came with what is judged', () => {
  it('revokes the key', async () => {
    const copy = await certificate({ revocations: [{ at: KEY_CREATED + DAY, reason: 2 }] });
    const own = await certificate({});
    expect(await isGood(own, KEY_CREATED + 2 * DAY)).toBe(true);
    expect(await isGood(await withRevocationsOf(own, [copy], []), KEY_CREATED + 2 * DAY)).toBe(false);
  });

  it('does not give an expired key a longer life, though the key itself signed it', async () => {
    const copy = await certificate({
      selfSignatures: [{ at: KEY_CREATED + 2 * YEAR, expiresAfter: 10 * YEAR }],
    });
    const own = await certificate({});
    expect(await isGood(copy, KEY_CREATED + 3 * YEAR)).toBe(true);
    expect(await isGood(await withRevocationsOf(own, [copy], []), KEY_CREATED + 3 * YEAR)).toBe(false);
  });

  it('with more revocations than anybody needs is refused before they are verified', async () => {
    const revocations = Array.from({ length: 101 }, (_, index) => ({
      at: KEY_CREATED + index,
      reason: 3,
    }));
    const own = await certificate({});
    const copy = await certificate({ revocations });
    await expect(withRevocationsOf(own, [copy], [])).rejects.toThrow('holds too many revocations');
  });
});
