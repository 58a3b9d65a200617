import { X509Certificate } from '@sigstore/core';
import { beforeAll, describe, expect, test } from 'vitest';
import { parseBundles } from '../../src/evidence/parse-bundle.ts';
import { Certificates } from '../../src/evidence/remembered-certificates.ts';
import { bundleEvidence } from '../../src/proving/judge-bundle-file.ts';
import { once } from '../../src/proving/signed-image.ts';
import { parseSigstoreTrust, type SigstoreTrust } from '../../src/trust/sigstore-trust.ts';
import { judgeBundle } from '../../src/verification/bundle-report.ts';
import {
  bundleBytes,
  bundleCases,
  judgeBytes,
  vectorTrust,
  type BundleCase,
} from '../support/bundle-vectors.ts';
import { ForgedSigstore, SIGNED_AT, type Signer } from '../support/forged-sigstore.ts';
import { vectors } from '../support/vectors.ts';

const FILE = Buffer.from('a file');
const IDENTITY = {
  words: 'a',
  matches: (name: string) => name === 'a@example.com',
  issuer: 'https://issuer.example',
};

/** Judges a signature that the log says was there at this time, by a root that may have judged others. */
async function judgedAt(sigstore: ForgedSigstore, signer: Signer, trust: SigstoreTrust, at: number) {
  sigstore.loggedAt = at;
  const [bundle] = parseBundles(Buffer.from(JSON.stringify(sigstore.message(FILE, signer))));
  if (bundle === undefined) throw new Error('there is no bundle');
  const wanted = { identities: [IDENTITY], keys: [] };
  const evidence = await bundleEvidence(bundle, 'it', () => once(FILE), wanted, trust, SIGNED_AT + 1e6);
  const { kind, checks } = await judgeBundle(evidence);
  return [kind, checks.find(({ outcome }) => outcome === 'failed')?.id];
}

describe('a certificate that was judged before', () => {
  const sigstore = new ForgedSigstore();
  const trustOf = (of: ForgedSigstore) => parseSigstoreTrust(JSON.parse(of.trustedRoot()));
  const good = ['proven', undefined];
  const bad = ['refuted', 'certificate'];

  test('counts for the time of each signature, whichever came first', async () => {
    const times: readonly (readonly [number, unknown])[] = [
      [SIGNED_AT, good],
      [SIGNED_AT + 700, bad],
      [SIGNED_AT + 1, good],
      [SIGNED_AT - 100, bad],
    ];
    for (const order of [times, [...times].reverse()]) {
      const [signer, trust] = [sigstore.signer(), trustOf(sigstore)];
      for (const [at, expected] of order)
        expect(await judgedAt(sigstore, signer, trust, at), `${at - SIGNED_AT}`).toEqual(expected);
    }
  });

  test('is that of another root no sooner than that vouches for it', async () => {
    const other = new ForgedSigstore();
    const signer = sigstore.signer();
    expect(await judgedAt(sigstore, signer, trustOf(sigstore), SIGNED_AT)).toEqual(good);
    expect((await judgedAt(sigstore, signer, trustOf(other), SIGNED_AT))[0]).toBe('refuted');
    // The CA is of the one root, the logs of the other.
    const mixed = { ...trustOf(sigstore), certificateAuthorities: trustOf(other).certificateAuthorities };
    expect(await judgedAt(sigstore, signer, mixed, SIGNED_AT)).toEqual(bad);
    const expired = trustOf(sigstore).certificateAuthorities.map((each) => ({
      ...each,
      validUntil: SIGNED_AT - 1,
    }));
    const late = { ...trustOf(sigstore), certificateAuthorities: expired };
    expect(await judgedAt(sigstore, signer, late, SIGNED_AT)).toEqual(bad);
  });

  test('excuses none that was changed in one bit', async () => {
    const [signer, trust] = [sigstore.signer(), trustOf(sigstore)];
    const { certificate = Buffer.of() } = signer;
    expect(await judgedAt(sigstore, signer, trust, SIGNED_AT)).toEqual(good);
    const forged = Buffer.from(certificate);
    forged[forged.length - 1] = (forged.at(-1) ?? 0) ^ 1;
    expect(await judgedAt(sigstore, { ...signer, certificate: forged }, trust, SIGNED_AT)).toEqual(bad);
    expect(await judgedAt(sigstore, signer, trust, SIGNED_AT)).toEqual(good);
  });

  test('without the word of a log of certificates is none, also beside one that has it', async () => {
    const [signer, trust] = [sigstore.signer(), trustOf(sigstore)];
    expect(await judgedAt(sigstore, signer, trust, SIGNED_AT)).toEqual(good);
    for (let time = 0; time < 2; time++)
      expect(await judgedAt(sigstore, sigstore.signer({ hasTimestamp: false }), trust, SIGNED_AT)).toEqual(
        bad,
      );
    expect(await judgedAt(sigstore, signer, trust, SIGNED_AT)).toEqual(good);
  });

  test('is the same object for the same bytes, and its copies can be changed without harm', () => {
    const certificates = new Certificates();
    const der = sigstore.signer().certificate ?? Buffer.of();
    const remembered = certificates.of(der);
    expect(certificates.of(Uint8Array.from(der))).toBe(remembered);
    const library = X509Certificate.parse(Buffer.from(der));
    for (let time = 0; time < 2; time++) {
      const [copy, other] = [remembered.clone(), library.clone()];
      expect(copy.extensions).toHaveLength(library.extensions.length);
      for (const each of [copy, other]) each.extensions.splice(1, 1);
      expect(copy.tbsCertificate.toDER().equals(other.tbsCertificate.toDER())).toBe(true);
      expect(copy.root.toDER().equals(Buffer.from(der))).toBe(false);
    }
    expect(remembered.root.toDER().equals(Buffer.from(der))).toBe(true);
    expect(remembered.equals(library) && library.equals(remembered)).toBe(true);
  });
});

describe.skipIf(vectors === undefined)('bundles that are judged by one root (needs the vectors)', () => {
  let cases: readonly BundleCase[];
  beforeAll(() => {
    cases = bundleCases()
      .filter(({ archive }) => archive === 'hello-0.1.0.tgz')
      // One is no bundle at all.
      .filter(({ bundle }) => bundle !== 'bad/message-no-entry.sigstore.json');
  });

  test('come to what each of them comes to alone, in any order', async () => {
    const judge = async (each: BundleCase, trust: SigstoreTrust) => {
      const { kind, checks } = await judgeBytes(bundleBytes(each.bundle), each, { trust });
      return { bundle: each.bundle, kind, checks };
    };
    const alone = [];
    for (const each of cases) alone.push(await judge(each, vectorTrust()));
    expect(new Set(alone.map(({ kind }) => kind)).size).toBe(2);
    for (const isReversed of [false, true]) {
      const trust = vectorTrust();
      const together = [];
      for (const each of isReversed ? [...cases].reverse() : cases) together.push(await judge(each, trust));
      for (const each of cases) expect(await judge(each, trust)).toEqual(alone[cases.indexOf(each)]);
      expect(isReversed ? together.reverse() : together).toEqual(alone);
    }
  });
});
