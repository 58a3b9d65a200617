import { authoritiesOf } from '../../src/http/authorities.ts';
import { Deadline, type Limits } from '../../src/http/deadline.ts';
import { HttpClient, type HttpOptions } from '../../src/http/request.ts';

/** A deadline with short limits. */
export function testDeadline(
  limits: Partial<Limits> = {},
  interrupted: AbortSignal = new AbortController().signal,
): Deadline {
  return new Deadline({ connect: 2000, idle: 2000, request: 5000, all: 25_000, ...limits }, interrupted);
}

/** A client without waiting between tries. */
export function testClient(options: Partial<HttpOptions> = {}): HttpClient {
  return new HttpClient({
    userAgent: 'helm-sigstore/test',
    random: () => 0,
    env: {},
    authorities: authoritiesOf({}),
    ...options,
  });
}

/** A GET of this URL, up to this many bytes. */
export function get(url: string, maxBytes = 1000, deadline = testDeadline()) {
  return { method: 'GET' as const, url: new URL(url), maxBytes, deadline };
}

/** A POST of some JSON to this URL. */
export function post(url: string) {
  const body = Buffer.from('{"a":1}');
  return { method: 'POST' as const, url: new URL(url), body, maxBytes: 1000, deadline: testDeadline() };
}
