import { describe, it } from 'vitest';
import { describeDamage, describeForeignFile } from '../../src/keyring/foreign-file.ts';
import { looksLikeKeys, scanKeyFile } from '../../src/keyring/key-file.ts';
import { openKeyring } from '../../src/keyring/keyring.ts';
import { decodeArmor, decodeBlocks, encodeArmor, KEY_BLOCKS } from '../../src/openpgp/armor.ts';
import { emailOf, readCertificates } from '../../src/openpgp/certificate.ts';
import { parseKeyPacket } from '../../src/openpgp/key-packet.ts';
import { mergeCertificates } from '../../src/openpgp/merged-certificate.ts';
import { readPackets, writePacket } from '../../src/openpgp/packets.ts';
import { readRevocation } from '../../src/openpgp/revocation-packet.ts';
import { parseSignaturePacket } from '../../src/openpgp/signature-packet.ts';
import { readLeadingSubpackets, readSubpackets } from '../../src/openpgp/subpackets.ts';
import { keybox, keyboxRecord } from '../support/keybox.ts';
import { expectLinear as measure, type Measure } from '../support/linear.ts';
import { manyCertificates } from '../support/many-certificates.ts';

/** Below so many milliseconds of CPU a loaded machine has only noise; what grows with the square takes seconds. */
async function expectLinear<T>(
  make: (size: number) => T,
  work: (input: T) => unknown,
  options: Measure = {},
): Promise<void> {
  await measure(make, work, { floor: 400, ...options });
}

const BEGIN = '-----BEGIN PGP PUBLIC KEY BLOCK-----\n';
const [certificate = new Uint8Array()] = manyCertificates(1);
const [key, userId, signature] = [...readPackets(certificate)].map(writePacket);

/** What a stranger may send so many octets of: text that is armored, or meant to look so. */
const TEXTS: [string, (size: number) => string][] = [
  ['empty lines behind a header', (size) => `${BEGIN}A: b\n${'\n'.repeat(size)}`],
  ['headers, then empty lines', (size) => `${BEGIN}${'A: b\n'.repeat(size / 10)}${'\n'.repeat(size / 2)}`],
  ['one long header', (size) => `${BEGIN}${'A'.repeat(size)}`],
  ['blanks', (size) => `${BEGIN}\n${' '.repeat(size)}x`],
  ['lines of blanks', (size) => `${BEGIN}\n${`${' '.repeat(70)}x\n`.repeat(size / 72)}`],
  ['lines of one digit', (size) => `${BEGIN}\n${'A\n'.repeat(size / 2)}`],
  [
    'one long line of digits',
    (size) => `${BEGIN}\n${'A'.repeat(size)}\n-----END PGP PUBLIC KEY BLOCK-----\n`,
  ],
  ['lines like checksums', (size) => `${BEGIN}\n${'=AAAA\n'.repeat(size / 6)}`],
  ['beginnings', (size) => BEGIN.repeat(size / BEGIN.length)],
  ['dashes', (size) => '-'.repeat(size)],
  ['lines of dashes', (size) => '-----\n'.repeat(size / 6)],
  ['carriage returns', (size) => `${BEGIN}\n${'\r'.repeat(size)}`],
  ['blocks', (size) => `${encodeArmor('PGP PUBLIC KEY BLOCK', certificate)}\n`.repeat(size / 400)],
  ['signatures', (size) => `${encodeArmor('PGP SIGNATURE', signature ?? certificate)}\n`.repeat(size / 300)],
];

describe('armored text', () => {
  it.each(TEXTS)('takes time that grows with its size: %s', async (_, make) => {
    await expectLinear(
      (size) => Buffer.from(make(size)),
      (bytes) => decodeBlocks(bytes, KEY_BLOCKS),
    );
    await expectLinear(make, (text) => decodeArmor('PGP PUBLIC KEY BLOCK', text));
    await expectLinear(
      (size) => Buffer.from(make(size)),
      (bytes) => scanKeyFile(bytes),
    );
    await expectLinear(
      (size) => Buffer.from(make(size)),
      (bytes) => looksLikeKeys(bytes),
    );
  });

  it('is written in time that grows with its size', async () => {
    await expectLinear(
      (size) => Buffer.alloc(size, 1),
      (bytes) => encodeArmor('PGP SIGNATURE', bytes),
    );
  });
});

/** The same of packets. */
const PACKETS: [string, (size: number) => Uint8Array][] = [
  ['certificates', (size) => Buffer.concat(manyCertificates(Math.min(900, Math.ceil(size / 250))))],
  ['copies of a certificate', (size) => repeated([certificate], size)],
  ['user IDs', (size) => Buffer.concat([key ?? certificate, repeated([userId, signature], size)])],
  ['empty user IDs', (size) => Buffer.concat([key ?? certificate, repeated([Buffer.of(0xcd, 0)], size)])],
  [
    'signatures',
    (size) => Buffer.concat([key ?? certificate, userId ?? key ?? certificate, repeated([signature], size)]),
  ],
  ['revocations', (size) => Buffer.concat([certificate, repeated([revocation()], size)])],
  ['revocations before any key', (size) => repeated([revocation()], size)],
  [
    'subkeys',
    (size) => Buffer.concat([certificate, repeated([writePacket({ tag: 14, body: body(key) })], size)]),
  ],
  ['markers', (size) => Buffer.concat([repeated([Buffer.of(0xca, 0)], size), certificate])],
  ['secret keys', (size) => repeated([writePacket({ tag: 5, body: body(key) })], size)],
  ['keys of an unknown version', (size) => repeated([writePacket({ tag: 6, body: Buffer.of(3, 1) })], size)],
];

describe('packets', () => {
  it.each(PACKETS)('take time that grows with their size: %s', async (_, make) => {
    await expectLinear(make, readAll);
    await expectLinear(make, (bytes) => readCertificates(bytes));
    await expectLinear(make, (bytes) => mergeCertificates([first(bytes), first(bytes), first(bytes)]));
    await expectLinear(make, (bytes) => scanKeyFile(Buffer.from(bytes)));
    await expectLinear(make, (bytes) => {
      const keyring = openKeyring([{ place: 'ring', bytes: Buffer.from(bytes) }]);
      keyring.find({ fingerprint: undefined, keyId: '0123456789abcdef' });
      Array.from(keyring.all());
    });
    await expectLinear(make, (bytes) => scanKeyFile(keybox(keyboxRecord(bytes))));
  });

  it('in many records of a keybox take time that grows with their number', async () => {
    await expectLinear(
      (size) => keybox(...manyCertificates(size).map((each) => keyboxRecord(each))),
      (bytes) => Array.from(openKeyring([{ place: 'ring', bytes }]).all()),
      { size: 3000 },
    );
  });
});

/** The same of the areas of a signature. */
const AREAS: [string, (size: number) => Uint8Array][] = [
  ['short subpackets', (size) => repeated([Buffer.of(1, 99)], size)],
  ['empty subpackets', (size) => Buffer.alloc(size)],
  ['issuers', (size) => repeated([Buffer.of(9, 16, 1, 2, 3, 4, 5, 6, 7, 8)], size)],
  ['embedded signatures', (size) => repeated([Buffer.of(4, 32, 4, 0x19, 1)], size)],
  [
    'one long subpacket',
    (size) => Buffer.concat([Buffer.of(255), octets(size - 5), Buffer.alloc(size - 5, 32)]),
  ],
];

describe('a signature packet', () => {
  it.each(AREAS)('takes time that grows with its size: %s', async (_, make) => {
    // Of version 6, whose areas may be long.
    const packet = (size: number): Uint8Array => {
      const area = make(size);
      const areas = [octets(area.length), area, octets(area.length), area];
      return Buffer.concat([Buffer.of(6, 0x20, 1, 8), ...areas, Buffer.alloc(300)]);
    };
    await expectLinear(make, readSubpackets);
    await expectLinear(make, readLeadingSubpackets);
    await expectLinear(packet, parseSignaturePacket);
    await expectLinear(packet, (bytes) => readRevocation(bytes)?.content);
  });

  it('a key packet and user IDs take time that grows with their size', async () => {
    const long = (size: number): Uint8Array =>
      Buffer.concat([Buffer.of(6, 0, 0, 0, 0, 1), octets(size), Buffer.alloc(size)]);
    await expectLinear(long, (bytes) => parseKeyPacket({ tag: 6, body: bytes }));
    for (const part of ['<', 'a', '@', '<a', ' ', 'a@', '<a@'])
      await expectLinear((size) => part.repeat(size), emailOf);
  });
});

describe('a file that was meant to be keys', () => {
  it.each(['A', '\n', ' ', '<', '-----BEGIN ', 'AAAA\n', 'a '])(
    'is described in time that grows with its size: %j',
    async (part) => {
      await expectLinear(
        (size) => part.repeat(size / part.length),
        (text) => describeForeignFile(text, looksLikeKeys),
      );
      await expectLinear(
        (size) => Buffer.from(part.repeat(size / part.length)),
        (bytes) => describeDamage(bytes),
      );
    },
  );
});

function readAll(bytes: Uint8Array): number {
  return [...readPackets(bytes)].length;
}

function first(bytes: Uint8Array): ReturnType<typeof readCertificates>[number] {
  const [read] = readCertificates(bytes);
  return read ?? first(certificate);
}

function revocation(): Uint8Array {
  const changed = Buffer.from(body(signature));
  changed.writeUInt8(0x20, 1);
  return writePacket({ tag: 2, body: changed });
}

function body(packet: Uint8Array | undefined): Uint8Array {
  const [read] = readPackets(packet ?? new Uint8Array());
  return read?.body ?? new Uint8Array();
}

function repeated(parts: readonly (Uint8Array | undefined)[], size: number): Uint8Array {
  const once = Buffer.concat(parts.filter((part) => part !== undefined));
  return Buffer.alloc(Math.max(1, Math.floor(size / once.length)) * once.length, once);
}

function octets(length: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(length);
  return bytes;
}
