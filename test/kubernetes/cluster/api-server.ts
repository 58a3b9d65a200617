import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { freePort } from '../../interop/stack/free-port.ts';
import { Part } from '../../interop/stack/part.ts';
import { selfSignedCertificate } from '../../support/tls-certificate.ts';

/** What a client has to know of a server. */
export interface ApiAddress {
  readonly url: string;
  /** The certificate that vouches for it, in PEM. */
  readonly authority: string;
  /** Of somebody who may do everything. */
  readonly token: string;
}

export interface RunningApiServer extends ApiAddress {
  readonly part: Part;
}

/**
 * Starts a kube-apiserver on loopback that keeps everything in an etcd, and waits until it listens; its files lie in the
 * directory. There are no nodes and no controllers: nothing is run, and a namespace that is deleted stays.
 */
export async function startApiServer(
  command: string,
  directory: string,
  etcd: string,
): Promise<RunningApiServer> {
  const port = await freePort();
  const files = path.join(directory, 'api-server');
  await mkdir(files, { mode: 0o700 });
  const write = async (name: string, content: string) => {
    const file = path.join(files, name);
    await writeFile(file, content, { mode: 0o600 });
    return file;
  };
  const { key, cert: authority } = selfSignedCertificate();
  const accounts = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const token = randomBytes(16).toString('hex');
  const argv = [
    `--etcd-servers=${etcd}`,
    '--bind-address=127.0.0.1',
    `--secure-port=${port}`,
    `--cert-dir=${files}`,
    `--tls-cert-file=${await write('tls.crt', authority)}`,
    `--tls-private-key-file=${await write('tls.key', key)}`,
    `--token-auth-file=${await write('tokens.csv', `${token},tester,1,"system:masters"\n`)}`,
    '--authorization-mode=RBAC',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${await write('accounts.pub', accounts.publicKey)}`,
    `--service-account-signing-key-file=${await write('accounts.key', accounts.privateKey)}`,
    '--service-cluster-ip-range=10.0.0.0/24',
    // It would announce an address at which others reach it, and has none.
    '--endpoint-reconciler-type=none',
  ];
  const part = await Part.start({ command, argv, directory, name: 'kube-apiserver', port });
  return { url: `https://127.0.0.1:${port}`, authority, token, part };
}
