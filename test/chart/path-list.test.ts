import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { readPathList } from '../../src/chart/local/path-list.ts';
import { InputError } from '../../src/errors.ts';

async function read(...pieces: readonly (string | Uint8Array)[]) {
  const charts = await readPathList(Readable.from(pieces.map((piece) => Buffer.from(piece))), 'the list');
  return charts.map(({ label }) => label);
}

describe('a list of charts', () => {
  test('has one path a line, and may end without a newline', async () => {
    expect(await read('a.tgz\nsub folder/b.tgz')).toEqual(['a.tgz', 'sub folder/b.tgz']);
  });

  test('may have lines of Windows, empty ones, comments, and a byte order mark', async () => {
    expect(await read('\ufeffa.tgz\r\n\r\n# b.tgz\r\nc#.tgz\r\n')).toEqual(['a.tgz', 'c#.tgz']);
  });

  test('may be in UTF-16, as some shells write it', async () => {
    const text = '\ufeffa.tgz\r\nä.tgz\r\n';
    expect(await read(Buffer.from(text, 'utf16le'))).toEqual(['a.tgz', 'ä.tgz']);
    expect(await read(Buffer.from(text, 'utf16le').swap16())).toEqual(['a.tgz', 'ä.tgz']);
  });

  test('keeps blanks, which belong to names, and what is named twice', async () => {
    expect(await read(' a.tgz \na.tgz\na.tgz\n')).toEqual([' a.tgz ', 'a.tgz', 'a.tgz']);
  });

  test('may come in pieces that cut characters', async () => {
    const bytes = Buffer.from('ä.tgz\n');
    expect(await read(bytes.subarray(0, 1), bytes.subarray(1))).toEqual(['ä.tgz']);
  });

  test.each([
    ['is not UTF-8', Buffer.from([0x61, 0xff, 0x0a]), 'not UTF-8 text'],
    ['is UTF-16 without a mark', Buffer.from('a.tgz\r\n', 'utf16le'), 'found UTF-16 text without'],
    ['is an archive', Buffer.from([0x1f, 0x8b, 8, 0]), 'expected text, found a gzip archive'],
    ['is separated by NUL characters', 'a.tgz\0b.tgz\0', 'found a NUL character'],
    ['names nothing', '# nothing yet\n\n', 'expected the list to name charts, found none'],
    ['is longer than the limit', Buffer.alloc((16 << 20) + 1, 0x61), 'expected at most 16777216 bytes'],
  ])('is refused if it %s', async (_, content, message) => {
    const reading = read(content);
    await expect(reading).rejects.toThrow(InputError);
    await expect(reading).rejects.toThrow(message);
  });
});
