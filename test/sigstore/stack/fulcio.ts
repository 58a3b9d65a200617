import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { freePort } from '../../interop/stack/free-port.ts';
import { Part } from '../../interop/stack/part.ts';
import type { SignersAuthority } from '../../support/certificate.ts';
import { pem } from '../../support/der.ts';

/** What Fulcio stands on. */
export interface FulcioOptions {
  readonly command: string;
  readonly directory: string;
  readonly authority: SignersAuthority;
  readonly certificateLog: { readonly url: string; readonly publicKeyFile: string };
  /** URLs of issuers of tokens, with what their tokens say. */
  readonly issuers: Readonly<Record<string, 'email' | 'github-workflow'>>;
}

/** A running certificate authority. */
export interface Fulcio {
  readonly url: string;
  readonly part: Part;
}

const READY_TIMEOUT = 60_000;

export async function startFulcio(options: FulcioOptions): Promise<Fulcio> {
  const { command, directory, certificateLog } = options;
  const [port, grpcPort] = [await freePort(), await freePort()];
  const argv = [
    'serve',
    '--host=127.0.0.1',
    `--port=${port}`,
    '--grpc-host=127.0.0.1',
    `--grpc-port=${grpcPort}`,
    '--metrics-port=0',
    // Without a file: one would be left behind. All on this machine would have the same name.
    `--legacy-unix-domain-socket=@fulcio-${port}`,
    '--ca=fileca',
    '--fileca-watch=false',
    ...(await authorityFlags(directory, options.authority)),
    `--ct-log-url=${certificateLog.url}`,
    `--ct-log-public-key-path=${certificateLog.publicKeyFile}`,
    `--config-path=${await writeConfiguration(directory, options.issuers)}`,
  ];
  const part = await Part.start({ command, argv, directory, name: 'fulcio', port });
  const url = `http://127.0.0.1:${port}`;
  try {
    await becomeReady(url);
    return { url, part };
  } catch (error) {
    await part.kill();
    throw error;
  }
}

async function authorityFlags(
  directory: string,
  { root, intermediate }: SignersAuthority,
): Promise<string[]> {
  const chain = path.join(directory, 'fulcio-chain.pem');
  const key = path.join(directory, 'fulcio.key');
  const passphrase = randomBytes(16).toString('hex');
  await writeFile(
    chain,
    [intermediate, root].map(({ certificate }) => pem('CERTIFICATE', certificate)).join(''),
  );
  // It takes no key without a passphrase.
  await writeFile(
    key,
    intermediate.key.export({ format: 'pem', type: 'sec1', cipher: 'aes-256-cbc', passphrase }),
  );
  return [`--fileca-cert=${chain}`, `--fileca-key=${key}`, `--fileca-key-passwd=${passphrase}`];
}

async function writeConfiguration(directory: string, issuers: FulcioOptions['issuers']): Promise<string> {
  const file = path.join(directory, 'fulcio.json');
  const configuration = Object.fromEntries(
    Object.entries(issuers).map(([url, type]) => [url, { IssuerURL: url, ClientID: 'sigstore', Type: type }]),
  );
  await writeFile(file, JSON.stringify({ OIDCIssuers: configuration }));
  return file;
}

/** It listens before what stands behind its HTTP does. */
async function becomeReady(url: string): Promise<void> {
  const end = Date.now() + READY_TIMEOUT;
  let last = '';
  while (Date.now() < end) {
    const answer = await fetch(`${url}/api/v2/configuration`);
    if (answer.status === 200) return;
    last = `status ${answer.status}: ${await answer.text()}`;
    await wait(20);
  }
  throw new Error(`Fulcio does not become ready: ${last}`);
}
