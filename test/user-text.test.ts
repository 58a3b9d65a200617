import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { MalformedError } from '../src/errors.ts';
import { readCaFile } from '../src/http/ca-file.ts';
import { scanKeyFile } from '../src/keyring/key-file.ts';
import { selectTrustedLog } from '../src/trust/trusted-log-files.ts';
import { decodeUserText, inUtf8, mistakenFor } from '../src/user-text.ts';
import { newLogKeys } from './support/log-keys.ts';
import { createSigner } from './support/signer.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';
import { selfSignedCertificate } from './support/tls-certificate.ts';
import { trustedRoot } from './support/trusted-root.ts';

/** Every form in which an editor or a shell may save a text. */
const FORMS: readonly (readonly [name: string, save: (text: string) => Uint8Array])[] = [
  ['UTF-8', (text) => Buffer.from(text)],
  ['UTF-8 with a byte order mark', (text) => Buffer.from(`\ufeff${text}`)],
  ['UTF-16 of PowerShell', (text) => Buffer.from(`\ufeff${text.replace(/\n/g, '\r\n')}`, 'utf16le')],
  ['UTF-16, big endian', (text) => Buffer.from(`\ufeff${text}`, 'utf16le').swap16()],
  ['UTF-8 with lines of Windows', (text) => Buffer.from(text.replace(/\n/g, '\r\n'))],
];

const url = 'https://rekor.example.com';
const log = newLogKeys['P-256']();
const pem = log.key.publicKey.export({ format: 'pem', type: 'spki' }).toString();
const root = trustedRoot([{ url, keys: log, validFor: { start: 1_700_000_000 } }]);

async function fileOf(content: Uint8Array | string): Promise<string> {
  const path = join(await temporaryDirectory(), 'file');
  await writeFile(path, content);
  return path;
}

async function logIdsIn(kind: 'public-key-files' | 'trusted-root-file', path: string) {
  const choice = kind === 'public-key-files' ? { kind, paths: [path] } : { kind, path };
  return (await selectTrustedLog(url, choice, undefined, undefined))?.keys.map(({ logId }) => logId);
}

describe.each(FORMS)('%s is read as', (_, save) => {
  test('a trusted root', async () => {
    expect(await logIdsIn('trusted-root-file', await fileOf(save(root)))).toEqual([log.key.logId]);
  });

  test('public keys of a log', async () => {
    expect(await logIdsIn('public-key-files', await fileOf(save(pem)))).toEqual([log.key.logId]);
  });

  test('certificate authorities', async () => {
    const { cert } = selfSignedCertificate();
    const read = await readCaFile(await fileOf(save(cert)));
    expect(read.replaceAll('\r', '')).toBe(cert.trim());
  });

  test('OpenPGP keys', async () => {
    expect(scanKeyFile(Buffer.from(save((await createSigner()).armored))).certificates).toHaveLength(1);
  });
});

describe('what is given in place of a file of keys is named for what it is', () => {
  const key = selfSignedCertificate();
  const rows: readonly (readonly [content: Uint8Array | string, name: string])[] = [
    ['', 'nothing'],
    [' \r\n', 'nothing'],
    ['<!DOCTYPE html><html>', 'an HTML page'],
    ['<?xml version="1.0"?>', 'a page in HTML or XML'],
    [Buffer.from([0x1f, 0x8b, 8, 0]), 'a gzip archive'],
    [Buffer.from('PK\u0003\u0004'), 'a zip archive'],
    [log.key.publicKey.export({ format: 'der', type: 'spki' }), 'binary data in DER'],
    [Buffer.from('{"mediaType":', 'utf16le'), 'UTF-16 text without a byte order mark'],
    [Buffer.from([1, 2, 3, 0, 0]), 'binary data'],
    [Buffer.from(pem).toString('base64'), 'base64 of a PEM file'],
    [Buffer.from(root).toString('base64'), 'base64 of JSON'],
    [key.key, 'a private key'],
    [pem.replaceAll('\n', '\\n'), 'PEM with "\\n" in place of line breaks'],
    ['-----BEGIN PGP PUBLIC KEY BLOCK-----\n', '"PGP PUBLIC KEY BLOCK" in PEM'],
  ];

  test.each(rows)('%#', async (content, name) => {
    expect(mistakenFor(Buffer.from(content))?.name).toBe(name);
    const path = await fileOf(content);
    for (const kind of ['public-key-files', 'trusted-root-file'] as const)
      await expect(logIdsIn(kind, path)).rejects.toMatchObject({
        code: 'INPUT',
        message: expect.stringContaining(`found ${name}`) as string,
      });
  });

  test('a public key in DER comes with the way to convert it', async () => {
    const path = await fileOf(log.key.publicKey.export({ format: 'der', type: 'spki' }));
    const hint = expect.stringContaining('openssl pkey -pubin -inform der -in ') as string;
    await expect(logIdsIn('public-key-files', path)).rejects.toMatchObject({ hint });
  });

  test('and good ones are not', () => {
    for (const good of [pem, root]) expect(mistakenFor(Buffer.from(good))).toBeUndefined();
  });

  test('one kind of keys in place of the other says which option is for which', async () => {
    const hint = expect.stringMatching(
      /--trusted-root.*--rekor-public-key|--rekor-public-key.*--trusted-root/,
    ) as string;
    await expect(logIdsIn('public-key-files', await fileOf(root))).rejects.toMatchObject({ hint });
    await expect(logIdsIn('trusted-root-file', await fileOf(pem))).rejects.toMatchObject({ hint });
  });
});

test('a text with a NUL, a lone surrogate or half a character is no text', () => {
  expect(() => decodeUserText(Buffer.from([0xff, 0xfe, 0x00, 0xd8]))).toThrow(MalformedError);
  expect(() => decodeUserText(Buffer.from([0xfe, 0xff, 0x00]))).toThrow(MalformedError);
  expect(() => decodeUserText(Buffer.from([0xc3]))).toThrow(MalformedError);
});

test('no bytes crash it, and text without a mark stays as it is', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
      mistakenFor(bytes);
      try {
        inUtf8(bytes);
      } catch (error) {
        expect(error).toBeInstanceOf(MalformedError);
      }
    }),
  );
  fc.assert(
    fc.property(fc.string({ minLength: 1 }), (text) => {
      fc.pre(!text.startsWith('\ufeff') && !text.includes('\0'));
      expect(Buffer.from(inUtf8(Buffer.from(text))).toString()).toBe(Buffer.from(text).toString());
    }),
  );
});
