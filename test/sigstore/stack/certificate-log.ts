import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { freePort } from '../../interop/stack/free-port.ts';
import { Part } from '../../interop/stack/part.ts';

/** A running TesseraCT: a log of certificates that Fulcio gets its promises (SCTs) from. */
export interface CertificateLog {
  readonly url: string;
  readonly publicKey: KeyObject;
  /** The path of that key, in PEM. */
  readonly publicKeyFile: string;
  readonly part: Part;
}

/** @param root the path of the root, in PEM, below which it takes certificates */
export async function startCertificateLog(
  command: string,
  directory: string,
  root: string,
): Promise<CertificateLog> {
  const port = await freePort();
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const publicKey = createPublicKey(privateKey);
  const keyFile = path.join(directory, 'certificate-log.key');
  const publicKeyFile = path.join(directory, 'certificate-log.pub');
  await writeFile(keyFile, privateKey.export({ format: 'pem', type: 'sec1' }), { mode: 0o600 });
  await writeFile(publicKeyFile, publicKey.export({ format: 'pem', type: 'spki' }));
  const argv = [
    `--private_key=${keyFile}`,
    '--origin=127.0.0.1/ct',
    '--path_prefix=ct',
    `--storage_dir=${path.join(directory, 'certificate-log')}`,
    `--roots_pem_file=${root}`,
    `--http_endpoint=127.0.0.1:${port}`,
    // A certificate waits until a checkpoint covers it, and this is the least there is.
    '--checkpoint_interval=100ms',
    '--batch_max_age=20ms',
  ];
  const part = await Part.start({ command, argv, directory, name: 'tesseract', port });
  return { url: `http://127.0.0.1:${port}/ct`, publicKey, publicKeyFile, part };
}
