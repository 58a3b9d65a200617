import type { Authorities } from '../http/authorities.ts';
import { isLoopback } from '../http/base-url.ts';
import type { Deadline } from '../http/deadline.ts';
import { AnswerTooLong, ExchangeFailure, faultOf } from '../http/failure.ts';
import { collect } from '../http/exchange.ts';
import type { HttpClient } from '../http/request.ts';
import { asUnchecked } from '../http/unchecked.ts';

/** The names of Docker Hub, which keeps its credentials under another one. */
export const DOCKER_HUB_HOSTS: readonly string[] = ['docker.io', 'index.docker.io', 'registry-1.docker.io'];

/** Whether registries may be spoken to without encryption. */
export interface PlainHttp {
  /** All of them are, because the user asked for that. */
  readonly isForced: boolean;
  /** Not even those of this machine are: the user said whose certificates count. */
  readonly isForbidden: boolean;
}

/**
 * The URL of the API of a registry. It is https, but for a registry of this machine that speaks plain http, and where the user
 * asked for that.
 * @throws SigstoreError `UNCHECKED` if a registry of this machine does not answer
 */
export async function findRegistry(
  host: string,
  { isForced, isForbidden }: PlainHttp,
  asking: Asking,
): Promise<URL> {
  const name = DOCKER_HUB_HOSTS.includes(host) ? 'registry-1.docker.io' : host;
  const [secure, plain] = [new URL(`https://${name}/v2/`), new URL(`http://${name}/v2/`)];
  if (isForced) return plain;
  if (isForbidden || !isLoopback(secure.hostname)) return secure;
  return (await speaksTls(asking, secure)) ? secure : plain;
}

/** How a registry is asked for the first time. */
interface Asking {
  readonly http: HttpClient;
  readonly authorities: Authorities | undefined;
  readonly deadline: Deadline;
}

async function speaksTls({ http, authorities, deadline }: Asking, url: URL): Promise<boolean> {
  try {
    await http.send({ method: 'GET', url, maxBytes: ANSWER_LIMIT, deadline, authorities }, collect);
    return true;
  } catch (error) {
    const failure = error instanceof Error ? error.cause : undefined;
    if (isHandshakeFailure(failure)) return false;
    // The beginning of a long answer came over TLS.
    if (failure instanceof AnswerTooLong) return true;
    throw asUnchecked(error);
  }
}

const ANSWER_LIMIT = 64 << 10;

function isHandshakeFailure(failure: unknown): boolean {
  if (!(failure instanceof ExchangeFailure) || !(failure.cause instanceof Error)) return false;
  return faultOf(failure.cause).fault === 'handshake';
}
