import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MalformedError } from '../../src/errors.ts';
import { decodeArmor, decodeKeyArmor, encodeArmor } from '../../src/openpgp/armor.ts';
import { unlessMalformed } from '../support/malformed.ts';

const SIGNATURE = 'PGP SIGNATURE';
const KEY = 'PGP PUBLIC KEY BLOCK';
const BYTES = Buffer.from('some bytes, enough of them for more than one line of sixty-four columns');
const ARMOR = encodeArmor(SIGNATURE, BYTES);

describe('an armored block', () => {
  it('has no headers, 64 columns, a checksum and no line break at its end', () => {
    expect(encodeArmor(SIGNATURE, Buffer.from('123456789'))).toBe(
      // 0x21cf02 is the check value of CRC-24/OPENPGP.
      '-----BEGIN PGP SIGNATURE-----\n\nMTIzNDU2Nzg5\n=Ic8C\n-----END PGP SIGNATURE-----',
    );
    expect(
      ARMOR.split('\n')
        .slice(2, -2)
        .map((line) => line.length),
    ).toEqual([64, 32]);
  });

  it.each([
    ['as it was written', ARMOR],
    ['with CRLF', ARMOR.replaceAll('\n', '\r\n')],
    ['without its checksum', ARMOR.replace(/\n=.*/, '')],
    ['with headers', ARMOR.replace('\n\n', '\nVersion: GnuPG v2\nComment:\n\n')],
    ['with white space after it', `${ARMOR}\n \t\r\n\n`],
  ])('is read %s', (_, text) => {
    expect(Buffer.from(decodeArmor(SIGNATURE, text))).toEqual(BYTES);
  });

  it.each([
    ['a wrong checksum', ARMOR.replace(/\n=..../, '\n=AAAA'), 'checksum'],
    [
      'no line that ends it',
      ARMOR.replace(/-----END.*/, ''),
      'expected the line "-----END PGP SIGNATURE-----"',
    ],
    ['no empty line after its headers', ARMOR.replace('\n\n', '\n'), 'expected headers and an empty line'],
    ['a line of blanks instead of the empty one', ARMOR.replace('\n\n', '\n \n'), 'expected headers'],
    ['text after it', `${ARMOR}\nmore`, 'expected nothing after the block'],
    ['a second block after it', `${ARMOR}\n${ARMOR}`, 'expected nothing after the block'],
    ['text before it', `x\n${ARMOR}`, 'expected the line "-----BEGIN PGP SIGNATURE-----", found "x"'],
    [
      'another type',
      ARMOR.replaceAll('SIGNATURE', 'MESSAGE'),
      'expected the line "-----BEGIN PGP SIGNATURE-----"',
    ],
    ['junk in its base64', ARMOR.replace('\n\n', '\n\n!!!!\n'), 'not canonical base64'],
    ['set pad bits', ARMOR.replace(/\n[^\n]+\n=/, '\nAB==\n='), 'not canonical base64'],
  ])('with %s is refused', (_, text, message) => {
    expect(() => decodeArmor(SIGNATURE, text)).toThrow(MalformedError);
    expect(() => decodeArmor(SIGNATURE, text)).toThrow(message);
  });

  it('comes back from any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), (bytes) => {
        expect(Buffer.from(decodeArmor(KEY, encodeArmor(KEY, bytes)))).toEqual(Buffer.from(bytes));
      }),
    );
  });
});

describe('a file of armored keys', () => {
  const first = encodeArmor(KEY, Buffer.from('first'));
  const second = encodeArmor('PGP PRIVATE KEY BLOCK', Buffer.from('second'));

  it.each([
    ['one block after the other', `${first}\n${second}\n`],
    ['text around and between', `Our keys:\n\n${first}\n\n-- and\n${second}\nthat is all`],
    ['CRLF and blanks at line ends', `${first}\n${second}\n`.replaceAll('\n', ' \r\n')],
    ['a byte order mark', `\ufeff${first}\n${second}`],
  ])('is read to its last block: %s', (_, text) => {
    expect(Buffer.from(decodeKeyArmor(Buffer.from(text))).toString()).toBe('firstsecond');
  });

  it.each([
    ['no block', 'hello', 'expected an armored OpenPGP key, found none'],
    ['a block that does not end', `${first}\n${second}`.slice(0, -5), 'expected the line "-----END'],
    ['a damaged second block', `${first}\n${second.replace('\n=', '\n=A')}`, 'checksum'],
    ['only a signature', ARMOR, 'expected an armored OpenPGP key, found none'],
  ])('with %s is refused', (_, text, message) => {
    expect(() => decodeKeyArmor(Buffer.from(text))).toThrow(message);
  });

  it('no bytes make the reader fail in any other way', () => {
    const line = fc.constantFrom(...first.split('\n'), ...second.split('\n'), '', 'AAAA', ' ', '=');
    fc.assert(
      fc.property(fc.array(line, { maxLength: 30 }), (lines) => {
        const bytes = unlessMalformed(() => decodeKeyArmor(Buffer.from(lines.join('\n'))));
        expect(bytes === undefined || bytes.length >= 0).toBe(true);
      }),
    );
  });
});
