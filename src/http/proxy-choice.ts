import { BlockList, isIP, isIPv6 } from 'node:net';
import { isLoopback } from './base-url.ts';
import { parseProxy, type Proxy } from './proxy-address.ts';

/** Variables of the environment. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The proxy through which this URL is asked, by the variables that Go programs such as Helm honour:
 * `HTTPS_PROXY` and `HTTP_PROXY` by scheme, `NO_PROXY` for exceptions, each in lower case too; never for this
 * machine itself.
 * @throws UsageError if the variable does not name a proxy
 */
export function proxyFor(url: URL, env: Environment): Proxy | undefined {
  const name = url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY';
  const variable = [name, name.toLowerCase()].find((each) => read(env, each) !== '');
  if (variable === undefined || isLoopback(url.hostname) || isExempt(url, env)) return undefined;
  return parseProxy(read(env, variable), variable);
}

function read(env: Environment, name: string): string {
  return (env[name] ?? '').trim();
}

function isExempt(url: URL, env: Environment): boolean {
  const exceptions = read(env, 'NO_PROXY') || read(env, 'no_proxy');
  return exceptions
    .split(/[\s,]/)
    .filter((exception) => exception !== '')
    .some((exception) => matches(url, exception.toLowerCase()));
}

// `*`, an address, a range of addresses, or a domain with its subdomains. All but `*` may have a port.
// `.domain` and `*.domain` stand for the subdomains alone.
function matches(url: URL, exception: string): boolean {
  if (exception === '*') return true;
  const host = url.hostname.replace(/^\[|\]$|\.$/g, '');
  if (exception.includes('/')) return isInRange(host, exception);
  const { name, port } = splitPort(exception);
  if (port !== undefined && port !== portOf(url)) return false;
  if (isIP(name)) return isIP(host) !== 0 && isInRange(host, `${name}/${isIPv6(name) ? 128 : 32}`);
  const pattern = name.startsWith('*.') ? name.slice(1) : name;
  return pattern.startsWith('.') ? host.endsWith(pattern) : host === pattern || host.endsWith(`.${pattern}`);
}

/** The parts of `NAME`, `NAME:PORT`, `ADDRESS` and `[ADDRESS]:PORT`. */
function splitPort(text: string): { readonly name: string; readonly port?: string } {
  if (isIPv6(text)) return { name: text };
  const at = text.lastIndexOf(':');
  const hasPort = at >= 0 && /^[0-9]+$/.test(text.slice(at + 1));
  const name = (hasPort ? text.slice(0, at) : text).replace(/^\[|\]$/g, '');
  return hasPort ? { name, port: text.slice(at + 1) } : { name };
}

function isInRange(host: string, range: string): boolean {
  const [network = '', bits = ''] = range.split('/');
  if (bits === '') return false;
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
