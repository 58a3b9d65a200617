import { UsageError } from '../errors.ts';
import { basicAuthorization } from './basic.ts';

/** An HTTP proxy. */
export interface Proxy {
  /** The variable that names it. */
  readonly variable: string;
  /** Whether the proxy itself is spoken to over TLS. */
  readonly isTls: boolean;
  /** Name or address, as the network layer wants it: an IPv6 address without brackets. */
  readonly hostname: string;
  readonly port: number;
  /** Host and port as messages show them. */
  readonly host: string;
  /** Tells it from other proxies. Not for messages: it may hold credentials. */
  readonly address: string;
  /** The value of `Proxy-Authorization` (RFC 7617); absent where the variable gives no credentials. */
  readonly authorization?: string;
}

/**
 * The proxy that a variable names, as Go programs read it: `http://` may be left out, the credentials are
 * percent-encoded.
 * @throws UsageError if it is not the address of a proxy; the message hides the value, which may hold
 * credentials
 */
export function parseProxy(value: string, variable: string): Proxy {
  const text = value.includes('://') ? value : `http://${value}`;
  if (/^socks[0-9a-z]*:/i.test(text))
    throw wrong(
      variable,
      'that of a SOCKS proxy',
      'name a proxy that speaks HTTP, or exempt the server with NO_PROXY if it can be reached without',
    );
  const rest = text.slice(text.indexOf('://') + 3);
  const userinfo = rest.slice(0, Math.max(rest.lastIndexOf('@'), 0));
  const stray = strayPercent(userinfo);
  if (stray)
    throw wrong(
      variable,
      'a % in name or password that begins no escape',
      'write %25 for each % that is a part of the name or the password',
    );
  if (!/^https?:/i.test(text) || !URL.canParse(text)) throw wrong(variable, 'something else', ESCAPES);
  const url = new URL(text);
  // One of these characters in a password ends the host too early: the rest would be taken for a path.
  if (/[?#]/.test(rest) || url.pathname.includes('@')) throw wrong(variable, 'more behind the host', ESCAPES);
  const isTls = url.protocol === 'https:';
  const { username, password } = url;
  return {
    variable,
    isTls,
    hostname: url.hostname.replace(/^\[|\]$/g, ''),
    port: Number(url.port) || (isTls ? 443 : 80),
    host: url.host,
    address: url.href,
    ...((username !== '' || password !== '') && {
      authorization: basicAuthorization(unescape(username), unescape(password)),
    }),
  };
}

const ESCAPES =
  'write http://HOST:PORT, or http://NAME:PASSWORD@HOST:PORT; in name and password @ is written %40, : %3A, / %2F, # %23, ? %3F and % %25';

function wrong(variable: string, found: string, hint: string): UsageError {
  return new UsageError(
    `expected ${variable} to be the http:// or https:// URL of a proxy, found ${found}`,
    hint,
  );
}

/** Whether the text has a `%` without two hexadecimal digits behind it. */
function strayPercent(text: string): boolean {
  return text
    .split('%')
    .slice(1)
    .some((after) => !/^[0-9a-f]{2}/i.test(after));
}

/** The bytes that a percent-encoded text stands for (RFC 3986 2.1), in any encoding. */
function unescape(text: string): Buffer {
  const [first = '', ...others] = text.split('%');
  return Buffer.concat([
    Buffer.from(first),
    ...others.flatMap((part) => [Buffer.from(part.slice(0, 2), 'hex'), Buffer.from(part.slice(2))]),
  ]);
}
