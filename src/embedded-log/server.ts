import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { InputError, messageOf } from '../errors.ts';
import { LIMITS } from './limits.ts';
import { Log, type LogOptions } from './log.ts';
import { Responder } from './responder.ts';

/** What is decided when the log is made, and where its key is. */
type LogMade = Pick<LogOptions, 'keyFile' | 'passphraseFile' | 'name' | 'publicUrl'>;

export interface EmbeddedLogOptions extends Pick<LogOptions, 'warn'>, LogMade {
  /** The directory of the log; made if it is missing. */
  readonly directory: string;
  /** The address to listen at. */
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** The time in seconds since 1970. */
  readonly now: () => number;
  /** Is told of errors in the log itself; the client gets status 500. */
  readonly onFailure: (error: unknown) => void;
}

/** A log that answers. */
export interface EmbeddedLog {
  /** `http://HOST:PORT`. */
  readonly url: string;
  /** Decimal. */
  readonly treeId: string;
  readonly publicKeyPem: string;
  /** The file with the public key. */
  readonly publicKeyPath: string;
  /** Fulfilled with the reason when the log must end, because somebody else wrote to its directory. */
  readonly mustEnd: Promise<InputError>;
  /** Answers the requests that have arrived, and releases the directory. */
  close(): Promise<void>;
}

const CLOSE_TIMEOUT = 10_000;

/**
 * Serves the log in a directory over HTTP, with the Rekor v1 API.
 * @throws InputError when the directory is in use or damaged, or the address cannot be listened at
 */
export async function startEmbeddedLog(options: EmbeddedLogOptions): Promise<EmbeddedLog> {
  const { directory, host, port, now, onFailure, ...logOptions } = options;
  let mustEnd: (error: InputError) => void = () => undefined;
  const ending = new Promise<InputError>((resolve) => (mustEnd = resolve));
  const log = await Log.open(directory, now, { ...logOptions, onForeignWrite: mustEnd });
  const { headersTimeout, requestTimeout } = LIMITS;
  // `timeout` bounds how long a connection may be idle, also for a client that does not read its answer.
  const server = createServer({ headersTimeout, requestTimeout, connectionsCheckingInterval: 2000 });
  server.timeout = requestTimeout;
  const responder = new Responder(log, server, onFailure);
  server.on('request', (request, response) => void responder.respond(request, response));
  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch (error) {
    await log.close();
    throw new InputError(`cannot listen at ${host}:${port}: ${messageOf(error)}`, undefined, {
      cause: error,
    });
  }
  const { address, family, port: bound } = server.address() as AddressInfo;
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${bound}`,
    treeId: log.treeId,
    publicKeyPem: log.publicKeyPem,
    publicKeyPath: log.publicKeyPath,
    mustEnd: ending,
    close: async () => {
      await closeServer(server);
      await log.close();
    },
  };
}

/** Lets requests under way finish, for a limited time. */
async function closeServer(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  const timer = setTimeout(() => {
    server.closeAllConnections();
  }, CLOSE_TIMEOUT);
  await closed;
  clearTimeout(timer);
}
