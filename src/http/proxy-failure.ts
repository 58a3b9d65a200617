import { STATUS_CODES } from 'node:http';
import { messageOf } from '../errors.ts';
import { excerpt } from '../encoding.ts';
import { ExchangeFailure, faultOf, isTransient, UntrustedCertificate, type NetworkFault } from './failure.ts';
import type { Proxy } from './proxy-address.ts';
import { isTransientStatus } from './retry.ts';

/** What to do about a proxy through which no connection comes in time. */
export function silentHint({ variable, host }: Proxy): string {
  return `check that ${host}, which ${variable} names, is a proxy that answers, exempt the server with NO_PROXY, or give it more time with --timeout`;
}

/** The failure behind an error on the way to the proxy, or in what it says; a defect of ours is thrown on. */
export function proxyFailureOf(error: unknown, proxy: Proxy): ExchangeFailure {
  if (error instanceof ExchangeFailure) return error;
  const { fault, code } = faultOf(error);
  const options = { cause: error };
  if (fault === 'untrusted') return new UntrustedCertificate("the proxy's", code, options);
  const message = words[fault] ?? `the proxy cannot be asked: ${messageOf(error)}`;
  return new ExchangeFailure('LOG_UNREACHABLE', message, isTransient(fault), hintFor(fault, proxy), options);
}

/** The failure that a proxy's own answer stands for: it does not pass the request for this URL on. */
export function proxyRefusal(status: number, headers: Headers, { host }: URL, proxy: Proxy): ExchangeFailure {
  const said = `the proxy answered with status ${status}${STATUS_CODES[status] ? ` (${STATUS_CODES[status]})` : ''}`;
  const [meaning, hint] = status === 407 ? credentials(headers, proxy) : meaningOf(status, host, proxy);
  return new ExchangeFailure('LOG_UNREACHABLE', `${said}: ${meaning}`, isTransientStatus(status), hint);
}

const words: Readonly<Partial<Record<NetworkFault, string>>> = {
  refused: 'the proxy refused the connection',
  broken: 'the proxy broke the connection',
  silent: 'the connection to the proxy timed out',
  'name-service': 'the name service does not answer for the host of the proxy',
  'no-host': 'there is no such host as the one of the proxy',
  'no-way': 'there is no way to the host of the proxy',
  'other-host': 'the certificate of the proxy is for another host',
  expired: 'the certificate of the proxy has expired, or is not valid yet',
  handshake: 'the TLS handshake with the proxy failed',
  'not-http': 'the answer of the proxy is not HTTP',
};

function hintFor(fault: NetworkFault, { variable, isTls }: Proxy): string {
  if (fault === 'handshake' || (fault === 'broken' && isTls))
    return `if the proxy itself is not spoken to over TLS, write http:// in ${variable}`;
  if (fault === 'expired')
    return 'check the clock of this machine; if it is right, those who run the proxy have to renew its certificate';
  return `check the address of the proxy in ${variable}, or exempt the server with NO_PROXY`;
}

type Headers = Readonly<Record<string, string | readonly string[] | undefined>>;

type Meaning = readonly [meaning: string, hint: string];

function credentials(headers: Headers, proxy: Proxy): Meaning {
  const { variable, host, isTls, authorization } = proxy;
  const given = headers['proxy-authenticate'] ?? '';
  const offered = typeof given === 'string' ? given : given.join(', ');
  if (offered !== '' && !/\bbasic\b/i.test(offered))
    return [
      `it wants a proof that is not known here (${excerpt(offered.split(/[\s,]/, 1)[0] ?? '')}), a name and a password do not suffice`,
      `ask those who run the proxy for one that takes Basic authentication, or exempt the server with NO_PROXY`,
    ];
  if (authorization === undefined)
    return [
      'it wants a name and a password',
      `give them in ${variable}: ${isTls ? 'https' : 'http'}://NAME:PASSWORD@${host}`,
    ];
  return [
    `it does not take the name and the password in ${variable}`,
    'check them; in both, @ is written %40, : %3A, / %2F, # %23 and % %25',
  ];
}

function meaningOf(status: number, host: string, { variable }: Proxy): Meaning {
  const direct = `if ${host} can be reached without the proxy, name it in NO_PROXY`;
  if (status === 502 || status === 503 || status === 504)
    return ['it does not get through to the server', `check the address of the server; ${direct}`];
  if (status === 511 || (status >= 300 && status < 400))
    return [
      'it wants you to sign in to the network first',
      'open a web page in a browser, sign in, and try again',
    ];
  if (status === 403 || status === 451)
    return ['it does not let you to this server', `ask those who run the proxy to allow ${host}; ${direct}`];
  if (status === 429) return ['it had too many requests', 'try again later'];
  if (status >= 500 && status !== 501) return ['it has a fault', `tell those who run the proxy; ${direct}`];
  return ['it opens no tunnel', `check that ${variable} names an HTTP proxy; ${direct}`];
}
