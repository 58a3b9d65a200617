import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { TlsIdentity } from '../../support/tls-certificate.ts';
import { freePort } from '../../interop/stack/free-port.ts';
import { Part } from '../../interop/stack/part.ts';
import type { Credentials, RegistryServer } from './registry-server.ts';
import type { TokenService } from './token-service.ts';

/** How a registry is protected. */
export interface DistributionOptions {
  /** The registry program: distribution 3, or Debian's docker-registry. */
  readonly command: string;
  /** Gets a directory with the name of the registry, and all that it stores. */
  readonly directory: string;
  readonly name: string;
  /** Without it, it speaks plain HTTP. */
  readonly tls?: TlsIdentity;
  /** Asks for these by Basic authentication. */
  readonly credentials?: Credentials;
  /** Sends clients to this service for a token. */
  readonly tokens?: TokenService;
}

/** The reference implementation of a registry, on loopback, in either generation. It has no referrers API. */
export class DistributionRegistry implements RegistryServer {
  private constructor(
    /** `127.0.0.1:PORT`, as it stands in a reference. */
    readonly host: string,
    readonly url: string,
    private readonly part: Part,
  ) {}

  /** Starts it and waits until it listens. @throws with what it printed, when it does not */
  static async start(options: DistributionOptions): Promise<DistributionRegistry> {
    const { command, name, tls } = options;
    const directory = path.join(options.directory, name);
    await mkdir(directory);
    const port = await freePort();
    const file = path.join(directory, 'config.yml');
    // JSON is YAML.
    await writeFile(file, JSON.stringify(await configuration(options, directory, port)));
    const part = await Part.start({ command, argv: ['serve', file], directory, name, port });
    const host = `127.0.0.1:${port}`;
    return new DistributionRegistry(host, `${tls === undefined ? 'http' : 'https'}://${host}`, part);
  }

  async stop(): Promise<void> {
    await this.part.kill();
  }
}

async function configuration(options: DistributionOptions, directory: string, port: number): Promise<object> {
  const { tls, credentials, tokens } = options;
  const write = async (name: string, content: string) => {
    const file = path.join(directory, name);
    await writeFile(file, content, { mode: 0o600 });
    return file;
  };
  return {
    version: 0.1,
    log: { level: 'error' },
    storage: {
      filesystem: { rootdirectory: path.join(directory, 'storage') },
      delete: { enabled: true },
    },
    http: {
      addr: `127.0.0.1:${port}`,
      secret: 'of one test',
      ...(tls && {
        tls: { certificate: await write('tls.crt', tls.cert), key: await write('tls.key', tls.key) },
      }),
    },
    ...(credentials && {
      auth: {
        htpasswd: { realm: 'charts', path: await write('htpasswd', await passwordFile(credentials)) },
      },
    }),
    ...(tokens && {
      auth: {
        token: {
          realm: tokens.realm,
          service: tokens.service,
          issuer: tokens.issuer,
          rootcertbundle: await write('tokens.crt', tokens.certificate),
        },
      },
    }),
  };
}

/** With bcrypt, the only hash that registries take. */
async function passwordFile({ user, password }: Credentials): Promise<string> {
  const { stdout } = await promisify(execFile)('htpasswd', ['-Bbn', user, password]);
  return stdout;
}
