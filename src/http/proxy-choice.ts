import { BlockList, isIP, isIPv6 } from 'node:net';
import { UsageError } from '../errors.ts';
import { isLoopback } from './base-url.ts';

/** Variables of the environment. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy through which this URL is asked, by the variables that Go programs such as Helm honour:
 * `HTTPS_PROXY` and `HTTP_PROXY` by scheme, `NO_PROXY` for exceptions, each in lower case too; never for this
 * machine itself.
 * @throws UsageError if the variable holds no http or https URL (which is not shown: it may hold credentials)
 */
export function proxyFor(url: URL, env: Environment): URL | undefined {
  const variable = url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  const value = read(env, variable);
  if (value === '' || isLoopback(url.hostname) || isExempt(url, read(env, 'NO_PROXY'))) return undefined;
  const text = value.includes('://') ? value : `http://${value}`;
  if (!/^https?:/i.test(text) || !URL.canParse(text))
    throw new UsageError(
      `expected ${variable} to be the http:// or https:// URL of a proxy, found something else`,
    );
  return new URL(text);
}

function read(env: Environment, name: string): string {
  return (env[name] || env[name.toLowerCase()] || '').trim();
}

function isExempt(url: URL, exceptions: string): boolean {
  return exceptions
    .split(/[\s,]+/)
    .filter((exception) => exception !== '')
    .some((exception) => matches(url, exception.toLowerCase()));
}

// `*`, an address, a range of addresses, or a domain with everything below it, each but the first with a port
// if wanted; `.domain` and `*.domain` stand for what is below the domain only.
function matches(url: URL, exception: string): boolean {
  if (exception === '*') return true;
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (exception.includes('/')) return isInRange(host, exception);
  const [, name, port] = /^(.*?)(?::([0-9]+))?$/.exec(isIPv6(exception) ? `[${exception}]` : exception) ?? [];
  if (name === undefined || (port !== undefined && port !== portOf(url))) return false;
  const pattern = name.replace(/^\[|\]$|^\*(?=\.)/g, '');
  return pattern.startsWith('.') ? host.endsWith(pattern) : host === pattern || host.endsWith(`.${pattern}`);
}

function isInRange(host: string, range: string): boolean {
  const [network = '', bits = ''] = range.split('/');
  const family = isIPv6(network) ? 'ipv6' : 'ipv4';
  const length = Number(bits);
  if (isIP(host) === 0 || isIP(network) === 0 || !(length >= 0 && length <= (family === 'ipv6' ? 128 : 32)))
    return false;
  const list = new BlockList();
  list.addSubnet(network, length, family);
  return list.check(host, isIPv6(host) ? 'ipv6' : 'ipv4');
}

function portOf(url: URL): string {
  return url.port || (url.protocol === 'https:' ? '443' : '80');
}
