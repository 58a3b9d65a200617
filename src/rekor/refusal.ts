import { LogError, MalformedError, type Hint } from '../errors.ts';
import { excerpt } from '../encoding.ts';
import { describeUrl, type HttpAnswer } from '../http/request.ts';
import { parseJson } from '../shape.ts';
import { parseErrorMessage } from './schemas.ts';

/** The error that an answer with an unexpected status stands for. */
export function refusal(answer: HttpAnswer): LogError {
  const { status } = answer;
  const message = messageOf(answer);
  const said = `${describeUrl(answer.url)} answered with status ${status}: ${message}`;
  // Rekor 1.5.4 answers an upload that is too long with 500, and no retry heals that.
  if (status === 413 || message.includes('request body too large'))
    return new LogError('LOG_REFUSED', said, 'the log takes no entry of this size');
  if (message.includes('is not enabled for submission'))
    return new LogError(
      'LOG_REFUSED',
      said,
      'this log takes no helm entries: choose another with --rekor-server',
    );
  if (status === 404)
    return new LogError(
      'LOG_REFUSED',
      said,
      'check the address of the log: it ends before "/api/v1", and has to be that of a Rekor v1',
    );
  if (status === 405 || status === 501)
    return new LogError(
      'LOG_REFUSED',
      said,
      'this log does not offer that: choose another with --rekor-server',
    );
  if (status === 401 || status === 407)
    return new LogError(
      'LOG_REFUSED',
      said,
      'check the address of the log for a slip; if it is right, give a token that the log, or what stands before it, takes: by --log-token-file, or in HELM_SIGSTORE_LOG_TOKEN',
    );
  // This is the message of the embedded log.
  if (status === 403 && message.includes('this log takes entries of'))
    return new LogError('LOG_REFUSED', said, {
      publisher: 'ask those who run the log to allow your key, or sign with one that it takes',
    });
  if (status === 403)
    return new LogError(
      'LOG_REFUSED',
      said,
      'check the address of the log for a slip; if it is right, ask those who run the log, or what stands before it, to let you in',
    );
  // This is the message of the embedded log. Waiting does not bring the entries back.
  if (message.includes('this log lost entries'))
    return new LogError(
      'LOG_UNREACHABLE',
      said,
      'tell those who run the log: it takes uploads again when they have restored its newest copy',
    );
  if (status === 408 || status === 429 || status >= 500)
    return new LogError('LOG_UNREACHABLE', said, 'try again later');
  if (status >= 400) return new LogError('LOG_REFUSED', said, hintFor(message));
  return new LogError('LOG_ANSWER', said, 'check that this is the address of a Rekor server');
}

/** What to do about a request that the log did not like. How Rekor reads keys changed with version 1.5.4. */
function hintFor(message: string): Hint {
  if (message.includes('unsupported feature: public key'))
    return {
      publisher:
        'this log runs a Rekor before 1.5.4, which cannot read Ed25519 and other newer kinds of keys: sign with an RSA or ECDSA key, or choose another log with --rekor-server',
    };
  if (message.includes('openpgp: signature expired'))
    return {
      publisher:
        'this log takes the key as it was when the chart was signed, and this one was renewed or changed since: sign the chart again, or name an older copy of the key as well with --keyring',
    };
  return 'check that this log is a Rekor v1 that takes helm entries';
}

// What the server says of the reason, quoted.
function messageOf({ body }: HttpAnswer): string {
  try {
    return excerpt(parseErrorMessage(parseJson(body)).replace(/^error processing entry: /, ''), 200);
  } catch (error) {
    if (error instanceof MalformedError) return error.message;
    throw error;
  }
}
