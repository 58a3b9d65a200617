import { UsageError } from '../errors.ts';
import { excerpt } from '../encoding.ts';
import { withoutTrailing } from '../trailing.ts';

/** The address of a server: scheme, host, port and perhaps a path prefix, without a slash at the end. */
export interface BaseUrl {
  readonly href: string;
  /** What a user should know about this address; lower case, no full stop. */
  readonly warning?: string;
}

/**
 * The base URL that a setting (an option or a variable, named in messages) holds.
 * @throws UsageError if it is not an http or https URL, or has credentials, a query or a fragment; the
 * message does not show these
 */
export function parseBaseUrl(text: string, setting: string): BaseUrl {
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text))
    throw new UsageError(
      `expected ${setting} to be a URL that begins with https:// or http://, found ${withoutSecrets(text)}`,
      'give the whole address, such as https://rekor.example.com',
    );
  const url = new URL(text);
  if (url.username !== '' || url.password !== '')
    throw new UsageError(
      `expected ${setting} to be a URL without credentials, found some before the host ${url.host}`,
      'remove them from the URL',
    );
  if (/[?#]/.test(text))
    throw new UsageError(
      `expected ${setting} to be the address of a server, found a query or fragment after ${excerpt(bare(url))}`,
      `remove everything from the "?" or "#" on`,
    );
  const href = bare(url);
  if (url.protocol === 'https:' || isLoopback(url.hostname)) return { href };
  return {
    href,
    warning: `${href} is asked without encryption: others on the way can see and change what is sent`,
  };
}

/** The URL of an API path (with its leading slash) under a base URL. */
export function endpoint(base: BaseUrl, path: string, query: Readonly<Record<string, string>> = {}): URL {
  const url = new URL(base.href + path);
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  return url;
}

/** Whether the host of a URL is this machine: `localhost`, a name below it, or a loopback address. */
export function isLoopback(hostname: string): boolean {
  return /^(?:(?:.+\.)?localhost\.?|127(?:\.[0-9]+){3}|\[::1\])$/.test(hostname);
}

function bare(url: URL): string {
  return url.origin + withoutTrailing(url.pathname, '/');
}

function withoutSecrets(text: string): string {
  return excerpt(text.replace(/^.*@/s, '').replace(/[?#].*$/s, ''));
}
