import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.ts';
import { openKeyring } from '../../src/keyring/keyring.ts';
import { looksLikeKeys } from '../../src/keyring/key-file.ts';
import { assessCertificate } from '../../src/openpgp/key-lifetime.ts';
import { encodeArmor } from '../../src/openpgp/armor.ts';
import { readCertificates } from '../../src/openpgp/certificate.ts';
import { readPackets, writePacket } from '../../src/openpgp/packets.ts';
import { gnupg, GnupgHome } from '../support/gnupg.ts';
import { createSigner, type TestSigner } from '../support/signer.ts';

let signer: TestSigner;
let packets: Uint8Array[];
beforeAll(async () => {
  signer = await createSigner({ subkey: {} });
  packets = [...readPackets(signer.certificate)].map(writePacket);
});

/** Packets that mean nothing in a keyring, wherever they stand. RFC 9580 4.3, 5.8, 5.14. */
const IGNORED: [string, Uint8Array][] = [
  ['a marker', writePacket({ tag: 10, body: Buffer.from('PGP') })],
  ['trust as GnuPG notes it', writePacket({ tag: 12, body: Buffer.from('0003', 'hex') })],
  ['padding', writePacket({ tag: 21, body: Buffer.alloc(300, 7) })],
  ['an unknown packet that is not critical', writePacket({ tag: 45, body: Buffer.from('new') })],
  ['a private packet', writePacket({ tag: 60, body: Buffer.alloc(3) })],
  ['an experimental packet', writePacket({ tag: 63, body: new Uint8Array() })],
  ['several of them', Buffer.concat([10, 12, 21].map((tag) => writePacket({ tag, body: Buffer.alloc(4) })))],
];

describe.each(IGNORED)('a keyring with %s', (_, ignored) => {
  it('at any place is read as if it were not there', async () => {
    for (let at = 0; at <= packets.length; at++) {
      const bytes = Buffer.concat([...packets.slice(0, at), ignored, ...packets.slice(at)]);
      for (const file of [bytes, Buffer.from(encodeArmor('PGP PUBLIC KEY BLOCK', bytes))]) {
        const keyring = openKeyring([{ place: 'ring', bytes: file }]);
        expect(keyring.places).toEqual([{ place: 'ring', keys: 1 }]);
        const [found] = keyring.find({ fingerprint: signer.signingFingerprint, keyId: undefined });
        const { certificate } = found ?? expect.fail('not found');
        expect(await assessCertificate(certificate, signer.signingFingerprint, [])).toMatchObject({
          maySign: true,
        });
        expect(looksLikeKeys(file)).toBe(true);
      }
      expect(readCertificates(bytes)).toHaveLength(1);
    }
  });

  it('and nothing else holds no key', () => {
    expect(openKeyring([{ place: 'ring', bytes: ignored }]).places).toEqual([{ place: 'ring', keys: 0 }]);
    expect(looksLikeKeys(ignored)).toBe(false);
  });
});

it.each([13, 14, 17, 20, 39])('a keyring that begins with a packet of type %i is refused', (tag) => {
  const bytes = Buffer.concat([writePacket({ tag, body: Buffer.alloc(9) }), signer.certificate]);
  expect(() => openKeyring([{ place: 'ring', bytes }])).toThrow(InputError);
});

it.skipIf(gnupg === undefined)(
  'GnuPG reads no more of such keyrings than is read here (needs gpg)',
  async () => {
    const home = await GnupgHome.create();
    const folder = await mkdtemp(join(tmpdir(), 'ignored-'));
    try {
      for (const [, ignored] of IGNORED) {
        const file = join(folder, 'ring.gpg');
        await writeFile(file, Buffer.concat([ignored, ...packets]));
        const listing = await home.gpg(['--with-colons', '--show-keys', file]).catch(() => Buffer.alloc(0));
        const seen = /^fpr:+([0-9A-F]{40})/m.exec(listing.toString())?.[1]?.toLowerCase();
        expect([undefined, signer.fingerprint]).toContain(seen);
      }
    } finally {
      await home.remove();
      await rm(folder, { recursive: true });
    }
  },
);
