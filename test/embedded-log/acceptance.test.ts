import { beforeAll, describe, expect, it } from 'vitest';
import { acceptEntry } from '../../src/embedded-log/entry/acceptance.ts';
import { encodeHex, encodeUtf8 } from '../../src/encoding.ts';
import { sha256Hex } from '../../src/digest.ts';
import { encodeArmor } from '../../src/openpgp/armor.ts';
import { parseHelmEntry } from '../../src/rekor/helm-entry.ts';
import { leafHash } from '../../src/tlog/merkle.ts';
import { CHART_SIGNED, createSigner, DAY, KEY_CREATED, type TestSigner } from '../support/signer.ts';
import { readVector, readVectorJson, vectors } from '../support/vectors.ts';
import { STRICTER } from './deviations.ts';

const archive = encodeUtf8('an archive');
const accept = (publicKey: Uint8Array, provenance: Uint8Array) => acceptEntry({ publicKey, provenance });
const UNKNOWN = 'openpgp: signature made by unknown entity';

describe('acceptEntry', () => {
  let signer: TestSigner;
  let provenance: Uint8Array;
  beforeAll(async () => {
    signer = await createSigner({
      userIds: ['One <One@Charts.example>', 'no address', 'two@charts.example'],
    });
    provenance = await signer.sign('mychart', '1.2.3', archive);
  });

  it('the leaf holds digest, signature and key, and is found by each of them', async () => {
    const { body, indexKeys } = await accept(signer.certificate, provenance);
    const entry = parseHelmEntry(body);
    expect(entry.sha256).toBe(sha256Hex(archive));
    expect(entry.certificates.map(({ primary }) => primary.fingerprint)).toEqual([signer.fingerprint]);
    const armored = encodeArmor('PGP PUBLIC KEY BLOCK', signer.certificate);
    expect(indexKeys).toEqual([
      `sha256:${sha256Hex(archive)}`,
      sha256Hex(encodeUtf8(armored)),
      'One@Charts.example',
      'two@charts.example',
    ]);
  });

  it('an armored key gives the same leaf as a binary one, whatever its headers', async () => {
    const { body } = await accept(signer.certificate, provenance);
    const withHeaders = signer.armored.replace('\n\n', '\nComment: hello\n\n');
    for (const text of [signer.armored, withHeaders, signer.armored.replaceAll('\n', '\r\n')])
      expect(encodeHex((await accept(encodeUtf8(text), provenance)).body)).toBe(encodeHex(body));
  });

  it('several keys are all stored, in their order; one of them must have signed', async () => {
    const other = await createSigner();
    const { body } = await accept(Buffer.concat([other.certificate, signer.certificate]), provenance);
    const fingerprints = parseHelmEntry(body).certificates.map(({ primary }) => primary.fingerprint);
    expect(fingerprints).toEqual([other.fingerprint, signer.fingerprint]);
    const two = encodeUtf8(other.armored + signer.armored);
    expect(encodeHex((await accept(two, provenance)).body)).toBe(encodeHex(body));
    await expect(accept(other.certificate, provenance)).rejects.toThrow(UNKNOWN);
  });

  it('a user ID that the key does not vouch for is not stored, and not found', async () => {
    const forged = Buffer.concat([
      signer.certificate,
      Buffer.from([0xcd, 4]),
      encodeUtf8('x@y.z').subarray(0, 4),
    ]);
    const { body, indexKeys } = await accept(forged, provenance);
    expect(encodeHex(body)).toBe(encodeHex((await accept(signer.certificate, provenance)).body));
    expect(indexKeys).not.toContain('x@y.');
  });

  it('a signing subkey is accepted with its binding, and not without', async () => {
    const owner = await createSigner({ subkey: {} });
    const signed = await owner.sign('mychart', '1.2.3', archive);
    await expect(accept(owner.certificate, signed)).resolves.toBeDefined();
    const unbound = await owner.certificateWith({ bindings: [] });
    await expect(accept(unbound, signed)).rejects.toThrow('openpgp: ');
    const noBack = await owner.certificateWith({ bindings: [{ backSignature: false }] });
    await expect(accept(noBack, signed)).rejects.toThrow('did not sign its binding in turn');
  });

  it('a changed text is refused', async () => {
    const text = Buffer.from(provenance).toString('latin1').replace('version: 1.2.3', 'version: 1.2.4');
    await expect(accept(signer.certificate, Buffer.from(text, 'latin1'))).rejects.toThrow(
      /^openpgp: invalid signature: \w+ verification failure$/,
    );
  });

  it.each([
    ['revoked as compromised after it signed', { revocations: [{ at: CHART_SIGNED + DAY, reason: 2 }] }],
    ['revoked without a reason after it signed', { revocations: [{ at: CHART_SIGNED + DAY }] }],
    ['retired before it signed', { revocations: [{ at: CHART_SIGNED - DAY, reason: 3 }] }],
  ])('a key that was %s is refused', async (_, changes) => {
    const certificate = await signer.certificateWith(changes);
    await expect(accept(certificate, provenance)).rejects.toThrow('openpgp: signature made by revoked key');
  });

  it('a key that was retired after it signed is accepted, and its revocation stored', async () => {
    const changes = { revocations: [{ at: CHART_SIGNED + DAY, reason: 3 }] };
    const { body } = await accept(await signer.certificateWith(changes), provenance);
    expect(parseHelmEntry(body).certificates[0]?.signatures).toHaveLength(1);
  });

  it.each([
    ['whose only self-signature is younger', [{ at: CHART_SIGNED + DAY }]],
    ['that was renewed since', [{ expiresAfter: 300 * DAY }, { at: CHART_SIGNED + DAY }]],
  ])('a key %s than the signature is refused', async (_, selfSignatures) => {
    const certificate = await signer.certificateWith({ selfSignatures });
    await expect(accept(certificate, provenance)).rejects.toThrow('openpgp: signature expired');
  });

  it('a key that has expired is accepted if it had not when it signed', async () => {
    const days = (CHART_SIGNED - KEY_CREATED) / DAY;
    const until = (day: number) => signer.certificateWith({ selfSignatures: [{ expiresAfter: day * DAY }] });
    await expect(accept(await until(days + 1), provenance)).resolves.toBeDefined();
    await expect(accept(await until(days - 1), provenance)).rejects.toThrow('openpgp: key expired');
  });

  it('a key that may not sign is unknown', async () => {
    const certificate = await signer.certificateWith({ selfSignatures: [{ flags: 0x01 }] });
    await expect(accept(certificate, provenance)).rejects.toThrow(UNKNOWN);
  });

  it('weak keys are refused', async () => {
    const weak = await createSigner({ algorithm: 'rsa1024' });
    const signed = await weak.sign('mychart', '1.2.3', archive);
    await expect(accept(weak.certificate, signed)).rejects.toThrow('too weak');
  });

  it.each([
    ['nothing', new Uint8Array(), 'tag byte does not have MSB set'],
    ['text', encodeUtf8('hello'), 'tag byte does not have MSB set'],
    ['a key of an unknown version only', Buffer.from([0xc6, 2, 9, 9]), 'no PGP public keys could be read'],
    ['a packet that is cut', Buffer.from([0xc6, 100, 4]), 'error reading binary PGP public key'],
    ['armor of a message', encodeUtf8('-----BEGIN PGP MESSAGE-----\n\n'), 'invalid PGP type detected'],
    [
      'armor that is cut',
      encodeUtf8('-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n'),
      'error reading armored PGP public key',
    ],
  ])('a key that is %s is refused', async (_, key, message) => {
    await expect(accept(key, provenance)).rejects.toThrow(message);
  });
});

describe.skipIf(!vectors)('the labelled provenance files (needs the vectors)', () => {
  const { cases } = (vectors === undefined ? { cases: [] } : readVectorJson('provenance', 'cases.json')) as {
    cases: { case: string; rekor154: string }[];
  };
  const load = (name: string): [Uint8Array, Uint8Array] => [
    readVector('provenance', name, 'key.gpg'),
    readVector('provenance', name, 'mychart-0.1.0.tgz.prov'),
  ];

  it.each(cases.filter(({ rekor154 }) => rekor154 !== 'ok'))(
    'what Rekor refuses is refused: $case',
    async (row) => {
      await expect(accept(...load(row.case))).rejects.toThrow();
    },
  );

  it('what Rekor accepts is accepted, but for twelve', async () => {
    const refused: string[] = [];
    for (const { case: name } of cases.filter(({ rekor154 }) => rekor154 === 'ok'))
      await accept(...load(name)).catch(() => refused.push(name));
    const stricter = STRICTER.flatMap(({ cases = [] }) => cases);
    expect(refused.sort()).toEqual(stricter.sort());
  });
});

describe.skipIf(!vectors)("Rekor's own test entry (needs the vectors)", () => {
  it('has the leaf that Rekor gives it', async () => {
    const { spec } = readVectorJson('rekor', 'helm.json') as {
      spec: { publicKey: { content: string }; chart: { provenance: { content: string } } };
    };
    const { body } = await accept(
      Buffer.from(spec.publicKey.content, 'base64'),
      Buffer.from(spec.chart.provenance.content, 'base64'),
    );
    expect(encodeHex(leafHash(body))).toBe(
      '000a75d990e3832812609d61de8f41e9995fb59424e4449ecd4d2a7176455d2c',
    );
  });
});
