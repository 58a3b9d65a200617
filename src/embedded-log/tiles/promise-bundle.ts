import * as z from '../../zod.ts';
import { sha256Hex } from '../../digest.ts';
import { encodeBase64, encodeUtf8 } from '../../encoding.ts';
import { MalformedError } from '../../errors.ts';
import { checkShape, lateSchema } from '../../shape.ts';
import { signWith, verifySignature, type LogKey } from '../../tlog/log-key.ts';
import { TILE_WIDTH } from '../../tlog/tiles.ts';
import type { SigningKey } from '../key-file.ts';
import type { StoredEntry } from '../journal/record.ts';

/** What a log keeps beside an entry of a full tile. */
export interface StoredPromise extends Omit<StoredEntry, 'body'> {
  /** Where the entry is in its bundle, in bytes. */
  readonly place: readonly [offset: number, length: number];
}

const lineSchema = lateSchema(() =>
  z.object({
    integratedTime: z.int(),
    indexKeys: z.array(z.string()),
    signedEntryTimestamp: z.string(),
    place: z.tuple([z.int(), z.int()]),
  }),
);

/**
 * What is kept beside the entries of a full tile: a line that says where the others begin, in 8 hexadecimal digits each, a line
 * of JSON for each entry, and a last line with the log's signature over all of them, and over which tile of which tree it is.
 */
export function formatPromises(
  entries: readonly StoredEntry[],
  offsets: readonly number[],
  tile: TileName,
  { privateKey }: SigningKey,
): Buffer {
  const lines = entries.map(({ body, integratedTime, indexKeys, signedEntryTimestamp }, at) => {
    const members = { integratedTime, indexKeys, signedEntryTimestamp: encodeBase64(signedEntryTimestamp) };
    return Buffer.from(`${JSON.stringify({ ...members, place: [offsets[at], body.length] })}\n`);
  });
  let end = TABLE_BYTES;
  const starts = lines.map(({ length }) => (end += length) - length);
  const table = [...starts, end].map((start) => start.toString(16).padStart(DIGITS, '0')).join('');
  const content = Buffer.concat([Buffer.from(`${table}\n`), ...lines]);
  const signature = encodeBase64(signWith(privateKey, signedPromises(content, tile)));
  return Buffer.concat([content, encodeUtf8(`${JSON.stringify({ signature })}\n`)]);
}

const DIGITS = 8;
const TABLE_BYTES = (TILE_WIDTH + 1) * DIGITS + 1;

/** Which tile of entries of which tree. */
export interface TileName {
  readonly origin: string;
  readonly index: number;
}

/**
 * What is kept of the entry at this place of the tile, from 0.
 * @param read gives so many bytes of the file from an offset on
 * @throws MalformedError when it is damaged
 */
export function readPromise(
  position: number,
  read: (offset: number, length: number) => Buffer,
): StoredPromise {
  const table = read(position * DIGITS, 2 * DIGITS).toString('latin1');
  const [, start, end] = /^([0-9a-f]{8})([0-9a-f]{8})$/.exec(table) ?? [];
  const length = parseInt(end ?? '', 16) - parseInt(start ?? '', 16);
  if (!(length > 0 && length <= MOST_LINE)) throw new MalformedError('expected a table of lines');
  return parseLine(read(parseInt(start ?? '', 16), length).toString('utf8'));
}

/** More than the line of any entry: with 200 addresses it has less than 100 KiB. */
const MOST_LINE = 1 << 20;

/** All that is kept of a tile. @throws MalformedError when the log did not sign it */
export function readPromises(bytes: Buffer, tile: TileName, key: LogKey): StoredPromise[] {
  const end = bytes.lastIndexOf(NEWLINE, bytes.length - 2) + 1;
  const text = bytes.toString('latin1', end);
  const signature = /^\{"signature":"([A-Za-z0-9+/=]{1,1000})"\}\n$/.exec(text)?.[1] ?? '';
  const content = bytes.subarray(0, end);
  if (!verifySignature(key, signedPromises(content, tile), Buffer.from(signature, 'base64')))
    throw new MalformedError('it is not what was signed');
  const lines = content.toString('utf8').split('\n').slice(1, -1);
  if (lines.length !== TILE_WIDTH)
    throw new MalformedError(`expected ${TILE_WIDTH} lines, found ${lines.length}`);
  return lines.map(parseLine);
}

const NEWLINE = 0x0a;

/** The log signs nothing else of this form. */
function signedPromises(content: Uint8Array, { origin, index }: TileName): Uint8Array {
  return encodeUtf8(`helm-sigstore promises\n${origin}\n${index}\n${sha256Hex(content)}\n`);
}

function parseLine(line: string): StoredPromise {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    throw new MalformedError('expected a line of JSON');
  }
  const { signedEntryTimestamp, ...members } = checkShape(lineSchema(), json);
  return { ...members, signedEntryTimestamp: Buffer.from(signedEntryTimestamp, 'base64') };
}
