import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { freePort } from '../../interop/stack/free-port.ts';
import { Part } from '../../interop/stack/part.ts';
import { startTilesFront } from './tiles-front.ts';

/** Clients take the host of a log's URL, without the port, for its name. */
export const LOG_ORIGIN = '127.0.0.1';

/** A running log of the second version. */
export interface RekorTiles {
  readonly url: string;
  readonly publicKey: KeyObject;
  /** Where its tiles and checkpoints lie; the server itself does not serve them, what stands in front of it does. */
  readonly storage: string;
  readonly part: Pick<Part, 'kill'>;
}

/** @param options further ones of the server */
export async function startRekorTiles(
  command: string,
  directory: string,
  options: readonly string[] = [],
): Promise<RekorTiles> {
  const [port, grpcPort] = [await freePort(), await freePort()];
  const { privateKey } = generateKeyPairSync('ed25519');
  const keyFile = path.join(directory, 'rekor.key');
  await writeFile(keyFile, privateKey.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600 });
  const storage = path.join(directory, 'rekor');
  const argv = [
    'serve',
    `--hostname=${LOG_ORIGIN}`,
    `--storage-dir=${storage}`,
    `--signer-filepath=${keyFile}`,
    `--http-port=${port}`,
    `--grpc-port=${grpcPort}`,
    '--http-metrics-port=0',
    // It answers when a checkpoint covers the entry.
    '--checkpoint-interval=100ms',
    '--batch-max-age=20ms',
    '--persistent-antispam',
    ...options,
  ];
  const part = await Part.start({ command, argv, directory, name: 'rekor-tiles', port });
  const front = await startTilesFront(`http://127.0.0.1:${port}`, storage);
  const kill = async () => {
    await front.close();
    await part.kill();
  };
  return { url: front.url, publicKey: createPublicKey(privateKey), storage, part: { kill } };
}
