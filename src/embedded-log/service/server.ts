import { lookup } from 'node:dns/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { InputError, messageOf, UsageError } from '../../errors.ts';
import { probeRoom } from '../../files/probe-room.ts';
import { isLoopback } from '../../http/base-url.ts';
import { Admission, type UploadRules, type UploadTokens } from './admission.ts';
import type { AnsweredRequest } from './answered-request.ts';
import { atMost } from './at-most.ts';
import { Connections } from './connections.ts';
import { Gate } from './gate.ts';
import { Health } from './health.ts';
import { KnownKeys } from '../entry/known-keys.ts';
import { LIMITS } from '../limits.ts';
import { listen, type Listener, type TlsPair } from './listener.ts';
import { Log, type LogOptions } from '../log/log.ts';
import { ServiceMetrics } from './metrics.ts';
import { Responder } from './responder.ts';

export interface EmbeddedLogOptions extends Pick<LogOptions, 'warn'> {
  /** The directory of the log; made if it is missing. */
  readonly directory: string;
  /** The address to listen at. */
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** The certificate to serve https with; absent: http. */
  readonly tls?: TlsPair | undefined;
  /** Whether http is served to other machines. */
  readonly mayBePlain?: boolean;
  /** What is decided when the log is made, and where its key is. */
  readonly made?: Pick<LogOptions, 'keyFile' | 'passphraseFile' | 'name' | 'publicUrl'>;
  /** Who may add entries; absent: everybody. */
  readonly rules?: UploadRules;
  /** The time in seconds since 1970. */
  readonly now: () => number;
  /** Is told of errors in the log itself; the client gets status 500. */
  readonly onFailure: (error: unknown) => void;
  /** Is told of each request. */
  readonly onAnswer?: (answered: AnsweredRequest) => void;
}

/** A log that answers. */
export interface EmbeddedLog {
  /** `http://HOST:PORT` or `https://HOST:PORT`. */
  readonly url: string;
  /** Decimal. */
  readonly treeId: string;
  /** How many entries it had when it was started. */
  readonly size: number;
  /** The trees that do not grow any more, the oldest first. */
  readonly frozen: readonly { readonly treeId: string; readonly size: number }[];
  readonly publicKeyPem: string;
  /** The file with the public key. */
  readonly publicKeyPath: string;
  /** Fulfilled with the reason when the log must end, because somebody else wrote to its directory. */
  readonly mustEnd: Promise<InputError>;
  /** New connections get this certificate. @throws InputError if it cannot be served; then the old one stays */
  replaceTls(pair: TlsPair): void;
  /** From now on these tokens allow uploads. */
  replaceTokens(tokens: UploadTokens): void;
  /** Takes no further connections, answers the requests that have arrived, for a limited time, and releases the directory. */
  close(): Promise<void>;
}

/**
 * Serves the log in a directory over HTTP, with the Rekor v1 API.
 * @throws UsageError when http would be served to other machines unasked
 * @throws InputError when the directory is in use or damaged, or the address cannot be listened at
 */
export async function startEmbeddedLog(options: EmbeddedLogOptions): Promise<EmbeddedLog> {
  const { directory, port, tls, now, warn, made, onFailure, onAnswer, rules = {} } = options;
  const address = await addressOf(options);
  const metrics = new ServiceMetrics();
  let mustEnd: (error: InputError) => void = () => undefined;
  const ending = new Promise<InputError>((resolve) => (mustEnd = resolve));
  const onCommit = (entries: number) => metrics.committing(entries);
  const log = await Log.open(directory, now, {
    ...made,
    ...(warn && { warn }),
    onForeignWrite: mustEnd,
    onCommit,
  });
  const admission = new Admission(rules);
  const probes = {
    log: () => {
      log.requireWritable();
    },
    disk: () => probeRoom(join(directory, 'healthz.tmp'), PROBED_BYTES),
  };
  const health = new Health(admission.isReadOnly ? undefined : probes);
  const { headersTimeout, requestTimeout } = LIMITS;
  // `timeout` bounds how long a connection may be idle, also for a client that does not read its answer.
  const server = createServer({ headersTimeout, requestTimeout, connectionsCheckingInterval: 2000 });
  server.timeout = requestTimeout;
  const connections = new Connections(server, LIMITS.connections);
  const gate = new Gate(LIMITS.workedOnAtOnce);
  const service = { log, gate, admission, metrics, health, keys: new KnownKeys() };
  const observe = (answered: AnsweredRequest) => {
    metrics.answered(answered);
    onAnswer?.(answered);
  };
  const responder = new Responder(service, connections, observe, onFailure);
  server.on('request', (request, response) => void responder.respond(request, response));
  let listener: Listener;
  try {
    listener = await listen(server, { address, port, tls });
  } catch (error) {
    await log.close();
    throw error;
  }
  const overdue = setInterval(() => {
    connections.closeOverdue(LIMITS.answerTimeout);
  }, headersTimeout).unref();
  return {
    url: listener.url,
    treeId: log.treeId,
    size: log.head.size,
    frozen: log.trees.frozen.map(({ treeId, head: { size } }) => ({ treeId, size })),
    publicKeyPem: log.publicKeyPem,
    publicKeyPath: log.publicKeyPath,
    mustEnd: ending,
    replaceTls: (pair) => {
      listener.replaceTls(pair);
    },
    replaceTokens: (tokens) => {
      admission.replaceTokens(tokens);
    },
    close: async () => {
      connections.isEnding = true;
      await closeListener(listener, connections);
      clearInterval(overdue);
      await atMost(LIMITS.endTimeout, log.close());
    },
  };
}

/** Room for an upload, as health looks for it. */
const PROBED_BYTES = 64 << 10;

/** Lets requests under way finish, for a limited time. */
async function closeListener(listener: Listener, connections: Connections): Promise<void> {
  const closed = listener.close();
  connections.close('unasked');
  listener.dropHandshakes();
  await atMost(LIMITS.endTimeout, closed);
  connections.close('all');
  await closed;
}

/** The IP address to listen at: what a name stands for is looked up once, so that what is judged is what is listened at. */
async function addressOf({ host, port, tls, mayBePlain = false }: EmbeddedLogOptions): Promise<string> {
  let address: string;
  try {
    ({ address } = await lookup(host));
  } catch (error) {
    throw new InputError(`cannot listen at ${host}:${port}: ${messageOf(error)}`, undefined, {
      cause: error,
    });
  }
  if (tls === undefined && !mayBePlain && !isLoopback(address.includes(':') ? `[${address}]` : address))
    throw new UsageError(
      `expected --tls-cert and --tls-key where other machines can ask, found http at ${address}`,
      'give a certificate, let a proxy that speaks TLS stand before it on this machine, or say --insecure-http',
    );
  return address;
}
