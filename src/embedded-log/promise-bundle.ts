import * as z from '../zod.ts';
import { sha256Hex } from '../digest.ts';
import { encodeBase64, encodeUtf8 } from '../encoding.ts';
import { MalformedError } from '../errors.ts';
import { checkShape, lateSchema } from '../shape.ts';
import { signWith, verifySignature, type LogKey } from '../tlog/log-key.ts';
import { TILE_WIDTH } from '../tlog/tiles.ts';
import type { SigningKey } from './key-file.ts';
import type { StoredEntry } from './record.ts';

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
 * What is kept beside the entries of a full tile: a line of JSON for each, and a last line with the log's signature over
 * all of them, and over which tile of which tree they belong to.
 */
export function formatPromises(
  entries: readonly StoredEntry[],
  offsets: readonly number[],
  tile: TileName,
  { privateKey }: SigningKey,
): Buffer {
  const lines = entries.map(({ body, integratedTime, indexKeys, signedEntryTimestamp }, at) => {
    const members = { integratedTime, indexKeys, signedEntryTimestamp: encodeBase64(signedEntryTimestamp) };
    return `${JSON.stringify({ ...members, place: [offsets[at], body.length] })}\n`;
  });
  const content = Buffer.from(lines.join(''));
  const signature = encodeBase64(signWith(privateKey, signedPromises(content, tile)));
  return Buffer.concat([content, encodeUtf8(`${JSON.stringify({ signature })}\n`)]);
}

/** Which tile of entries of which tree. */
export interface TileName {
  readonly origin: string;
  readonly index: number;
}

/** What is kept of the entry at this place of the tile, from 0. @throws MalformedError when it is damaged */
export function readPromise(bytes: Buffer, position: number): StoredPromise {
  let start = 0;
  for (let line = 0; line < position; line++) {
    start = bytes.indexOf(NEWLINE, start) + 1;
    if (start === 0) throw new MalformedError(`expected ${TILE_WIDTH} lines, found ${line}`);
  }
  const end = bytes.indexOf(NEWLINE, start);
  return parseLine(bytes.toString('utf8', start, end < 0 ? bytes.length : end));
}

/** All that is kept of a tile. @throws MalformedError when the log did not sign it */
export function readPromises(bytes: Buffer, tile: TileName, key: LogKey): StoredPromise[] {
  const end = bytes.lastIndexOf(NEWLINE, bytes.length - 2) + 1;
  const text = bytes.toString('latin1', end);
  const signature = /^\{"signature":"([A-Za-z0-9+/=]{1,1000})"\}\n$/.exec(text)?.[1] ?? '';
  const content = bytes.subarray(0, end);
  if (!verifySignature(key, signedPromises(content, tile), Buffer.from(signature, 'base64')))
    throw new MalformedError('it is not what was signed');
  const lines = content.toString('utf8').split('\n').slice(0, -1);
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
