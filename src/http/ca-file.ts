import { X509Certificate } from 'node:crypto';
import { InputError, messageOf } from '../errors.ts';
import { readUserFile } from '../files/user-file.ts';
import { inUtf8, mistakenFor, type Mistaken } from '../user-text.ts';

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

/**
 * The PEM text of a file of certificate authorities (RFC 7468 5).
 * @param interrupted ends the waiting for a pipe
 * @throws InputError if it cannot be read, holds no certificate, or holds a damaged one: Node would skip that
 * one and might then trust nobody
 */
export async function readCaFile(path: string, interrupted?: AbortSignal): Promise<string> {
  const bytes = await readUserFile(path, { limit: LIMIT, interrupted });
  // The text between certificates may be in any encoding.
  const text = Buffer.from(inUtf8(bytes)).toString('utf8');
  const blocks = text.match(CERTIFICATE) ?? [];
  if (blocks.length === 0 || blocks.length !== text.split('-----BEGIN CERTIFICATE-----').length - 1)
    throw notCertificates(path, blocks.length, bytes);
  for (const block of blocks) requireCertificate(block, path);
  return blocks.join('\n');
}

/** The lists that Linux distributions ship have a quarter of a mebibyte. */
const LIMIT = 16 * 1024 * 1024;

function notCertificates(path: string, found: number, bytes: Uint8Array): InputError {
  const mistaken = found === 0 ? (inOtherForm(bytes) ?? mistakenFor(bytes)) : undefined;
  const instead = mistaken === undefined ? '' : `: it is ${mistaken.name}`;
  return new InputError(
    `expected ${path} to hold certificates in PEM, found ${found} that are whole${instead}`,
    mistaken?.remedy,
  );
}

/** Recognises PKCS #7 and DER, which Windows writes: what it is, and how to convert it to PEM. */
function inOtherForm(bytes: Uint8Array): Mistaken | undefined {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (text.includes('-----BEGIN PKCS7-----'))
    return {
      name: 'PKCS #7 in PEM',
      remedy: 'take the certificates out of it: openssl pkcs7 -print_certs -in FILE -out ca.pem',
    };
  if (bytes[0] !== SEQUENCE) return undefined;
  if (text.subarray(0, 32).includes(SIGNED_DATA))
    return {
      name: 'PKCS #7 in DER',
      remedy: 'take the certificates out of it: openssl pkcs7 -inform der -print_certs -in FILE -out ca.pem',
    };
  return isCertificate(bytes)
    ? {
        name: 'a certificate in DER',
        remedy: 'convert it to PEM: openssl x509 -inform der -in FILE -out ca.pem',
      }
    : undefined;
}

/** What a structure in DER begins with, and the object identifier of signed data. RFC 5652 4. */
const SEQUENCE = 0x30;
const SIGNED_DATA = Buffer.from('06092a864886f70d010702', 'hex');

function isCertificate(der: Uint8Array): boolean {
  try {
    return new X509Certificate(der).raw.length > 0;
  } catch {
    return false;
  }
}

function requireCertificate(pem: string, path: string): void {
  try {
    new X509Certificate(pem);
  } catch (error) {
    throw new InputError(
      `expected ${path} to hold certificates in PEM, found a damaged one: ${messageOf(error)}`,
    );
  }
}
