import { LogError, MalformedError } from '../errors.ts';
import { parseJson } from '../shape.ts';
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
