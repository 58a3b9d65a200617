import { describe, expect, it } from 'vitest';
import { decodeKeyArmor } from '../../src/openpgp/armor.ts';
import { readCertificates } from '../../src/openpgp/certificate.ts';
import { packetTag, writePacket } from '../../src/openpgp/packets.ts';
import { canonicalBody } from '../../src/rekor/helm-entry.ts';
import { base64Of, bytesOfArmor, bytesOfBase64 } from '../../src/log-page/armored-text.ts';
import { chartIn, chartSigned } from '../../src/log-page/chosen-file.ts';
import { keyIn } from '../../src/log-page/given-key.ts';
import { claimedKeys, fingerprintShown } from '../../src/log-page/claimed-keys.ts';
import { foreignText, foreignUtf8 } from '../../src/log-page/foreign-text.ts';
import { fragmentOf, placeAt, placeTyped, type Place } from '../../src/log-page/place.ts';
import { provingCommands } from '../../src/log-page/proving-commands.ts';
import { shownEntriesIn } from '../../src/log-page/shown-entry.ts';
import { createSigner } from '../support/signer.ts';

const SHA256 = 'ab'.repeat(32);
const ID = `0${'12'.repeat(39)}3`;

describe('places', () => {
  const places: readonly Place[] = [
    { kind: 'home' },
    { kind: 'hash', sha256: SHA256, page: 1 },
    { kind: 'hash', sha256: SHA256, page: 12 },
    { kind: 'email', email: "a+b%&=#'@example.com", page: 2 },
    { kind: 'email', email: 'ü@example.com', page: 1 },
    { kind: 'key', page: 3 },
    { kind: 'entry', id: ID },
    { kind: 'index', index: 7 },
  ];
  it.each(places.map((place) => [fragmentOf(place), place] as const))('#%s is a place', (fragment, place) => {
    expect(placeAt(fragment)).toEqual(place);
  });

  it.each([
    'hash',
    'hash=',
    `hash=${SHA256}0`,
    `hash=sha512:${SHA256}`,
    'email=nobody',
    'email=a%20b@c',
    `email=${'a'.repeat(320)}@b`,
    'entry=12',
    `entry=${ID}/..`,
    'index=-1',
    'index=1e3',
    `index=${'1'.repeat(16)}`,
    'index=1&page=0',
    'index=1&more=1',
    'home',
    '%',
    'constructor=1',
    'a'.repeat(3001),
  ])('#%s is none', (fragment) => {
    expect(placeAt(fragment)).toBeUndefined();
  });

  it.each([
    [` sha256:${SHA256.toUpperCase()}\n`, { kind: 'hash', sha256: SHA256, page: 1 }],
    [ID.toUpperCase(), { kind: 'entry', id: ID }],
    [`https://log.example/prefix/api/v1/log/entries/${ID}`, { kind: 'entry', id: ID }],
    ['#42', { kind: 'index', index: 42 }],
    ['Ann@Example.com', { kind: 'email', email: 'Ann@Example.com', page: 1 }],
    ['', undefined],
    ['hello-0.1.0.tgz', undefined],
    ['1.5', undefined],
    [`${SHA256} hello.tgz`, undefined],
  ])('who types %j means %j', (typed, place) => {
    expect(placeTyped(typed)).toEqual(place);
  });
});

describe('foreign text', () => {
  it.each([
    ['Ann <ann@example.com>', 'Ann <ann@example.com>'],
    ['a\u202eb\u2066c\u0000d\u200be\r\nf\ud800', 'a\\u202eb\\u2066c\\u0000d\\u200be\\u000d\\u000af\\ud800'],
    ['x'.repeat(160), 'x'.repeat(160)],
    ['x'.repeat(1161), `${'x'.repeat(160)}… (1,161 characters)`],
    ['😀'.repeat(200), `${'😀'.repeat(160)}… (400 characters)`],
  ])('%j is shown as %j', (text, shown) => {
    expect(foreignText(text)).toBe(shown);
  });

  it('a short text of nothing but what is not seen is no longer than others', () => {
    expect(foreignText('\u202e'.repeat(160)).length).toBeLessThan(200);
  });

  it('of bytes it says how many there are, and what is no UTF-8 does no harm', () => {
    expect(foreignUtf8(Buffer.alloc(70_000, 'y'))).toBe(`${'y'.repeat(160)}… (70,000 bytes)`);
    expect(foreignUtf8(Buffer.of(0x41, 0xff, 0x42))).toBe('A\ufffdB');
  });
});

describe('keys', () => {
  it.each(['ed25519', 'ed25519-new', 'p256', 'rsa1024'] as const)(
    'of %s have the fingerprint that the program computes',
    async (algorithm) => {
      const { certificate, fingerprint } = await createSigner({ algorithm });
      const [key] = claimedKeys(certificate).keys;
      expect(await fingerprintShown(key?.body ?? new Uint8Array())).toBe(fingerprint.toUpperCase());
    },
  );

  it('of version 6 as well, and those of other versions have none', async () => {
    const body = Buffer.concat([Buffer.of(6, 0, 0, 0, 1, 27, 0, 0, 0, 32), Buffer.alloc(32, 7)]);
    const packet = writePacket({ tag: packetTag.publicKey, body });
    const [certificate] = readCertificates(packet);
    expect(certificate?.primary.version).toBe(6);
    expect(await fingerprintShown(body)).toBe(certificate?.primary.fingerprint.toUpperCase());
    expect(await fingerprintShown(Buffer.of(3, 0))).toBeUndefined();
    expect(await fingerprintShown(new Uint8Array())).toBeUndefined();
  });

  it('are counted where there are more than are shown', async () => {
    const userIds = Array.from({ length: 9 }, (_, at) => `U${at} <u${at}@example.com>`);
    const { certificate } = await createSigner({ userIds });
    const { keys, notShown, areSecret } = claimedKeys(Buffer.concat(Array(8).fill(certificate)));
    expect([keys.length, notShown, areSecret]).toEqual([5, 3, false]);
    expect(keys[0]).toMatchObject({ userIds: userIds.slice(0, 5), userIdsNotShown: 4 });
  });

  it('are refused where the packets are no packets, or too many', () => {
    expect(() => claimedKeys(Buffer.of(1))).toThrow('not an OpenPGP packet');
    const marker = writePacket({ tag: 10, body: Buffer.from('PGP') });
    expect(() => claimedKeys(Buffer.concat(Array(10_001).fill(marker)))).toThrow('at most 10000 packets');
  });

  it('that somebody chose are sent as packets, with the addresses in them', async () => {
    const { certificate, armored } = await createSigner({ userIds: ['A <a@x.example>', 'b@x.example', 'C'] });
    for (const content of [certificate, Buffer.from(armored), Buffer.from(`\ufeff\r\n ${armored}more`)]) {
      const { packets, emails } = keyIn(content);
      expect(Buffer.compare(packets, certificate)).toBe(0);
      expect(emails).toEqual(['a@x.example', 'b@x.example']);
    }
  });

  it.each([
    ['nothing', Buffer.alloc(0), 'no public key'],
    ['a chart', Buffer.of(0x1f, 0x8b, 8), 'no public key of OpenPGP'],
    ['a PEM file', Buffer.from('-----BEGIN PUBLIC KEY-----\n'), 'no public key of OpenPGP'],
    ['a private PEM file', Buffer.from('-----BEGIN EC PRIVATE KEY-----\n'), 'secret key'],
    [
      'a public and a private block',
      Buffer.from('-----BEGIN PGP PUBLIC KEY BLOCK-----\n-----BEGIN PGP PRIVATE KEY BLOCK-----\n'),
      'secret key',
    ],
    ['a secret key in packets of the old format', Buffer.of(0x94, 1, 4), 'secret key'],
    ['more than any log takes', Buffer.alloc(1_048_577), 'more than 1 MiB'],
  ])('%s is none that is sent', (_, content, why) => {
    expect(() => keyIn(content)).toThrow(why);
  });
});

describe('armor', () => {
  it('gives the bytes that the strict reader gives', async () => {
    const { armored, certificate } = await createSigner();
    expect(Buffer.compare(bytesOfArmor('PGP PUBLIC KEY BLOCK', armored), certificate)).toBe(0);
    const commented = armored.replace('\n\n', '\nComment: =x\n\n').replaceAll('\n', '\r\n');
    expect(
      Buffer.compare(bytesOfArmor('PGP PUBLIC KEY BLOCK', commented), decodeKeyArmor(Buffer.from(armored))),
    ).toBe(0);
  });

  it('base64 comes back as it was', () => {
    const bytes = Uint8Array.from({ length: 20_000 }, (_, at) => at % 256);
    expect(base64Of(bytes)).toBe(Buffer.from(bytes).toString('base64'));
    expect(bytesOfBase64(base64Of(bytes))).toEqual(bytes);
    expect(() => bytesOfBase64('*')).toThrow('expected base64');
  });
});

describe('chosen files', () => {
  const file = (name: string, content: Uint8Array | string) => new File([Buffer.from(content)], name);

  it('a provenance as Helm writes it names its chart', async () => {
    const provenance = await (await createSigner()).sign('hello', '0.1.0', SHA256);
    const expected = { name: 'hello-0.1.0.tgz', sha256: SHA256 };
    expect(await chartIn(file('x.prov', provenance))).toEqual(expected);
    expect(chartSigned(Buffer.from(provenance).toString().replaceAll('\n', '\r\n'))).toEqual(expected);
  });

  it('what stands before the line "..." names none', () => {
    const text = `files:\n  evil-1.0.0.tgz: sha256:${'c'.repeat(64)}\n\n...\nfiles:\n  x-1.tgz: sha256:${SHA256}\n`;
    expect(chartSigned(text)).toEqual({ name: 'x-1.tgz', sha256: SHA256 });
    expect(() => chartSigned('...\n')).toThrow('names no chart');
  });

  it('a file of more than 256 MiB is not read', async () => {
    const reading = chartIn({
      name: 'x.tgz',
      size: 2 ** 28 + 1,
      slice: () => new Blob(['x']),
      arrayBuffer: () => Promise.reject(new Error('it was read')),
    });
    await expect(reading).rejects.toThrow('more than 256 MiB');
  });
});

describe('commands', () => {
  it.each([
    ['http://127.0.0.1:3000/', 'http://127.0.0.1:3000'],
    ['https://[::1]:8443/', 'https://[::1]:8443'],
    ['https://log.example/a/b/', 'https://log.example/a/b'],
    ['https://log.example/a/b/index', 'https://log.example/a/b'],
    ["https://log.example/$(x)'/", "'https://log.example/$(x)'\\'''"],
  ])('at %s they name %s', (page, server) => {
    expect(provingCommands(page, 'hello-0.1.0+x.tgz')).toEqual({
      pin: `helm sigstore log pin ${server}`,
      verify: `helm sigstore verify hello-0.1.0+x.tgz --rekor-server ${server}`,
    });
  });

  it.each([undefined, '-x.tgz', 'a b.tgz', '$(x).tgz', 'a.tar', '../a.tgz', '\u202ea.tgz', "a'.tgz"])(
    'of the file %s they name none',
    (file) => {
      expect(provingCommands('http://x/', file).verify).toContain(' verify CHART.tgz ');
    },
  );
});

describe('entries', () => {
  it('what the log stores is read as the program reads it', async () => {
    const { certificate, fingerprint } = await createSigner();
    const stored = canonicalBody({
      sha256: SHA256,
      signatureBytes: Buffer.of(1),
      certificateBytes: certificate,
    });
    const body = Buffer.from(stored).toString('base64');
    const verification = { inclusionProof: { logIndex: 1, treeSize: 2 } };
    const answer = { [ID]: { body, integratedTime: 5, logIndex: 3, verification } };
    const [entry] = shownEntriesIn([answer]);
    expect(entry).toMatchObject({ id: ID, logIndex: 3, integratedTime: 5, place: { index: 1, treeSize: 2 } });
    const content = entry?.content ?? { unread: '' };
    if ('unread' in content) throw new Error(content.unread);
    expect(content.sha256).toBe(SHA256);
    const shown = await fingerprintShown(content.signers.keys[0]?.body ?? new Uint8Array());
    expect(shown).toBe(fingerprint.toUpperCase());
    expect(shownEntriesIn(answer)).toEqual([entry]);
  });

  it.each([
    ['null', null],
    ['a number', 1],
    ['lists in lists', [[]]],
    ['another ID', { ['A'.repeat(64)]: { body: '', integratedTime: 1, logIndex: 1 } }],
    ['a negative index', { [ID]: { body: '', integratedTime: 1, logIndex: -1 } }],
    ['a time that is none', { [ID]: { body: '', integratedTime: 1.5, logIndex: 1 } }],
    ['a proof that is none', { [ID]: { body: '', integratedTime: 1, logIndex: 1, verification: [] } }],
  ])('%s is no answer with entries', (_, answer) => {
    expect(() => shownEntriesIn(answer)).toThrow('expected');
  });
});
