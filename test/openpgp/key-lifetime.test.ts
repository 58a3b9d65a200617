import { beforeAll, describe, expect, it } from 'vitest';
import { readCertificates, type Certificate } from '../../src/openpgp/certificate.ts';
import { assessCertificate } from '../../src/openpgp/key-lifetime.ts';
import { judgeSignerAt } from '../../src/openpgp/signer-at.ts';
import { packetTag, readPackets, writePacket } from '../../src/openpgp/packets.ts';
import { signatureType } from '../../src/openpgp/signature-packet.ts';
import {
  createSigner,
  DAY,
  KEY_CREATED,
  type CertificateChanges,
  type TestSigner,
} from '../support/signer.ts';

const YEAR = 365 * DAY;
const COMPROMISED = 2;
const SUPERSEDED = 1;
const RETIRED = 3;

/** A moment, in days after the key was made, and what is said of the key then. */
type Row = readonly [day: number, verdict: 'good' | RegExp];

let signer: TestSigner;
let withSubkey: TestSigner;
beforeAll(async () => {
  signer = await createSigner({ expiresAfter: YEAR });
  withSubkey = await createSigner({ subkey: { created: KEY_CREATED + 10 * DAY, expiresAfter: 100 * DAY } });
});

describe('a primary key', () => {
  it.each<[string, CertificateChanges, Row[]]>([
    [
      'is good from its creation until it expires',
      {},
      [
        [-1, /was created on 2024-01-01T00:00:00Z, after 2023-12-31/],
        [0, 'good'],
        [364, 'good'],
        [365, /expired on 2024-12-31T00:00:00Z, before 2024-12-31T00:00:00Z/],
      ],
    ],
    [
      'that was extended lives as long as the newest self-signature says, which may be younger than what it signed',
      { selfSignatures: [{ at: KEY_CREATED + 300 * DAY, expiresAfter: 2 * YEAR }] },
      [
        [0, 'good'],
        [500, 'good'],
        [730, /expired/],
      ],
    ],
    [
      'lives by the newest of several self-signatures, in any order',
      {
        selfSignatures: [
          { at: KEY_CREATED + 300 * DAY, expiresAfter: 2 * YEAR },
          { at: KEY_CREATED, expiresAfter: 5 * YEAR },
        ],
      },
      [
        [729, 'good'],
        [730, /expired/],
      ],
    ],
    [
      'that was shortened is expired from the new end on',
      { selfSignatures: [{}, { at: KEY_CREATED + DAY, expiresAfter: 30 * DAY }] },
      [
        [29, 'good'],
        [30, /expired/],
      ],
    ],
    [
      'with flags that only certify may not sign',
      { selfSignatures: [{ flags: 0x01 }] },
      [[1, /the key flags of [0-9a-f]{40} do not allow it to sign/]],
    ],
    [
      'revoked as compromised never was good',
      { revocations: [{ at: KEY_CREATED + 100 * DAY, reason: COMPROMISED }] },
      [
        [1, /was revoked as compromised on 2024-04-10T00:00:00Z/],
        [200, /was revoked as compromised/],
      ],
    ],
    [
      'revoked without a reason never was good',
      { revocations: [{ at: KEY_CREATED + 100 * DAY }] },
      [[1, /was revoked without a reason/]],
    ],
    [
      'revoked for a reason that we do not know never was good',
      { revocations: [{ at: KEY_CREATED + 100 * DAY, reason: 100 }] },
      [[1, /was revoked for a reason unknown to us/]],
    ],
    [
      'that was retired is good until then',
      { revocations: [{ at: KEY_CREATED + 100 * DAY, reason: RETIRED }] },
      [
        [99, 'good'],
        [100, /was revoked as no longer used on 2024-04-10T00:00:00Z/],
      ],
    ],
    [
      'that was superseded, and revoked as compromised later, never was good',
      {
        revocations: [
          { at: KEY_CREATED + 100 * DAY, reason: SUPERSEDED },
          { at: KEY_CREATED + 200 * DAY, reason: COMPROMISED },
        ],
      },
      [[1, /as compromised/]],
    ],
  ])('%s', async (_, changes, rows) => {
    const certificate = certificateIn(await signer.certificateWith(changes));
    const assessed = await assessCertificate(certificate, signer.fingerprint, []);
    expect(rows.map(([day]) => verdictAt(assessed, day))).toEqual(rows.map(expected));
  });

  it('without a valid self-signature is none', async () => {
    const other = await createSigner();
    const ownPackets = [...readPackets(signer.certificate)];
    const othersPackets = [...readPackets(other.certificate)];
    const stolen = [...ownPackets.slice(0, 1), ...othersPackets.slice(1)];
    const certificate = certificateIn(Buffer.concat(stolen.map(writePacket)));
    await expect(assessCertificate(certificate, signer.fingerprint, [])).rejects.toThrow(
      'no user ID with a valid self-signature',
    );
  });

  it('ignores a self-signature that was changed, as if it were not there', async () => {
    const bytes = await signer.certificateWith({
      selfSignatures: [{}, { at: KEY_CREATED + DAY, expiresAfter: 10 * YEAR }],
    });
    const forged = Buffer.from(bytes);
    forged.writeUInt8(forged.readUInt8(forged.length - 1) ^ 1, forged.length - 1);
    const assessed = await assessCertificate(certificateIn(forged), signer.fingerprint, []);
    expect(assessed.primary.expires).toBe(KEY_CREATED + YEAR);
  });

  it('keeps its expiry when a newer direct-key signature says nothing of it', async () => {
    const revoker = await createSigner();
    const bytes = await signer.certificateWith({ revoker: revoker.fingerprint });
    const assessed = await assessCertificate(certificateIn(bytes), signer.fingerprint, []);
    expect(assessed).toMatchObject({
      maySign: true,
      primary: { expires: KEY_CREATED + YEAR, revocations: [] },
    });
  });
});

it.each([
  ['self-signatures', signatureType.positiveCertification],
  ['revocations', signatureType.keyRevocation],
])(
  'a certificate with more forged %s than anybody needs is refused, because each costs a verification',
  async (_, type) => {
    const [key, userId, selfSignature] = [...readPackets(signer.certificate)];
    const body = Buffer.from(selfSignature?.body ?? []);
    body.writeUInt8(type, 1);
    const forged = Array.from({ length: 1001 }, (_, number) => {
      body.writeUInt16BE(number, body.length - 2);
      return writePacket({ tag: packetTag.signature, body });
    });
    const own = [key, userId, selfSignature].map((packet) => writePacket(packet ?? expect.fail('no packet')));
    const flooded = certificateIn(Buffer.concat([...own, ...forged]));
    await expect(assessCertificate(flooded, signer.fingerprint, [])).rejects.toThrow(
      /has [0-9]+ signatures in its own name, expected at most 1000$/,
    );
  },
);

describe('user IDs', () => {
  it('are those with a valid self-signature that is not revoked', async () => {
    const two = await createSigner({ userIds: ['One <one@charts.example>', 'Two <two@charts.example>'] });
    const packets = [...readPackets(two.certificate)];
    const revoke = async (at: number): Promise<Certificate> => {
      const [, userId] = packets;
      const revocation = await two.certify(
        signatureType.certificationRevocation,
        { ...two.signedKey(), userID: { write: () => userId?.body } },
        at,
        {},
      );
      const all = packets.map(writePacket);
      return certificateIn(Buffer.concat([...all.slice(0, 3), revocation, ...all.slice(3)]));
    };
    const later = await assessCertificate(await revoke(KEY_CREATED + DAY), two.fingerprint, []);
    expect(later.userIds).toEqual(['Two <two@charts.example>']);
    const reinstated = await assessCertificate(await revoke(KEY_CREATED - DAY), two.fingerprint, []);
    expect(reinstated.userIds).toEqual(['One <one@charts.example>', 'Two <two@charts.example>']);
  });
});

describe('a signing subkey', () => {
  it.each<[string, CertificateChanges, Row[]]>([
    [
      'is good from its own creation until its own end',
      {},
      [
        [9, /was created on 2024-01-11/],
        [10, 'good'],
        [109, 'good'],
        [110, /expired on 2024-04-20/],
      ],
    ],
    [
      'is not good when its primary key is expired',
      { selfSignatures: [{ expiresAfter: 50 * DAY }] },
      [
        [49, 'good'],
        [50, /expired on 2024-02-20/],
      ],
    ],
    [
      'lives by the newest binding',
      { bindings: [{}, { at: KEY_CREATED + 105 * DAY, expiresAfter: 200 * DAY }] },
      [
        [209, 'good'],
        [210, /expired/],
      ],
    ],
    [
      'may sign only if its binding says so',
      { bindings: [{ flags: 0x0c }] },
      [[20, /do not allow it to sign/]],
    ],
    [
      'revoked as compromised never was good',
      { subkeyRevocations: [{ at: KEY_CREATED + 100 * DAY, reason: COMPROMISED }] },
      [[20, /was revoked as compromised/]],
    ],
    [
      'that was retired is good until then',
      { subkeyRevocations: [{ at: KEY_CREATED + 50 * DAY, reason: RETIRED }] },
      [
        [49, 'good'],
        [50, /was revoked as no longer used/],
      ],
    ],
    [
      'of a primary key revoked as compromised never was good',
      { revocations: [{ at: KEY_CREATED + 100 * DAY, reason: COMPROMISED }] },
      [[20, /was revoked as compromised/]],
    ],
  ])('%s', async (_, changes, rows) => {
    const certificate = certificateIn(await withSubkey.certificateWith(changes));
    const assessed = await assessCertificate(certificate, withSubkey.signingFingerprint, []);
    expect(rows.map(([day]) => verdictAt(assessed, day))).toEqual(rows.map(expected));
  });

  it('without a binding does not belong to the certificate', async () => {
    const certificate = certificateIn(await withSubkey.certificateWith({ bindings: [] }));
    await expect(assessCertificate(certificate, withSubkey.signingFingerprint, [])).rejects.toThrow(
      'it has no valid binding signature',
    );
  });

  it('of another certificate does not belong to this one', async () => {
    await expect(
      assessCertificate(certificateIn(signer.certificate), withSubkey.signingFingerprint, []),
    ).rejects.toThrow('does not belong to');
  });
});

describe('a revocation', () => {
  let revoker: TestSigner;
  beforeAll(async () => {
    revoker = await createSigner();
  });
  const at = KEY_CREATED + 100 * DAY;

  it('by a stranger does not count', async () => {
    const bytes = await signer.certificateWith({ revocations: [{ at, by: revoker }] });
    const assessed = await assessCertificate(certificateIn(bytes), signer.fingerprint, [
      certificateIn(revoker.certificate),
    ]);
    expect(assessed.primary.revocations).toEqual([]);
  });

  it('by a designated revoker counts', async () => {
    const bytes = await signer.certificateWith({
      revoker: revoker.fingerprint,
      revocations: [{ at, by: revoker, reason: RETIRED }],
    });
    const assessed = await assessCertificate(certificateIn(bytes), signer.fingerprint, [
      certificateIn(revoker.certificate),
    ]);
    expect(assessed.primary.revocations).toMatchObject([{ hard: false, at }]);
    expect(verdictAt(assessed, 101)).toContain(`by the designated revoker ${revoker.fingerprint}`);
  });

  it('by a designated revoker whose key is not at hand counts as compromised, because it cannot be checked', async () => {
    const bytes = await signer.certificateWith({
      revoker: revoker.fingerprint,
      revocations: [{ at, by: revoker, reason: RETIRED }],
    });
    const assessed = await assessCertificate(certificateIn(bytes), signer.fingerprint, []);
    expect(verdictAt(assessed, 1)).toContain('whose key is not at hand');
  });

  it.each([
    ['in the name of the key itself', false],
    ['in the name of a designated revoker', true],
  ])('that was forged %s does not count', async (_, designated) => {
    const bytes = await signer.certificateWith({
      revoker: revoker.fingerprint,
      revocations: [{ at, ...(designated && { by: revoker }) }],
    });
    const packets = [...readPackets(bytes)].map(({ tag, body }, index) => {
      const forged = Buffer.from(body);
      if (index === 1) forged.writeUInt8(forged.readUInt8(forged.length - 1) ^ 1, forged.length - 1);
      return { tag, body: forged };
    });
    const certificate = certificateIn(Buffer.concat(packets.map(writePacket)));
    expect(packets[1]?.tag).toBe(packetTag.signature);
    const assessed = await assessCertificate(certificate, signer.fingerprint, [
      certificateIn(revoker.certificate),
    ]);
    expect(assessed.primary.revocations).toEqual([]);
  });

  it('of the key counts wherever in the certificate it stands', async () => {
    const bytes = await withSubkey.certificateWith({ revocations: [{ at, reason: COMPROMISED }] });
    const [key, revocation, ...others] = [...readPackets(bytes)].map(writePacket);
    const moved = Buffer.concat([key, ...others, revocation].filter((packet) => packet !== undefined));
    const assessed = await assessCertificate(certificateIn(moved), withSubkey.signingFingerprint, []);
    expect(assessed.primary.revocations).toMatchObject([{ hard: true, at }]);
  });
});

function verdictAt(assessed: Parameters<typeof judgeSignerAt>[0], day: number): string {
  const judged = judgeSignerAt(assessed, KEY_CREATED + day * DAY);
  return judged.ok ? 'good' : judged.reason;
}

function expected([, verdict]: Row): unknown {
  return verdict === 'good' ? verdict : expect.stringMatching(verdict);
}

function certificateIn(bytes: Uint8Array): Certificate {
  const [certificate] = readCertificates(bytes);
  if (certificate === undefined) throw new Error('no certificate');
  return certificate;
}
