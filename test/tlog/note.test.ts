import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MalformedError } from '../../src/errors.ts';
import { formatNote, parseNote } from '../../src/tlog/note.ts';

const good = 'some text\n\n\u2014 log.example AAAAAAE=\n';

describe('parseNote', () => {
  it('a note is its text and its signature lines', () => {
    expect(parseNote(`first\n\nsecond\n\n\u2014 a AAECAwQ=\n\u2014 b BAMCAQA=\n`)).toEqual({
      text: 'first\n\nsecond\n',
      signatures: [
        { name: 'a', keyHint: Buffer.of(0, 1, 2, 3), signature: Buffer.of(4) },
        { name: 'b', keyHint: Buffer.of(4, 3, 2, 1), signature: Buffer.of(0) },
      ],
    });
  });

  it('what is parsed can be written again, and is the same', () => {
    expect(formatNote(parseNote(good))).toBe(good);
  });

  it.each([
    ['no signature block', 'some text\n'],
    ['nothing at all', ''],
    ['no newline at the end', good.slice(0, -1)],
    ['an empty signature block', 'some text\n\n\n'],
    ['an empty line after the signatures', `${good}\n`],
    ['something else than a signature below', `${good}hello\n`],
    ['a hyphen for the dash', good.replace('\u2014', '-')],
    ['a name with a plus sign', good.replace('log.example', 'log+example')],
    ['no name', good.replace('log.example ', '')],
    ['two spaces', good.replace('log.example ', 'log.example  ')],
    ['base64 without padding', good.replace('AAAAAAE=', 'AAAAAAE')],
    ['base64 with bits set in the padding', good.replace('AAAAAAE=', 'AAAAAAF=')],
    ['a signature of no bytes', good.replace('AAAAAAE=', 'AAAAAA==')],
    ['carriage returns', good.replaceAll('\n', '\r\n')],
    ['a control character', good.replace('some', 'so\u0000me')],
    ['a lone surrogate', good.replace('some', 'so\ud800me')],
    ['101 signatures', `some text\n\n${'\u2014 log.example AAAAAAE=\n'.repeat(101)}`],
  ])('a note with %s is refused', (_, text) => {
    expect(() => parseNote(text)).toThrow(MalformedError);
  });

  it('whatever text comes, it is parsed into what spells it again, or refused', () => {
    const line = fc.constantFrom('', 'text', '\u2014 a AAAAAAE=', '\u2014 b AAAA', '\u2014', ' ', '\r', 'é');
    const text = fc.oneof(
      fc.string({ unit: 'binary-ascii' }),
      fc.array(line).map((lines) => lines.join('\n')),
    );
    fc.assert(
      fc.property(text, (input) => {
        let note;
        try {
          note = parseNote(input);
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedError);
          return;
        }
        expect(formatNote(note)).toBe(input);
      }),
    );
  });
});
