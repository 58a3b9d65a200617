import { LogError, MalformedError } from '../errors.ts';
import { parseJson } from '../shape.ts';
import { describeUrl, type HttpAnswer } from './request.ts';

/**
 * What `parse` makes of the JSON of an answer.
 * @param complain makes the error; without it, that of a Rekor server
 * @throws LogError `LOG_ANSWER` if the answer is not JSON, or `parse` throws a `MalformedError`
 */
export function readJson<T>(
  answer: HttpAnswer,
  parse: (json: unknown) => T,
  complain: (what: string) => LogError = (what) => badAnswer(answer, what),
): T {
  try {
    return parse(parseJson(answer.body));
  } catch (error) {
    if (error instanceof MalformedError) throw complain(error.message);
    throw error;
  }
}

/** The error for an answer that is not what was asked for. @param what what it was instead */
export function badAnswer({ url, status, body }: HttpAnswer, what: string): LogError {
  return new LogError(
    'LOG_ANSWER',
    `${describeUrl(url)} answered with status ${status} and makes no sense: ${what}`,
    isWebPage(body)
      ? 'check that this is the address of a Rekor server; if it is, a page to sign in to the network, or to the server, answers in its place: sign in, or ask those who run it'
      : 'check that this is the address of a Rekor server, and that nothing answers in its place',
  );
}

function isWebPage(body: Uint8Array): boolean {
  const start = Buffer.from(body.subarray(0, 100)).toString('latin1').trimStart();
  return /^<(?:!doctype|html|head|body)/i.test(start);
}
