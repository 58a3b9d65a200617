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

/** No trusted authority vouches for the certificate. The caller knows the authorities, and adds the hint. */
export class UntrustedCertificate extends ExchangeFailure {
  override readonly name = 'UntrustedCertificate';

  constructor(whose: string, code: string, options: ErrorOptions) {
    super('LOG_UNREACHABLE', `${whose} certificate is not trusted (${code})`, false, undefined, options);
  }
}

/** What an error code of Node's network layer, or of undici, stands for. */
export type NetworkFault =
  | 'refused'
  | 'broken'
  | 'silent'
  | 'name-service'
  | 'no-host'
  | 'no-way'
  | 'other-host'
  | 'expired'
  | 'untrusted'
  | 'handshake'
  | 'not-http'
  | 'other';

/** The fault that an error of Node's network layer, or of undici, stands for; a defect of ours is thrown on. */
export function faultOf(error: unknown): { readonly fault: NetworkFault; readonly code: string } {
  const code = error instanceof Error ? codeOf(error) : '';
  const fault = faults[code] ?? faultByPrefix(code);
  if (fault === undefined) throw error;
  return { fault, code };
}

/** The failure behind an error on the way to a server; anything else is thrown on as the defect it is. */
export function failureOf(error: unknown): ExchangeFailure {
  if (error instanceof ExchangeFailure) return error;
  const { fault, code } = faultOf(error);
  const options = { cause: error };
  if (fault === 'untrusted') return new UntrustedCertificate('its', code, options);
  if (fault === 'not-http')
    return new ExchangeFailure('LOG_ANSWER', 'the answer is not HTTP', false, hints.scheme, options);
  const [message, hint] = words[fault];
  return new ExchangeFailure(
    'LOG_UNREACHABLE',
    message ?? messageOf(error),
    isTransient(fault),
    hint,
    options,
  );
}

/** Whether the same connection may succeed a moment later. */
export function isTransient(fault: NetworkFault): boolean {
  return fault === 'refused' || fault === 'broken' || fault === 'silent' || fault === 'name-service';
}

function codeOf(error: Error): string {
  // The parser of undici gives no code of its own.
  if (error.name === 'HTTPParserError') return 'HPE_UNKNOWN';
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}

const faults: Readonly<Partial<Record<string, NetworkFault>>> = {
  ECONNREFUSED: 'refused',
  ECONNRESET: 'broken',
  ERR_STREAM_PREMATURE_CLOSE: 'broken',
  ERR_STREAM_DESTROYED: 'broken',
  ERR_SOCKET_CLOSED: 'broken',
  EPIPE: 'broken',
  ETIMEDOUT: 'silent',
  // If one of several addresses of a host does not answer, Node reports this code for all of them.
  ERR_SOCKET_CONNECTION_TIMEOUT: 'silent',
  EAI_AGAIN: 'name-service',
  ENOTFOUND: 'no-host',
  EHOSTUNREACH: 'no-way',
  ENETUNREACH: 'no-way',
  ERR_TLS_CERT_ALTNAME_INVALID: 'other-host',
  CERT_HAS_EXPIRED: 'expired',
  CERT_NOT_YET_VALID: 'expired',
  EPROTO: 'handshake',
  UND_ERR_SOCKET: 'broken',
  UND_ERR_HEADERS_OVERFLOW: 'not-http',
  // What undici reports for a head that is not HTTP and contains a length.
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'not-http',
};

function faultByPrefix(code: string): NetworkFault | undefined {
  if (code.startsWith('HPE_')) return 'not-http';
  if (/^ERR_(?:SSL|OSSL|TLS)/.test(code)) return 'handshake';
  if (/CERT|^UNABLE_TO/.test(code)) return 'untrusted';
  return code === '' || /^(?:UND_)?ERR_/.test(code) ? undefined : 'other';
}

const hints = {
  address: 'check the address of the server and that the server is running',
  network: 'check the address of the server and the network',
  scheme: 'check whether the server speaks http:// or https://',
  clock:
    'check the clock of this machine; if it is right, those who run the server have to renew its certificate',
};

const words: Readonly<
  Record<
    Exclude<NetworkFault, 'untrusted' | 'not-http'>,
    readonly [message: string | undefined, hint: string]
  >
> = {
  refused: ['connection refused', hints.address],
  broken: ['the connection broke', hints.network],
  silent: ['the connection timed out', hints.network],
  'name-service': ['the name service does not answer', hints.network],
  'no-host': ['there is no such host', hints.address],
  'no-way': ['there is no way to this host', hints.network],
  'other-host': ['its certificate is for another host', hints.address],
  expired: ['its certificate has expired, or is not valid yet', hints.clock],
  handshake: ['the TLS handshake failed', hints.scheme],
  other: [undefined, hints.network],
};
