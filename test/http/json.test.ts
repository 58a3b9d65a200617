import { describe, expect, test } from 'vitest';
import { MalformedError } from '../../src/errors.ts';
import { readJson } from '../../src/http/json.ts';

const answerOf = (body: string | Uint8Array) => ({
  status: 200,
  headers: {},
  body: Buffer.from(body),
  url: new URL('https://user:secret@rekor.example/api?token=secret'),
});

describe('a JSON answer', () => {
  test('is given to whoever knows its shape', () => {
    expect(readJson(answerOf('{"a":[1]}'), (json) => json)).toEqual({ a: [1] });
  });

  test.each([
    ['an HTML page', '<!DOCTYPE html><title>Sign in</title>', 'expected JSON, found an HTML page'],
    ['an HTML page in XML', '\n<html><body>502</body></html>', 'expected JSON, found an HTML page'],
    ['nothing', '', 'expected JSON, found nothing'],
    ['text', 'upstream error', 'expected JSON, found "upstream error"'],
    ['half of it', '{"a":', String.raw`expected JSON, found "{\"a\":"`],
    ['bytes that are no text', Uint8Array.of(0xff), 'not UTF-8 text'],
  ])('%s is refused with the address, what was expected and found', (_, body, message) => {
    expect(() => readJson(answerOf(body), (json) => json)).toThrow(
      expect.objectContaining({
        code: 'LOG_ANSWER',
        message: `https://rekor.example/api answered with status 200 and makes no sense: ${message}`,
        hint: expect.stringMatching(
          message.endsWith('HTML page')
            ? /address of a Rekor server; if it is, a page to sign in .* answers in its place: sign in/
            : /address of a Rekor server, and that nothing answers in its place$/,
        ) as unknown,
      }),
    );
  });

  test('of another shape is refused in the same way', () => {
    const parse = () => {
      throw new MalformedError('a: expected a string, found 1');
    };
    expect(() => readJson(answerOf('{"a":1}'), parse)).toThrow(
      'makes no sense: a: expected a string, found 1',
    );
  });

  test('a defect in the reader is no fault of the answer', () => {
    const parse = () => {
      throw new TypeError('defect');
    };
    expect(() => readJson(answerOf('{}'), parse)).toThrow(TypeError);
  });
});
