import { describe, expect, test } from 'vitest';
import { digestFor } from '../../src/signing/digest.ts';
import { helmsThatRead } from '../../src/signing/reading-helms.ts';
import { parseSecretKeys } from '../../src/signing/secret-keys.ts';
import { createSigner, type SignerOptions } from '../support/signer.ts';
import { certificateIn } from '../support/world/chart-entry.ts';

const [A, B, C] = ['A', 'B', 'C'].map((digit) => digit.repeat(40)) as [string, string, string];

/** As gpg prints them. */
const LISTING = `tru::1:1796090004:0:3:1:5
sec:u:2048:1:BC4A077CFF9ECE05:1796090004:::u:::scESC:::+:::23::0:
fpr:::::::::${A}:
grp:::::::::083BA0D787DD4E11C7D9B1B5B5D56CCA082D89D6:
uid:u::::1796090004::F54133E8025EC67BCE744EC115146C5C447F17EC::T \\x3a S \\xc3\\xbc <t@example.com>::::::::::0:
ssb:e:255:22:CE410C48C5E5A342:1796090231::::::s:::+::ed25519::
fpr:::::::::${B}:
sec:u:255:22:CE410C48C5E5A342:1796090231:::u:::cESCD:::#::ed25519:::0:
fpr:::::::::${C}:
`;

test('a listing of gpg is read: what signs, and what cannot', () => {
  expect(parseSecretKeys(LISTING)).toEqual([
    {
      primary: { fingerprint: A.toLowerCase(), created: 1796090004, maySign: true, isUsable: true },
      subkeys: [{ fingerprint: B.toLowerCase(), created: 1796090231, maySign: true, isUsable: false }],
      userIds: ['T : S ü <t@example.com>'],
    },
    {
      primary: { fingerprint: C.toLowerCase(), created: 1796090231, maySign: false, isUsable: false },
      subkeys: [],
      userIds: [],
    },
  ]);
});

test.each(['', 'hello', 'fpr:::::::::A:', 'uid:u', 'ssb:u', 'sec:u', ':\n:::'])(
  '%j lists no key',
  (listing) => {
    expect(parseSecretKeys(listing)).toEqual([]);
  },
);

describe('the digest suits the key', () => {
  test.each([
    ['RSA 2048', 'sha256'],
    ['ECDSA P-256', 'sha256'],
    ['ECDSA P-384', 'sha384'],
    ['ECDSA P-521', 'sha512'],
    ['Ed25519', 'sha512'],
    ['ECDSA brainpoolP256r1', 'sha256'],
    ['ECDSA brainpoolP384r1', 'sha384'],
    ['ECDSA brainpoolP512r1', 'sha512'],
  ] as const)('%s: %s', (algorithm, digest) => {
    expect(digestFor(algorithm, undefined)).toBe(digest);
    expect(digestFor(algorithm, 'sha512')).toBe('sha512');
  });

  test.each([
    ['ECDSA P-384', 'sha256'],
    ['ECDSA P-521', 'sha384'],
  ] as const)('%s signs no %s', (algorithm, digest) => {
    expect(() => digestFor(algorithm, digest)).toThrow('too short');
  });
});

test.each([
  ['rsa2048', undefined],
  ['p256', undefined],
  ['p384', undefined],
  ['p521', undefined],
  ['ed25519', 'Ed25519'],
  ['brainpoolP256r1', 'ECDSA brainpoolP256r1'],
] as const)(
  'whether every Helm reads a key of %s',
  async (algorithm: SignerOptions['algorithm'], because) => {
    const { certificate } = await createSigner(algorithm ? { algorithm } : {});
    expect(helmsThatRead(certificateIn(certificate)).because).toBe(because);
  },
);
