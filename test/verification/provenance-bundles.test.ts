import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chartArchive } from '../support/chart.ts';
import { plainSignatureOf } from '../support/plain-signature.ts';
import { runProgram } from '../support/program.ts';
import { SignatureLog, type PlainSignature, type Taking } from '../support/signature-log.ts';
import {
  CHART_SIGNED,
  createSigner,
  DAY,
  type CertificateChanges,
  type TestSigner,
} from '../support/signer.ts';
import { Folder } from '../support/world/folder.ts';
import { BUNDLE_LOGGED, bundleForgeries, type ChangedBundle } from './lies/provenance-bundles.ts';

const LOGGED = BUNDLE_LOGGED;
const NAME = 'hello-0.1.0.tgz';

describe('a bundle that shows the signature of a provenance', () => {
  const log = new SignatureLog();
  let folder: Folder;
  let signer: TestSigner;
  let archive: Uint8Array;
  let provenance: Uint8Array;
  let signed: PlainSignature;

  beforeAll(async () => {
    folder = await Folder.create();
    signer = await createSigner({ algorithm: 'p256' });
    archive = await chartArchive('hello', '0.1.0');
    provenance = await signer.sign('hello', '0.1.0', archive, { hash: 'sha256' });
    signed = plainSignatureOf(provenance, signer.certificate);
  });

  afterAll(async () => {
    await folder.close();
  });

  const bundleOf = (of: PlainSignature = signed, taking: Partial<Taking> = {}): ChangedBundle =>
    log.bundle(of, { at: LOGGED, ...taking }) as ChangedBundle;

  /** What lies there, and who looks at it. */
  interface Case {
    readonly bundle?: object | string;
    readonly provenance?: Uint8Array;
    readonly certificate?: Uint8Array;
    readonly root?: object;
    readonly now?: number;
    readonly words?: readonly string[];
  }

  let cases = 0;
  async function verify({ bundle = bundleOf(), root = log.trustedRoot(), ...others }: Case = {}) {
    const directory = await folder.subdirectory(`case-${cases++}`);
    const path = join(directory, NAME);
    const [keyring, rootFile] = [join(directory, 'keyring.gpg'), join(directory, 'root.json')];
    await writeFile(path, archive);
    await writeFile(`${path}.prov`, others.provenance ?? provenance);
    await writeFile(keyring, others.certificate ?? signer.certificate);
    await writeFile(rootFile, JSON.stringify(root));
    await writeFile(
      `${path}.prov.sigstore.json`,
      typeof bundle === 'string' ? bundle : JSON.stringify(bundle),
    );
    const { words = [], now = LOGGED + DAY } = others;
    const options = ['--offline', '--keyring', keyring, '--trusted-root', rootFile, '--output', 'json'];
    const ran = await runProgram(['verify', path, ...options, ...words], { home: directory, now });
    return { ...ran, ...readDocument(ran.stdout) };
  }

  interface Answer {
    readonly verdict?: string;
    readonly profile?: string;
    readonly failed: readonly string[];
    readonly skipped: readonly string[];
    readonly warnings?: readonly string[];
  }

  function readDocument(stdout: string): Answer {
    const { results } = JSON.parse(stdout) as {
      results: {
        verdict?: string;
        evidences?: { profile: string; checks: { id: string; outcome: string }[]; warnings: string[] }[];
      }[];
    };
    const { verdict, evidences: [evidence] = [] } = results[0] ?? {};
    const these = (outcome: string) =>
      (evidence?.checks ?? []).filter((each) => each.outcome === outcome).map(({ id }) => id);
    return {
      ...(verdict !== undefined && { verdict }),
      ...(evidence && { profile: evidence.profile, warnings: evidence.warnings }),
      failed: these('failed'),
      skipped: these('skipped'),
    };
  }

  it('proves it by a Rekor v2, whose time is that of a timestamp', async () => {
    expect(await verify()).toMatchObject({
      status: 0,
      stderr: '',
      verdict: 'verified',
      profile: 'openpgp-bundle',
      skipped: ['inclusion-promise', 'consistency'],
    });
  });

  it('proves it by a Rekor v1, whose time is that of its promise', async () => {
    const bundle = bundleOf(signed, { version: 1 });
    expect(await verify({ bundle })).toMatchObject({
      status: 0,
      verdict: 'verified',
      skipped: ['consistency'],
    });
  });

  /** Provenances of the same archive by the same key, and by another one, with what a log holds of them. */
  const again = async (by = signer, at = CHART_SIGNED + 1) => {
    const other = await by.sign('hello', '0.1.0', archive, { hash: 'sha256', at });
    return plainSignatureOf(other, by.certificate);
  };
  const stranger = async () => await createSigner({ algorithm: 'p256' });

  const changed = async (change: (bundle: ChangedBundle) => unknown, taking: Partial<Taking> = {}) => {
    const bundle = structuredClone(bundleOf(signed, taking));
    await change(bundle);
    return bundle;
  };
  const hintOf = async (other: Promise<TestSigner>) =>
    bundleOf(await again(await other)).verificationMaterial.publicKey.hint;

  it('proves it by the one of several that has what is required', async () => {
    const promised = await changed(
      (each) => {
        const [entry] = each.verificationMaterial.tlogEntries;
        each.mediaType = 'application/vnd.dev.sigstore.bundle+json;version=0.1';
        delete entry?.inclusionProof;
      },
      { version: 1 },
    );
    const both = [promised, bundleOf()].map((each) => JSON.stringify(each));
    const words = ['--require-proof'];
    expect(await verify({ bundle: both[0] ?? '', words })).toMatchObject({ status: 5, verdict: 'unchecked' });
    for (const lines of [both, both.toReversed()])
      expect(await verify({ bundle: lines.join('\n'), words })).toMatchObject({
        status: 0,
        skipped: ['inclusion-promise', 'consistency'],
      });
  });

  it.each(bundleForgeries)('one $name is not accepted, by $caughtBy', async ({ caughtBy, forge }) => {
    const forger = { signed, bundleOf, changed, again, stranger, hintOf };
    const answer = await verify({ bundle: await forge(forger) });
    expect(answer).toMatchObject({ status: 10, verdict: 'rejected', profile: 'openpgp-bundle' });
    expect(answer.failed[0]).toBe(caughtBy);
  });

  const malformed: readonly [string, () => object | string | Promise<object | string>][] = [
    [
      'without a proof',
      () =>
        changed((each) => {
          delete each.verificationMaterial.tlogEntries[0]?.inclusionProof;
        }),
    ],
    [
      'with two entries',
      () =>
        changed((each) => {
          const { tlogEntries } = each.verificationMaterial;
          tlogEntries.push(...tlogEntries);
        }),
    ],
    ['with an unknown member', () => changed((each) => Object.assign(each, { certified: true }))],
    ['of a version that nobody knows', () => changed((each) => (each.mediaType = 'application/other'))],
    ['that is cut off', () => JSON.stringify(bundleOf()).slice(0, -1)],
    ['that is empty', () => ''],
  ];

  it.each(malformed)('one %s cannot be read: it does not count as missing', async (_, forge) => {
    const answer = await verify({ bundle: await forge() });
    expect(answer).toMatchObject({ status: 3, failed: [] });
    expect(answer.verdict).toBeUndefined();
  });

  it('one with a statement, or with a certificate, is none of a provenance', async () => {
    const statement = changed((each) =>
      Object.assign(each, {
        messageSignature: undefined,
        dsseEnvelope: {
          payload: 'e30=',
          payloadType: 'application/vnd.in-toto+json',
          signatures: [{ sig: 'YQ==' }],
        },
      }),
    );
    const certificate = changed((each) =>
      Object.assign(each.verificationMaterial, {
        publicKey: undefined,
        certificate: { rawBytes: Buffer.from([0x30, 0]).toString('base64') },
      }),
    );
    for (const bundle of [await statement, await certificate])
      expect((await verify({ bundle })).failed[0]).toBe('bundle-binding');
  });

  it('the key of a log, and that of an authority, counts as long as it is said to', async () => {
    const end = LOGGED - 1;
    const cases: [object, Partial<Taking>, string | undefined][] = [
      [log.trustedRoot({ log: end }), {}, 'log-key'],
      [log.trustedRoot({ log: end }), { version: 1 }, 'log-key'],
      [log.trustedRoot({ authority: end }), {}, 'signed-time'],
      [log.trustedRoot({ authority: end }), { version: 1 }, undefined],
      [log.trustedRoot({ log: LOGGED, authority: LOGGED }), {}, undefined],
    ];
    for (const [root, taking, check] of cases)
      expect((await verify({ root, bundle: bundleOf(signed, taking) })).failed[0]).toBe(check);
  });

  it('where the trusted root knows no log of it, the user is told which option names another', async () => {
    const answer = await verify({ root: new SignatureLog().trustedRoot() });
    expect(answer.failed[0]).toBe('log-key');
    expect(answer.stderr).toContain('--trusted-root');
  });

  describe('the key of the signer', () => {
    const byKey = async (changes: CertificateChanges) =>
      await verify({ certificate: await signer.certificateWith(changes) });

    it('that expired before the signature was there is not good, whatever the signature says', async () => {
      const created = CHART_SIGNED - 10 * DAY;
      const lasting = await createSigner({ algorithm: 'p256', created, expiresAfter: 10 * DAY + 30 });
      const own = await lasting.sign('hello', '0.1.0', archive, { hash: 'sha256' });
      const plain = plainSignatureOf(own, lasting.certificate);
      const cases = [
        [CHART_SIGNED + 29, undefined],
        [CHART_SIGNED + 31, 'signer-key'],
      ] as const;
      for (const version of [1, 2] as const)
        for (const [at, check] of cases) {
          const bundle = bundleOf(plain, { at, version });
          const answer = await verify({ bundle, provenance: own, certificate: lasting.certificate });
          expect(answer.failed[0]).toBe(check);
          expect(answer.status).toBe(check === undefined ? 0 : 10);
        }
    });

    it('that was revoked as compromised never was good', async () => {
      const answer = await byKey({ revocations: [{ at: LOGGED + 10, reason: 2 }] });
      expect(answer.failed).toEqual(['signer-key']);
    });

    it('that was retired later was good, and there is a warning', async () => {
      const answer = await byKey({ revocations: [{ at: LOGGED + 10, reason: 3 }] });
      expect(answer).toMatchObject({ status: 0, verdict: 'verified' });
      expect(answer.warnings?.join()).toContain('the key was revoked');
    });

    it('that was retired before is not', async () => {
      const answer = await byKey({ revocations: [{ at: LOGGED - 10, reason: 3 }] });
      expect(answer.failed).toEqual(['signer-key']);
    });

    it('may be a subkey, and then its own key is the one that is logged', async () => {
      const other = await createSigner({ algorithm: 'p256', subkey: {} });
      const own = await other.sign('hello', '0.1.0', archive, { hash: 'sha256' });
      const bundle = bundleOf(plainSignatureOf(own, other.certificate));
      const { certificate } = other;
      expect(await verify({ bundle, provenance: own, certificate })).toMatchObject({ status: 0 });
    });
  });

  it.each([
    ['rsa2048', 'of RSA 2048 it takes signatures over SHA-256, and this one is over SHA-512'],
    ['p256', 'of ECDSA P-256 it takes signatures over SHA-256, and this one is over SHA-512'],
    ['ed25519', 'it takes no signatures by keys of Ed25519'],
  ] as const)('a log that took what no Rekor takes does not count (%s)', async (algorithm, reason) => {
    const other = await createSigner({ algorithm });
    const own = await other.sign('hello', '0.1.0', archive);
    const bundle = bundleOf(plainSignatureOf(own, other.certificate));
    const answer = await verify({ bundle, provenance: own, certificate: other.certificate });
    expect(answer.failed[0]).toBe('bundle-binding');
    expect(answer.stderr).toContain(reason);
  });

  it('of another archive it proves nothing', async () => {
    const own = await signer.sign('hello', '0.1.0', Buffer.from('another'), { hash: 'sha256' });
    const bundle = bundleOf(plainSignatureOf(own, signer.certificate));
    const answer = await verify({ bundle, provenance: own });
    expect(answer).toMatchObject({ status: 10, verdict: 'rejected' });
    expect(answer.failed[0]).toBe('archive-digest');
  });

  it('no flipped bit of it is accepted', async () => {
    const text = JSON.stringify(bundleOf());
    const accepted: string[] = [];
    for (const at of sampledPlaces(text)) {
      const bytes = Buffer.from(text);
      bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
      const { status } = await verify({ bundle: bytes.toString('latin1') });
      if (status === 0) accepted.push(text.slice(at - 20, at + 5));
    }
    expect(accepted).toEqual([]);
  });

  /** Every 97th character, or each of them in CI would take minutes. */
  function sampledPlaces(text: string): readonly number[] {
    return Array.from({ length: Math.ceil(text.length / 97) }, (_, number) => number * 97);
  }

  it('proof that is required is there, and consistency that is required is not', async () => {
    expect(await verify({ words: ['--require', 'openpgp', '--require-proof'] })).toMatchObject({ status: 0 });
    expect(await verify({ words: ['--require-consistency'] })).toMatchObject({
      status: 5,
      verdict: 'unchecked',
    });
  });
});
