import { SigstoreError } from '../errors.ts';
import { isLoopback } from './base-url.ts';
import type { AnswerHead } from './exchange.ts';
import { redirectTarget } from './redirect.ts';
import { describeUrl, type HttpRequest } from './request.ts';

/** The most redirects of one request. */
const MAX_HOPS = 10;

/**
 * The answer to a request, after redirects of a GET or HEAD, and the URL that gave it. Another origin, and whatever comes after
 * it, gets neither the credentials nor the certificate of the client: of the headers only `accept`.
 * @param mayBePlain whether plain http to other machines is allowed
 * @param send sends one request; the answer says by status and headers whether it is a redirect
 * @throws SigstoreError `UNCHECKED` for a redirect that could show to others what is asked for, or credentials
 * @throws whatever `send` throws
 */
export async function follow<Answer extends AnswerHead>(
  request: HttpRequest,
  mayBePlain: boolean,
  send: (request: HttpRequest) => Promise<Answer>,
): Promise<Answer & { readonly url: URL }> {
  let next = request;
  for (let hops = 0; hops <= MAX_HOPS; hops++) {
    const { url } = next;
    const answer = await send(next);
    const target = redirectTarget(answer, url);
    if (target === undefined) return { ...answer, url };
    requireFollowed(next, target, mayBePlain);
    // Whoever was led away and back would otherwise send what another server chose, with credentials.
    next = { ...(target.origin === url.origin ? next : withoutSecrets(next)), url: target };
  }
  throw new SigstoreError('UNCHECKED', `${describeUrl(request.url)} redirects more than ${MAX_HOPS} times`);
}

function requireFollowed(request: HttpRequest, to: URL, mayBePlain: boolean): void {
  const why = whyNotFollowed(request, to, mayBePlain);
  if (why === undefined) return;
  throw new SigstoreError(
    'UNCHECKED',
    `${describeUrl(request.url)} redirects to ${isHttp(to) ? describeUrl(to) : to.protocol}, which is not followed: ${why}`,
  );
}

function whyNotFollowed({ method, url }: HttpRequest, to: URL, mayBePlain: boolean): string | undefined {
  if (method !== 'GET' && method !== 'HEAD') return `it is an answer to ${method}`;
  if (!isHttp(to)) return 'it is neither https nor http';
  if (to.username !== '' || to.password !== '') return 'it has credentials';
  if (to.protocol === 'https:') return undefined;
  if (url.protocol === 'https:') return 'it leads from https to http';
  return mayBePlain || isLoopback(to.hostname)
    ? undefined
    : 'plain http is for this machine alone, or with --insecure-plain-http';
}

function isHttp({ protocol }: URL): boolean {
  return protocol === 'https:' || protocol === 'http:';
}

function withoutSecrets(request: HttpRequest): HttpRequest {
  const headers = Object.entries(request.headers ?? {}).filter(([name]) => name.toLowerCase() === 'accept');
  return { ...request, headers: Object.fromEntries(headers), authorities: undefined };
}
