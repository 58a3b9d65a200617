import * as z from '../zod.ts';
import { excerpt, formatTime } from '../encoding.ts';
import { MalformedError } from '../errors.ts';
import { checkShape, lateSchema, parseJson } from '../shape.ts';
import { ENTRY_LIMITS } from '../tlog/logged-entry.ts';
import { parseTimestamp } from '../trust/timestamp.ts';
import type { MonitorState, ToldEntry } from './state.ts';

/** Bytes of the file of a state. */
export const STATE_LIMIT = 16 << 20;
/** Entries that are remembered: more are not followed. */
export const MOST_TOLD = 50_000;
const MOST_WATCHED = 5000;
const MOST_TREES = 200;
const MOST_CHECKPOINTS = 100;

const FORMAT = 'helm-sigstore-monitor';
const VERSION = 1;

const text = (limit: number) => z.string().check(z.maxLength(limit, `at most ${limit} characters`));
const list = <Item extends z.ZodMiniType>(item: Item, most: number) =>
  z.array(item).check(z.maxLength(most, `at most ${most} elements`));

const headSchema = lateSchema(() =>
  z.looseObject({ format: z.literal(FORMAT), version: z.int('a version') }),
);
const schema = lateSchema(() =>
  z.strictObject({
    format: z.literal(FORMAT),
    version: z.literal(VERSION),
    log: text(2000),
    way: z.union([z.literal('tiles'), z.literal('index')]),
    watched: list(text(1000), MOST_WATCHED),
    trees: list(
      z.strictObject({
        name: text(500),
        checkpoints: list(text(ENTRY_LIMITS.checkpoint), MOST_CHECKPOINTS).check(
          z.minLength(1, 'one checkpoint or more'),
        ),
        examined: z.int('a whole number').check(z.gte(0, 'a number from 0')),
        from: z.optional(z.int('a whole number').check(z.gte(1, 'a number from 1'))),
        smallerSince: z.optional(z.string()),
      }),
      MOST_TREES,
    ),
    told: list(text(220), MOST_TOLD),
    unlogged: list(z.string().check(z.regex(/^[0-9a-f]{64}$/, '64 hexadecimal digits')), 2 * MOST_TOLD),
    behindSince: z.optional(z.string()),
  }),
);

/** The text of the file of a state. Whoever writes it for less than all members makes one that cannot be read. */
export function formatState(state: MonitorState): string {
  const { log, way, watched, trees, told, unlogged, behindSince } = state;
  const content: z.input<ReturnType<typeof schema>> = {
    format: FORMAT,
    version: VERSION,
    log,
    way,
    watched: [...watched],
    trees: trees.map(({ name, checkpoints, examined, from, smallerSince }) => ({
      name,
      checkpoints: [...checkpoints],
      examined,
      ...(from !== undefined && { from }),
      ...(smallerSince !== undefined && { smallerSince: formatTime(smallerSince) }),
    })),
    told: [...told].map(
      ([leaf, { outcome, signed }]) =>
        `${leaf} ${outcome} ${signed ? `${signed.algorithm}:${signed.hex}` : '-'}`,
    ),
    unlogged: [...unlogged],
    ...(behindSince !== undefined && { behindSince: formatTime(behindSince) }),
  };
  return `${JSON.stringify(content, undefined, 1)}\n`;
}

/** A state of a version that this program does not know. */
export class NewerStateError extends MalformedError {}

/** What the bytes of a file say. @throws MalformedError on anything but a whole state; NewerStateError on one of a later version */
export function parseState(bytes: Uint8Array): MonitorState {
  const json = parseJson(bytes);
  const { version } = checkShape(headSchema(), json);
  if (version > VERSION) throw new NewerStateError(`expected version ${VERSION}, found version ${version}`);
  const { told, unlogged, behindSince, log, way, watched, trees } = checkShape(schema(), json);
  const names = new Set(trees.map(({ name }) => name));
  if (names.size !== trees.length) throw new MalformedError('expected each tree once, found one twice');
  if (trees.some(({ examined, from = 0 }) => from > examined))
    throw new MalformedError(
      'expected a tree to be looked at from where it was wanted, found one that was not',
    );
  return {
    log,
    way,
    watched,
    trees: trees.map(({ from, smallerSince, ...tree }) => ({
      ...tree,
      ...(from !== undefined && { from }),
      ...(smallerSince !== undefined && { smallerSince: parseTimestamp(smallerSince) }),
    })),
    told: new Map(told.map(parseTold)),
    unlogged: new Set(unlogged),
    behindSince: behindSince === undefined ? undefined : parseTimestamp(behindSince),
  };
}

function parseTold(line: string): [string, ToldEntry] {
  const [, leaf = '', outcome = '', algorithm, hex] =
    /^([0-9a-f]{64}) (published|unknown) (?:-|(sha256|sha384|sha512):([0-9a-f]{64,128}))$/.exec(line) ?? [];
  if (leaf === '') throw new MalformedError(`expected an entry that was told, found ${excerpt(line)}`);
  return [leaf, { outcome, signed: algorithm === undefined ? undefined : { algorithm, hex } } as ToldEntry];
}
