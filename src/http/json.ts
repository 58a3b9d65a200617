import { LogError, MalformedError } from '../errors.ts';
import { decodeUtf8, excerpt } from '../encoding.ts';
import { describeUrl, type HttpAnswer } from './request.ts';

/**
 * What `parse` makes of the JSON of an answer.
 * @throws LogError `LOG_ANSWER` if the answer is no JSON, or `parse` throws a `MalformedError`
 */
export function readJson<T>(answer: HttpAnswer, parse: (json: unknown) => T): T {
  try {
    return parse(parseJson(answer.body));
  } catch (error) {
    if (error instanceof MalformedError) throw badAnswer(answer, error.message);
    throw error;
  }
}

/** The error for an answer that is not what was asked for, and what it was instead. */
export function badAnswer({ url, status }: HttpAnswer, what: string): LogError {
  return new LogError(
    'LOG_ANSWER',
    `${describeUrl(url)} answered with status ${status} and makes no sense: ${what}`,
    'check that this is the address of a Rekor server, and that nothing answers in its place',
  );
}

/** The JSON value of UTF-8 bytes. @throws MalformedError naming HTML and emptiness as what they are */
export function parseJson(bytes: Uint8Array): unknown {
  const text = decodeUtf8(bytes);
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new MalformedError(`expected JSON, found ${describeText(text)}`);
  }
}

function describeText(text: string): string {
  if (text.trim() === '') return 'nothing';
  return /^\s*<(?:!doctype|html|\?xml|head|body)/i.test(text) ? 'an HTML page' : excerpt(text);
}
