import type { Gate } from './gate.ts';
import type { Log } from './log.ts';

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
}

/** An answer of the Rekor v1 API. */
export interface ApiAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

/** A log, and the gate that bounds how much is worked on at a time. */
export interface Service {
  readonly log: Log;
  readonly gate: Gate;
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
