import { mkdtemp, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { LogKeyPair } from '../../support/log-keys.ts';
import { freePort } from './free-port.ts';
import { Part } from './part.ts';
import type { TrillianAddress } from './trillian.ts';

export interface RekorOptions {
  /** The path of rekor-server. */
  readonly command: string;
  /** Where its keys and its output are kept, in a folder of their own. */
  readonly directory: string;
  readonly trillian: Pick<TrillianAddress, 'port'>;
  /** Decimal. */
  readonly treeId: string;
  readonly logKey: LogKeyPair;
  /** Where its index is. */
  readonly index: { readonly redis: number } | { readonly mysql: string };
  readonly flags?: readonly string[];
}

/** A running rekor-server. */
export class Rekor {
  private constructor(
    private readonly options: RekorOptions,
    private readonly directory: string,
    private readonly port: number,
    private part: Part,
  ) {}

  static async start(options: RekorOptions): Promise<Rekor> {
    const directory = await mkdtemp(path.join(options.directory, 'rekor-'));
    const { key, privateKey } = options.logKey;
    await writeFile(keyFile(directory), privateKey.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600 });
    await writeFile(publicKeyFile(directory), key.publicKey.export({ format: 'pem', type: 'spki' }));
    const port = await freePort();
    return new Rekor(options, directory, port, await startServer(options, directory, port));
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** The path of its public key (PEM). */
  get publicKey(): string {
    return publicKeyFile(this.directory);
  }

  /** The path of its private key (PEM). */
  get privateKey(): string {
    return keyFile(this.directory);
  }

  /** Ends it at once. */
  async kill(): Promise<void> {
    await this.part.kill();
  }

  /** Ends it as an operator would: it first answers what it was asked. */
  async stop(): Promise<void> {
    await this.part.stop();
  }

  /** Starts it again at the same address, with other options if there are any. */
  async startAgain(changes: Partial<Pick<RekorOptions, 'flags' | 'treeId'>> = {}): Promise<void> {
    this.part = await startServer({ ...this.options, ...changes }, this.directory, this.port);
  }
}

function keyFile(directory: string): string {
  return path.join(directory, 'key.pem');
}

function publicKeyFile(directory: string): string {
  return path.join(directory, 'public-key.pem');
}

async function startServer(
  { command, trillian, treeId, index, flags = [] }: RekorOptions,
  directory: string,
  port: number,
): Promise<Part> {
  const argv = [
    'serve',
    '--rekor_server.address=127.0.0.1',
    `--port=${port}`,
    '--rekor_server.hostname=rekor.local',
    `--rekor_server.signer=${keyFile(directory)}`,
    '--trillian_log_server.address=127.0.0.1',
    `--trillian_log_server.port=${trillian.port}`,
    `--trillian_log_server.tlog_id=${treeId}`,
    ...indexFlags(index),
    ...flags,
  ];
  return await Part.start({ command, argv, directory, name: 'rekor-server', port });
}

function indexFlags(index: RekorOptions['index']): string[] {
  if ('mysql' in index)
    return ['--search_index.storage_provider=mysql', `--search_index.mysql.dsn=${index.mysql}`];
  return [
    '--search_index.storage_provider=redis',
    '--redis_server.address=127.0.0.1',
    `--redis_server.port=${index.redis}`,
  ];
}
