import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readCaFile } from '../../src/http/ca-file.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { selfSignedCertificate } from '../support/tls-certificate.ts';

const [first, second] = [selfSignedCertificate().cert, selfSignedCertificate().cert];

async function fileOf(text: string): Promise<string> {
  const path = join(await temporaryDirectory(), 'ca.pem');
  await writeFile(path, text);
  return path;
}

describe('a file of certificate authorities', () => {
  test('gives all its certificates, and nothing of what is around them', async () => {
    const path = await fileOf(`# ours\n${first}subject=CN = two\n${second}`);
    expect(await readCaFile(path)).toBe(`${first.trim()}\n${second.trim()}`);
  });

  test.each([
    ['nothing', '', 'found 0 that are whole'],
    ['a key', selfSignedCertificate().key, 'found 0 that are whole'],
    ['half a certificate', first.slice(0, 200), 'found 0 that are whole'],
    ['a good one and half a one', `${first}${second.slice(0, 200)}`, 'found 1 that are whole'],
    ['a damaged one', first.replace(/\n[A-Za-z0-9+/=]+\n-----END/, '\n-----END'), 'found a damaged one'],
  ])('with %s is refused: Node would pass over it', async (_, text, says) => {
    const path = await fileOf(text);
    const failure = readCaFile(path);
    await expect(failure).rejects.toMatchObject({ code: 'INPUT' });
    await expect(failure).rejects.toThrow(`expected ${path} to hold certificates in PEM, ${says}`);
  });

  const der = Buffer.from(first.replace(/-----[A-Z ]+-----/g, ''), 'base64');
  test.each([
    ['a certificate in DER', der, 'openssl x509 -inform der -in '],
    [
      'PKCS #7 in DER',
      // Signed data without anybody's signature. RFC 5652 5.1.
      Buffer.from('301b06092a864886f70d010702a00e300c020101310030050600a0003100', 'hex'),
      'openssl pkcs7 -inform der -print_certs -in ',
    ],
    [
      'PKCS #7 in PEM',
      Buffer.from('-----BEGIN PKCS7-----\nMBsG\n-----END PKCS7-----\n'),
      'openssl pkcs7 -print_certs -in ',
    ],
  ])('as %s comes with the way to convert it', async (name, content, way) => {
    const path = join(await temporaryDirectory(), 'ca.cer');
    await writeFile(path, content);
    await expect(readCaFile(path)).rejects.toMatchObject({
      code: 'INPUT',
      message: expect.stringContaining(`it is ${name}`) as string,
      hint: expect.stringContaining(way) as string,
    });
  });

  test('that is not there, or is a directory, is named', async () => {
    const directory = await temporaryDirectory();
    await expect(readCaFile(join(directory, 'none'))).rejects.toThrow('there is no file');
    await expect(readCaFile(directory)).rejects.toThrow(`cannot read ${directory}: EISDIR`);
  });
});
