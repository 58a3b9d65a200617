import type { AnswerHead } from './exchange.ts';

const redirects: readonly number[] = [301, 302, 303, 307, 308];

/** Where the answer of `url` redirects to (RFC 9110 15.4); undefined without a redirect to a usable URL. */
export function redirectTarget({ status, headers }: AnswerHead, url: URL): URL | undefined {
  const location = headers['location'];
  if (!redirects.includes(status) || location === undefined || !URL.canParse(location, url.href))
    return undefined;
  return new URL(location, url);
}
