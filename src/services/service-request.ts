import { encodeUtf8, excerpt } from '../encoding.ts';
import { LogError, MalformedError } from '../errors.ts';
import type { Deadline } from '../http/deadline.ts';
import { collect } from '../http/exchange.ts';
import { readJson } from '../http/json.ts';
import { describeUrl, type HttpAnswer, type HttpClient } from '../http/request.ts';
import { parseJson } from '../shape.ts';
import type { Secret } from './secret.ts';

/** How servers are asked. */
export interface Asking {
  readonly http: HttpClient;
  readonly deadline: Deadline;
}

/** One request to a server of a Sigstore. */
export interface ServiceRequest {
  /** What the server is, for messages: "the certificate authority". */
  readonly who: string;
  readonly url: URL;
  /** Sent as JSON by POST; without it the request is a GET. */
  readonly json?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** The most bytes of the answer. */
  readonly maxBytes: number;
  /** What the request holds and no message may, whatever the server answers. */
  readonly secret?: Secret;
  /** Further statuses that are no refusal. */
  readonly statuses?: readonly number[];
}

/**
 * The answer of a server, with a status that is no refusal (200, 201). Redirects are never followed: who leads elsewhere
 * could have the request sent there.
 * @throws LogError `LOG_UNREACHABLE` without an answer, `LOG_REFUSED` for a refusal, `LOG_ANSWER` for a redirect
 */
export async function askService({ http, deadline }: Asking, request: ServiceRequest): Promise<HttpAnswer> {
  const { url, json, headers, maxBytes, statuses = [] } = request;
  const content = json === undefined ? {} : { 'content-type': 'application/json' };
  const received = await http.send(
    {
      method: json === undefined ? 'GET' : 'POST',
      url,
      headers: { accept: 'application/json', ...content, ...headers },
      ...(json !== undefined && { body: encodeUtf8(JSON.stringify(json)) }),
      maxBytes,
      deadline,
    },
    collect,
  );
  const answer = { ...received, url };
  if (answer.status === 200 || answer.status === 201 || statuses.includes(answer.status)) return answer;
  throw refusedBy(request, answer);
}

/**
 * What `read` makes of the JSON of an answer.
 * @throws LogError `LOG_ANSWER` if it is no JSON, or `read` throws a MalformedError
 */
export function readAnswer<T>(request: ServiceRequest, answer: HttpAnswer, read: (json: unknown) => T): T {
  return readJson(answer, read, (what) => senseless(request, what));
}

/** The error for an answer that is not what was asked for. @param what what it was instead */
export function senseless({ who, url, secret }: ServiceRequest, what: string): LogError {
  return new LogError(
    'LOG_ANSWER',
    `${who} ${describeUrl(url)} gave an answer that makes no sense: ${secret?.hideIn(what) ?? what}`,
    `check that this is the address of ${who}, and that nothing answers in its place`,
  );
}

function refusedBy({ who, url, secret }: ServiceRequest, answer: HttpAnswer): LogError {
  const { status } = answer;
  const place = `${who} ${describeUrl(url)}`;
  if (status >= 300 && status < 400)
    return new LogError(
      'LOG_ANSWER',
      `${place} redirects, which is not followed`,
      `check the address of ${who} in the signing config`,
    );
  const said = saidIn(answer);
  const message = `${place} answered with status ${status}: ${secret?.hideIn(said) ?? said}`;
  if (status === 408 || status === 429 || status >= 500)
    return new LogError('LOG_UNREACHABLE', message, 'try again later');
  return new LogError('LOG_REFUSED', message, `check the address of ${who}, and what it accepts`);
}

/** The reason that a server gives, quoted: the `message` of JSON, else the beginning of what there is. */
function saidIn({ body }: HttpAnswer): string {
  try {
    const json = parseJson(body);
    const message = typeof json === 'object' && json !== null && 'message' in json ? json.message : undefined;
    return typeof message === 'string' ? excerpt(message, 200) : 'it gives no reason';
  } catch (error) {
    if (error instanceof MalformedError) return error.message;
    throw error;
  }
}
