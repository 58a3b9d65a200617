import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { InputError } from '../../src/errors.ts';
import { openKeyring } from '../../src/keyring/keyring.ts';
import { createSigner, type TestSigner } from '../support/signer.ts';

let signer: TestSigner;
beforeAll(async () => {
  signer = await createSigner();
});

const utf16 = (text: string): Buffer => Buffer.from(`\ufeff${text}`, 'utf16le');

describe('a file that was meant to be keys', () => {
  it.each<[string, () => Uint8Array | string | Promise<Uint8Array | string>, RegExp, RegExp]>([
    [
      'base64 of an armored key',
      () => base64(signer.armored),
      /found the base64 of a file of keys/,
      /base64 -d/,
    ],
    ['base64 of a binary key', () => base64(signer.certificate), /found the base64/, /base64 -d/],
    ['base64 in one line', () => Buffer.from(signer.armored).toString('base64'), /the base64/, /base64 -d/],
    ['a web page', () => '<!DOCTYPE html>\n<html></html>', /found a web page/, /the key itself/],
    ['a web page behind a byte order mark', () => '\ufeff\n<html lang="en">', /a web page/, /curl -fL/],
    ['a web page in UTF-16', () => utf16('<html></html>'), /a web page/, /the key itself/],
    ['an XML document', () => '<?xml version="1.0"?><Error/>', /a web page/, /the key itself/],
    ['a provenance', async () => await signer.sign('hello', '0.1.0', '00'), /a signed text/, /public key/],
    ['a signature', async () => await signatureAlone(), /a signature/, /is none/],
    ['an encrypted message', () => '-----BEGIN PGP MESSAGE-----\n', /encrypted/, /gpg --decrypt/],
    ['an SSH key', () => 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 me@host\n', /an SSH key/, /OpenPGP/],
    ['a private SSH key', () => '-----BEGIN OPENSSH PRIVATE KEY-----\n', /an SSH key/, /OpenPGP/],
    ['a key in PEM', () => '-----BEGIN PUBLIC KEY-----\n', /a key in PEM/, /--rekor-public-key/],
    ['a private key in PEM', () => '-----BEGIN EC PRIVATE KEY-----\n', /a key in PEM/, /OpenPGP/],
    ['a certificate in PEM', () => '-----BEGIN CERTIFICATE-----\n', /X.509/, /OpenPGP/],
    ['a trusted root', () => '{ "tlogs": [] }', /found JSON/, /--trusted-root/],
    ['a chart', () => gzipSync('x'), /gzip/, /unpack/],
    ['a zip archive', () => Buffer.from('PK\u0003\u0004', 'latin1'), /zip/, /unpack/],
    ['the list that gpg prints', () => 'pub   rsa3072 2024-01-01 [SC]\n', /a listing of keys/, /--export/],
    ['a list for programs', () => 'pub:u:255:22:ABCD:1:::', /a listing of keys/, /--export/],
    ['a fingerprint', () => `${signer.fingerprint.toUpperCase()}\n`, /a fingerprint/, /--fingerprint/],
    ['a pointer of Git LFS', () => 'version https://git-lfs.github.com/spec/v1\n', /Git LFS/, /git lfs pull/],
    ['a key of gpg-agent', () => 'Created: 20240101T000000\nKey: (private-key', /gpg-agent/, /--export/],
    ['a database of keyboxd', () => 'SQLite format 3\0', /keyboxd/, /gpg --export/],
    [
      'the reserve revocation',
      () => 'This is a revocation certificate for the OpenPGP key:\n',
      /in reserve/,
      /colon/,
    ],
    [
      'an armored key without line breaks',
      () => signer.armored.replaceAll('\n', ' '),
      /line breaks/,
      /base64/,
    ],
    [
      'an armored key with escaped line breaks',
      () => signer.armored.replaceAll('\n', '\\n'),
      /line breaks/,
      /base64/,
    ],
    [
      'binary keys by PowerShell 5',
      () => utf16(Buffer.from(signer.certificate).toString('latin1')),
      /PowerShell/,
      /--output/,
    ],
    [
      'binary keys by PowerShell 7',
      () => Buffer.from(Buffer.from(signer.certificate).toString()),
      /PowerShell/,
      /--output/,
    ],
    ['something else', () => 'hello', /expected an armored OpenPGP key, found none$/, /^$/],
  ])('and is %s is refused, and its kind is named', async (_, content, message, hint) => {
    const error = refusalOf(Buffer.from(await content()));
    expect(error.code).toBe('INPUT');
    expect(error.message).toMatch(message);
    expect(error.hint ?? '').toMatch(hint);
  });

  it.each([
    ['little-endian', (text: string) => utf16(text)],
    ['big-endian', (text: string) => utf16(text).swap16()],
  ])('and is armored text in UTF-16, %s, is read', (_, encode) => {
    const bytes = encode(signer.armored.replaceAll('\n', '\r\n'));
    expect(openKeyring([{ place: 'key.asc', bytes }]).places).toEqual([{ place: 'key.asc', keys: 1 }]);
  });

  it.each([[1], [2], [3]])('and has %i bytes is refused, whatever they are', (length) => {
    for (let octet = 0; octet < 256; octet++)
      expect(refusalOf(Buffer.alloc(length, octet)).code).toBe('INPUT');
  });

  it('whose base64 holds something else is not called keys', () => {
    expect(refusalOf(Buffer.from(base64('nothing of the kind '.repeat(20)))).message).toMatch(/found none$/);
  });
});

async function signatureAlone(): Promise<string> {
  const signed = Buffer.from(await signer.sign('hello', '0.1.0', '00')).toString();
  return signed.slice(signed.indexOf('-----BEGIN PGP SIGNATURE-----'));
}

function refusalOf(bytes: Uint8Array): InputError {
  try {
    openKeyring([{ place: 'key.asc', bytes }]);
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
  return expect.fail('it was taken');
}

/** As `base64` prints. */
function base64(content: Uint8Array | string): string {
  return Buffer.from(content).toString('base64').replace(/.{76}/g, '$&\n');
}
