import { SigstoreError } from '../errors.ts';
import { isLoopback } from '../http/base-url.ts';
import { collect } from '../http/exchange.ts';
import { redirectTarget } from '../http/redirect.ts';
import { describeUrl, type HttpAnswer, type HttpClient, type HttpRequest } from '../http/request.ts';

/**
 * The answer to a request, after redirects of a GET or HEAD. Another origin, and whatever comes after it, gets neither the
 * credentials nor the certificate of the client.
 * @param mayBePlain whether plain http to other machines is allowed
 * @throws LogError as `HttpClient.send`; SigstoreError `UNCHECKED` for a redirect that must not be followed
 */
export async function followed(
  http: HttpClient,
  request: HttpRequest,
  mayBePlain: boolean,
): Promise<HttpAnswer> {
  let next = request;
  for (let hops = 0; hops <= MAX_HOPS; hops++) {
    const { url } = next;
    const answer = await http.send(next, collect);
    const target = redirectTarget(answer, url);
    if (target === undefined) return { ...answer, url };
    const why = whyNotFollowed(next, target, mayBePlain);
    if (why !== undefined)
      throw new SigstoreError(
        'UNCHECKED',
        `${describeUrl(url)} redirects to ${describeUrl(target)}, which is not followed: ${why}`,
      );
    next = { ...(target.origin === url.origin ? next : withoutSecrets(next)), url: target };
  }
  throw new SigstoreError('UNCHECKED', `${describeUrl(request.url)} redirects more than ${MAX_HOPS} times`);
}

const MAX_HOPS = 10;

function whyNotFollowed({ method, url }: HttpRequest, target: URL, mayBePlain: boolean): string | undefined {
  if (method !== 'GET' && method !== 'HEAD') return `it is an answer to ${method}`;
  if (target.username !== '' || target.password !== '') return 'it has credentials';
  if (target.protocol === 'https:') return undefined;
  if (target.protocol !== 'http:') return 'it is neither https nor http';
  if (url.protocol === 'https:') return 'it leads from https to http';
  return mayBePlain || isLoopback(target.hostname)
    ? undefined
    : 'plain http is for this machine alone, or with --insecure-plain-http';
}

function withoutSecrets(request: HttpRequest): HttpRequest {
  const headers = Object.entries(request.headers ?? {}).filter(([name]) => name.toLowerCase() === 'accept');
  return { ...request, headers: Object.fromEntries(headers), authorities: undefined };
}
