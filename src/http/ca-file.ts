import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { InputError, messageOf } from '../errors.ts';

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/g;

/**
 * The PEM text of a file of certificate authorities (RFC 7468 5).
 * @throws InputError if it cannot be read, holds no certificate, or one that is damaged: Node would pass over it, and
 * then trust nobody
 */
export async function readCaFile(path: string): Promise<string> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const isMissing = (error as NodeJS.ErrnoException).code === 'ENOENT';
    throw new InputError(isMissing ? `there is no file ${path}` : `cannot read ${path}: ${messageOf(error)}`);
  }
  const blocks = text.match(CERTIFICATE) ?? [];
  if (blocks.length === 0 || blocks.length !== text.split('-----BEGIN CERTIFICATE-----').length - 1)
    throw new InputError(
      `expected ${path} to hold certificates in PEM, found ${blocks.length} that are whole`,
    );
  for (const block of blocks) requireCertificate(block, path);
  return blocks.join('\n');
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
