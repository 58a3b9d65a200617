import type { Incoming } from './exchange.ts';

const redirects: readonly number[] = [301, 302, 303, 307, 308];

/** Where the answer of `url` redirects to (RFC 9110 15.4); absent if it is no redirect, or one to nowhere. */
export function redirectTarget({ status, headers }: Incoming, url: URL): URL | undefined {
  const location = headers['location'];
  if (!redirects.includes(status) || location === undefined || !URL.canParse(location, url.href))
    return undefined;
  return new URL(location, url);
}
