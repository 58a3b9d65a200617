import { isLoopback } from './base-url.ts';

/** The headers of a request, by name. */
type Headers = Readonly<Record<string, string>>;

/**
 * A token that shows one server who asks (RFC 6750). No request to another server has it, wherever a redirect leads, and none
 * that others on the way could read. Printed by mistake it shows nothing.
 */
export class ServerToken {
  readonly #base: URL;
  readonly #headers: Headers;

  /** @param base URL of the server: the token is for what is at its origin, below its path */
  constructor(base: string, token: string) {
    this.#base = new URL(base);
    this.#headers = { authorization: `Bearer ${token}` };
  }

  /** What a request to this URL gets. */
  headersFor(url: URL): Headers {
    const { origin, pathname, hostname, protocol } = this.#base;
    const isOfServer =
      url.origin === origin && (url.pathname === pathname || url.pathname.startsWith(withSlash(pathname)));
    return isOfServer && (protocol === 'https:' || isLoopback(hostname)) ? this.#headers : {};
  }
}

function withSlash(path: string): string {
  return path.endsWith('/') ? path : `${path}/`;
}
