import { beforeAll, describe, expect, it } from 'vitest';
import { acceptEntry } from '../../src/embedded-log/entry/acceptance.ts';
import { KnownKeys } from '../../src/embedded-log/entry/known-keys.ts';
import { LIMITS } from '../../src/embedded-log/limits.ts';
import { parseSubmittedKey } from '../../src/embedded-log/entry/submitted-key.ts';
import { CHART_SIGNED, createSigner, DAY, KEY_CREATED, type TestSigner } from '../support/signer.ts';

const archive = Buffer.from('an archive');

describe('keys that the log remembers', () => {
  let signer: TestSigner;
  beforeAll(async () => {
    signer = await createSigner({ userIds: ['one@charts.example'] });
  });

  it('give the same entry as keys that are new', async () => {
    const known = new KnownKeys();
    const provenance = await signer.sign('mychart', '1.2.3', archive);
    const submitted = { publicKey: signer.certificate, provenance };
    const first = await acceptEntry(submitted, known);
    expect(known.find(signer.certificate)?.indexKeys).toContain('one@charts.example');
    expect(await acceptEntry(submitted, known)).toEqual(first);
    expect(await acceptEntry(submitted)).toEqual(first);
  });

  it('accept no forged signature', async () => {
    const known = new KnownKeys();
    const provenance = await signer.sign('mychart', '1.2.3', archive);
    await acceptEntry({ publicKey: signer.certificate, provenance }, known);
    const text = Buffer.from(provenance).toString('latin1').replace('version: 1.2.3', 'version: 1.2.4');
    const forged = { publicKey: signer.certificate, provenance: Buffer.from(text, 'latin1') };
    await expect(acceptEntry(forged, known)).rejects.toThrow('verification failure');
  });

  it('are judged at the time of each signature', async () => {
    const known = new KnownKeys();
    const days = (CHART_SIGNED - KEY_CREATED) / DAY;
    const certificate = await signer.certificateWith({
      selfSignatures: [{ expiresAfter: (days + 1) * DAY }],
    });
    const accept = async (at: number) =>
      await acceptEntry(
        { publicKey: certificate, provenance: await signer.sign('mychart', '1.2.3', archive, { at }) },
        known,
      );
    await accept(CHART_SIGNED);
    expect(known.find(certificate)).toBeDefined();
    await expect(accept(CHART_SIGNED + 2 * DAY)).rejects.toThrow('openpgp: key expired');
    await expect(accept(KEY_CREATED - DAY)).rejects.toThrow('openpgp: ');
  });

  it('are not those with which an entry was refused', async () => {
    const known = new KnownKeys();
    const other = await createSigner();
    const provenance = await other.sign('mychart', '1.2.3', archive);
    await expect(acceptEntry({ publicKey: signer.certificate, provenance }, known)).rejects.toThrow(
      'openpgp: signature made by unknown entity',
    );
    expect(known.find(signer.certificate)).toBeUndefined();
  });

  it('are as many as there is room for, the latest of them', () => {
    const known = new KnownKeys();
    const key = { ...parseSubmittedKey(signer.certificate), indexKeys: [] };
    const nameOf = (number: number) => Buffer.alloc(32 << 10, `${number};`);
    const count = 2 * Math.ceil(LIMITS.knownKeys / (16 * nameOf(0).length));
    for (let number = 0; number < count; number++) known.keep(nameOf(number), key);
    const kept = Array.from({ length: count }, (_, number) => known.find(nameOf(number))).filter(Boolean);
    expect(kept.length).toBeGreaterThan(0);
    expect(kept.length * 16 * nameOf(0).length).toBeLessThan(LIMITS.knownKeys);
    expect(known.find(nameOf(count - 1))).toBe(key);
    const large = Buffer.alloc(LIMITS.knownKeys / 16);
    known.keep(large, key);
    expect(known.find(large)).toBeUndefined();
  });
});
