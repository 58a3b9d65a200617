import { describe, expect, it } from 'vitest';
import { openKeyring } from '../../src/keyring/keyring.ts';
import { parseProvenance } from '../../src/provenance/provenance.ts';
import { verifyProvenance } from '../../src/provenance/verify.ts';
import { runProgram } from '../support/program.ts';
import { readVector, readVectorJson, vectorPath, vectors } from '../support/vectors.ts';

const NOW = Date.UTC(2026, 10, 25) / 1000;

/** What `inspect` makes of a provenance, as its exit status: 3 if it does not parse, or the copy of the key is not whole, 10 if it does not hold. */
type Outcome = 'accept' | 'reject 3' | 'reject 10';

const outcomes: Readonly<Record<string, Outcome>> = {
  'alg-dsa1024': 'reject 10',
  'alg-dsa2048': 'reject 10',
  'alg-dsa3072': 'reject 10',
  'alg-ecdsa-bp256': 'accept',
  'alg-ecdsa-bp384': 'accept',
  'alg-ecdsa-bp512': 'accept',
  'alg-ecdsa-p256': 'accept',
  'alg-ecdsa-p384': 'accept',
  'alg-ecdsa-p521': 'accept',
  'alg-rsa2048': 'accept',
  'alg-rsa4096': 'accept',
  'craft-adopted-subkey-first': 'accept',
  'craft-baseline': 'accept',
  'craft-issuer-fpr': 'accept',
  'craft-issuer-fpr-wrong-id-right': 'reject 10',
  'craft-issuer-unhashed': 'accept',
  'craft-issuer-wrong': 'reject 10',
  'craft-key-huge-image-attr': 'accept',
  'craft-key-unknown-version-key-first': 'accept',
  'craft-key-v3-first': 'accept',
  'craft-multi-bad-then-good': 'reject 3',
  'craft-multi-good-then-bad': 'reject 3',
  'craft-multi-v3-then-v4': 'reject 3',
  'craft-noncritical-unknown-subpacket': 'accept',
  'craft-sig-created-unhashed-only': 'reject 3',
  'craft-sig-no-created': 'reject 3',
  'craft-sig-then-garbage-packet': 'reject 3',
  'craft-sig-type-binary': 'accept',
  'craft-sig-unknown-version-then-good': 'reject 3',
  'craft-sig-v3': 'reject 3',
  'craft-subkey-encrypt-flag-only': 'reject 10',
  'craft-subkey-ok': 'accept',
  'craft-subkey-unbound': 'reject 10',
  'craft-uid-direct-and-uid': 'accept',
  // A copy of the key without its user ID and what is signed over it: nobody can judge the signature by it.
  'craft-uid-none-direct-key-sig': 'reject 3',
  'craft-uid-selfsig-corrupt': 'reject 10',
  'craft-uid-selfsig-md5': 'reject 10',
  'craft-uid-selfsig-sha1': 'accept',
  'digest-md5': 'reject 10',
  'digest-sha224': 'accept',
  'gpg24-ed448-v5key': 'reject 3',
  'key-armored': 'accept',
  'key-armored-two-blocks': 'accept',
  'key-scea-default-usage': 'accept',
  'key-secret-armored': 'accept',
  'multi-sig-only-first-key': 'reject 3',
  'multi-sig-only-second-key': 'reject 3',
  'rev-by-designated-revoker-compromised': 'reject 10',
  'rev-compromised-sig-after': 'reject 10',
  'rev-one-uid-revoked': 'accept',
  'rev-superseded-sig-after': 'reject 10',
  'rev-superseded-sig-before': 'accept',
  'selfsig-sha1-key-of-2014': 'accept',
  'sig-notation-noncritical': 'accept',
  'sq-rfc4880-cv25519': 'accept',
  'sq-rfc9580-cv25519': 'accept',
  'sq-rfc9580-rsa2k': 'accept',
  'subkey-expired-now-valid-at-sig': 'accept',
  'subkey-rsa-sign-primary-cert-only': 'accept',
  'text-armor-no-blank-after-headers': 'reject 3',
  'text-armor-no-crc': 'accept',
  'text-bare-cr-inserted': 'reject 3',
  'text-begin-line-trailing-space': 'reject 3',
  'text-body-no-final-newline': 'accept',
  'text-body-tampered-hash': 'reject 10',
  'text-body-trailing-ws-signed': 'accept',
  'text-bom': 'reject 3',
  'text-fake-separator-line': 'reject 3',
  'text-hash-header-md5-only': 'accept',
  'text-hash-header-mismatch': 'accept',
  'text-hash-header-two-lines': 'accept',
  'text-header-space-blank': 'reject 3',
  'text-header-text-injection': 'reject 3',
  'text-nbsp-trailing-added': 'reject 10',
  'text-no-final-newline': 'accept',
  'text-not-dash-escaped-gpg': 'reject 3',
  'text-sigtype-0x00-binary': 'accept',
  'text-text-before': 'reject 3',
  'text-two-blocks-good-good': 'reject 3',
  'text-two-signature-armors': 'reject 3',
  'text-undashed-yaml-list': 'reject 10',
  'time-key-reselfsigned-later-both-selfsigs': 'accept',
  'time-key-reselfsigned-later-minimal': 'accept',
  'time-sig-after-key-expiry': 'reject 10',
  'time-sig-after-old-expiry-key-extended': 'accept',
  'time-sig-before-extension-key-extended-later': 'accept',
  'time-sig-expired': 'reject 10',
  'time-sig-in-future': 'reject 10',
  'time-sig-older-than-key': 'reject 10',
  'time-sig-unexpired-2040': 'accept',
};

interface LabelledCase {
  readonly case: string;
  readonly expect: 'accept' | 'reject';
}

describe.skipIf(!vectors)('the 90 provenance cases made by others (needs the vectors)', () => {
  it.each(Object.entries(outcomes))('%s: %s', async (name, outcome) => {
    const [path, keyring] = ['mychart-0.1.0.tgz.prov', 'key.gpg'].map((file) =>
      vectorPath('provenance', name, file),
    );
    const { status } = await runProgram(['inspect', path ?? '', '--keyring', keyring ?? ''], { now: NOW });
    expect(status === 0 ? 'accept' : `reject ${status}`).toBe(outcome);
  });

  it('each case has the outcome that its label asks for', () => {
    const { cases } = readVectorJson('provenance', 'cases.json') as { cases: readonly LabelledCase[] };
    expect(cases).toHaveLength(90);
    const labelled = Object.fromEntries(cases.map((labelled) => [labelled.case, labelled.expect]));
    expect(Object.fromEntries(Object.entries(outcomes).map(([name, o]) => [name, o.split(' ')[0]]))).toEqual(
      labelled,
    );
  });

  it('a certificate that adopts the signer\u2019s key as a subkey is never taken for the signer', async () => {
    const name = 'craft-adopted-subkey-first';
    const keyring = openKeyring([{ place: 'key.gpg', bytes: readVector('provenance', name, 'key.gpg') }]);
    const provenance = parseProvenance(readVector('provenance', name, 'mychart-0.1.0.tgz.prov'));
    const [owner, adopter, ...others] = keyring.find(provenance.issuer);
    expect(others).toEqual([]);
    const verdict = await verifyProvenance(provenance, [adopter, owner].filter(isThere), { now: NOW });
    expect(verdict.ok && verdict.signer.primaryFingerprint).toBe(owner?.certificate.primary.fingerprint);
    expect(await verifyProvenance(provenance, [adopter].filter(isThere), { now: NOW })).toMatchObject({
      ok: false,
      reason: expect.stringContaining('did not sign its binding in turn') as string,
    });
  });
});

function isThere<T>(value: T | undefined): value is T {
  return value !== undefined;
}
