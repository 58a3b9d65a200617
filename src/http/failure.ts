import { messageOf } from '../errors.ts';

/** Why an exchange gave no answer that can be used. */
export class ExchangeFailure extends Error {
  override readonly name: string = 'ExchangeFailure';

  constructor(
    readonly code: 'LOG_UNREACHABLE' | 'LOG_ANSWER',
    message: string,
    /** Whether the same request may succeed a moment later. */
    readonly transient: boolean,
    readonly hint?: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The answer is longer than the request allowed. */
export class AnswerTooLong extends ExchangeFailure {
  override readonly name = 'AnswerTooLong';

  constructor(maxBytes: number) {
    super('LOG_ANSWER', `the answer is longer than ${maxBytes} bytes`, false);
  }
}

const hints = {
  address: 'check the address of the server and that the server is running',
  network: 'check the address of the server and the network',
  scheme: 'check whether the server speaks http:// or https://',
  proxy: 'check HTTPS_PROXY, or exempt the server with NO_PROXY',
  certificate:
    'if a private authority vouches for the server, give the file of its certificate with --ca-file',
};

const causes: Readonly<
  Partial<Record<string, readonly [message: string, transient: boolean, hint: string]>>
> = {
  ECONNREFUSED: ['connection refused', true, hints.address],
  ECONNRESET: ['the connection broke', true, hints.network],
  ERR_STREAM_PREMATURE_CLOSE: ['the connection broke', true, hints.network],
  EPIPE: ['the connection broke', true, hints.network],
  UND_ERR_SOCKET: ['the connection broke', true, hints.network],
  UND_ERR_ABORTED: ['the proxy opens no tunnel', false, hints.proxy],
  ETIMEDOUT: ['the connection timed out', true, hints.network],
  UND_ERR_CONNECT_TIMEOUT: ['no connection in time', false, hints.network],
  EAI_AGAIN: ['the name service does not answer', true, hints.network],
  ENOTFOUND: ['there is no such host', false, hints.address],
  EHOSTUNREACH: ['there is no way to this host', false, hints.network],
  ENETUNREACH: ['there is no way to this network', false, hints.network],
  ERR_TLS_CERT_ALTNAME_INVALID: ['its certificate is for another host', false, hints.address],
  EPROTO: ['the TLS handshake failed', false, hints.scheme],
};

/** The failure behind an error of Node's network layer; anything else is thrown on as the defect it is. */
export function failureOf(error: unknown): ExchangeFailure {
  if (error instanceof ExchangeFailure) return error;
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
  const options = { cause: error };
  if (code.startsWith('HPE_'))
    return new ExchangeFailure('LOG_ANSWER', 'the answer is not HTTP', false, hints.scheme, options);
  const cause = causes[code.startsWith('ERR_SSL') ? 'EPROTO' : code];
  if (cause) return new ExchangeFailure('LOG_UNREACHABLE', ...cause, options);
  if (/CERT|^UNABLE_TO/.test(code)) {
    const untrusted = `its certificate is not trusted (${code})`;
    return new ExchangeFailure('LOG_UNREACHABLE', untrusted, false, hints.certificate, options);
  }
  if (code === '' || code.startsWith('ERR_')) throw error;
  return new ExchangeFailure('LOG_UNREACHABLE', messageOf(error), false, hints.network, options);
}
