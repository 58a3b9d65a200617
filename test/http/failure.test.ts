import { describe, expect, test } from 'vitest';
import { failureOf } from '../../src/http/failure.ts';

const withCode = (code: string) => Object.assign(new Error('details of Node'), { code });

describe('an error of the network', () => {
  test.each([
    ['ECONNREFUSED', 'connection refused', true],
    ['ECONNRESET', 'the connection broke', true],
    ['EAI_AGAIN', 'the name service does not answer', true],
    ['ENOTFOUND', 'there is no such host', false],
    ['EHOSTUNREACH', 'there is no way to this host', false],
    ['CERT_HAS_EXPIRED', 'its certificate has expired, or is not valid yet', false],
    ['ERR_SOCKET_CONNECTION_TIMEOUT', 'the connection timed out', true],
    ['ERR_STREAM_DESTROYED', 'the connection broke', true],
    ['ERR_OSSL_WRONG_TAG', 'the TLS handshake failed', false],
    [
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      'its certificate is not trusted (UNABLE_TO_VERIFY_LEAF_SIGNATURE)',
      false,
    ],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'the TLS handshake failed', false],
    ['UND_ERR_SOCKET', 'the connection broke', true],
    ['EPERM', 'details of Node', false],
  ])('%s is "%s", worth another try: %s', (code, message, transient) => {
    expect(failureOf(withCode(code))).toMatchObject({ code: 'LOG_UNREACHABLE', message, transient });
  });

  test.each([new TypeError('a defect'), withCode('ERR_INVALID_ARG_TYPE'), withCode('UND_ERR_INVALID_ARG')])(
    'that is none but a defect of ours is thrown on: %s',
    (defect) => {
      expect(() => failureOf(defect)).toThrow(defect);
    },
  );
});
