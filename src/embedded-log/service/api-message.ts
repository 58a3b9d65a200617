import type { Admission } from './admission.ts';
import type { Gate } from './gate.ts';
import type { Health } from './health.ts';
import type { KnownKeys } from '../entry/known-keys.ts';
import type { Log } from '../log/log.ts';
import type { ServiceMetrics } from './metrics.ts';

/** A request to the Rekor v1 API. */
export interface ApiRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** The header `Accept`; empty when there was none. */
  readonly accept: string;
  /** The media type of the body, as the request says it. */
  readonly contentType: string | undefined;
  readonly body: Uint8Array;
  /** The header `Authorization`. */
  readonly authorization: string | undefined;
}

/** An answer of the Rekor v1 API. */
export interface ApiAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

/** A log, and all that its answers depend on. */
export interface Service {
  readonly log: Log;
  /** Bounds how much is worked on at a time. */
  readonly gate: Gate;
  readonly admission: Admission;
  readonly metrics: ServiceMetrics;
  readonly health: Health;
  readonly keys: KnownKeys;
}

/** Answers the requests of one method and path. @throws Refusal when the answer is an error */
export type Handler = (service: Service, request: ApiRequest) => ApiAnswer | Promise<ApiAnswer>;

export const JSON_TYPE = { 'content-type': 'application/json' } as const;

/** An answer of JSON. */
export function json(
  value: unknown,
  status = 200,
  headers: Readonly<Record<string, string>> = {},
): ApiAnswer {
  return {
    status,
    headers: { ...JSON_TYPE, ...headers },
    body: `${JSON.stringify(value)}\n`,
  };
}
