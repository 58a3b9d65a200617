import { HttpClient, type HttpOptions } from '../../src/http/request.ts';

/** A client with short limits and no waiting between tries. */
export function testClient(options: Partial<HttpOptions> = {}): HttpClient {
  return new HttpClient({
    userAgent: 'helm-sigstore/test',
    timeouts: { connect: 2000, idle: 2000, total: 5000 },
    random: () => 0,
    env: {},
    ...options,
  });
}

/** A GET of this URL, up to this many bytes. */
export function get(url: string, maxBytes = 1000) {
  return { method: 'GET' as const, url: new URL(url), maxBytes };
}

/** A POST of some JSON to this URL. */
export function post(url: string) {
  return { method: 'POST' as const, url: new URL(url), body: Buffer.from('{"a":1}'), maxBytes: 1000 };
}
