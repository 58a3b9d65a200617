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
    const port = await freePort();
    return new Rekor(options, directory, port, await startServer(options, directory, port));
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** The path of the public key (PEM) that it was started with first. */
  get publicKey(): string {
    return publicKeyFile(this.directory, this.options.logKey);
  }

  /** The path of the private key (PEM) of the same. */
  get privateKey(): string {
    return privateKeyFile(this.directory, this.options.logKey);
  }

  /** Ends it at once. */
  async kill(): Promise<void> {
    await this.part.kill();
  }

  /** Starts it again at the same address, as it was first but for these changes. */
  async startAgain(changes: Partial<Pick<RekorOptions, 'flags' | 'treeId' | 'logKey'>> = {}): Promise<void> {
    this.part = await startServer({ ...this.options, ...changes }, this.directory, this.port);
  }
}

function privateKeyFile(directory: string, { key }: LogKeyPair): string {
  return path.join(directory, `${key.logId}.pem`);
}

function publicKeyFile(directory: string, { key }: LogKeyPair): string {
  return path.join(directory, `${key.logId}-public.pem`);
}

async function startServer(
  { command, trillian, treeId, logKey, index, flags = [] }: RekorOptions,
  directory: string,
  port: number,
): Promise<Part> {
  const keyFile = privateKeyFile(directory, logKey);
  await writeFile(keyFile, logKey.privateKey.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600 });
  await writeFile(
    publicKeyFile(directory, logKey),
    logKey.key.publicKey.export({ format: 'pem', type: 'spki' }),
  );
  const argv = [
    'serve',
    '--rekor_server.address=127.0.0.1',
    `--port=${port}`,
    '--rekor_server.hostname=rekor.local',
    `--rekor_server.signer=${keyFile}`,
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
