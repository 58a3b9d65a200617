import { describe, expect, it } from 'vitest';
import { MalformedError } from '../../src/errors.ts';
import { parseLogEntry } from '../../src/rekor/schemas.ts';
import type { LoggedEntry } from '../../src/tlog/logged-entry.ts';
import { CHECK_IDS } from '../../src/verification/openpgp-rekor.ts';
import { FORGERIES } from '../verification/lies/all.ts';
import { consistencyForgeries, datedBackForgeries, silencedForgeries } from '../verification/lies/history.ts';
import type { Forgery, Row } from '../verification/row.ts';
import { sampled } from '../support/thorough.ts';
import { HostileWorld } from '../support/world/hostile-world.ts';
import { chartAnswer, isCheckId } from '../verification/verdicts.ts';
import { keepBeside } from './kept.ts';

/** What the log of a world answers to whoever asks for the chart, as far as it can be read as entries. */
function answered({ log, predicted }: HostileWorld): LoggedEntry[] {
  const found = log.answersTo(predicted);
  const answers = found.length > 0 ? found : log.indexed.flatMap((uuid) => log.answersTo(uuid));
  return answers.flatMap((answer) => {
    try {
      return [parseLogEntry(answer)];
    } catch (error) {
      if (error instanceof MalformedError) return [];
      throw error;
    }
  });
}

/** The world some entries later, with all that its log answers now frozen into a file beside the chart. */
async function frozen(row: Row): Promise<HostileWorld> {
  const world = await HostileWorld.open(row);
  await row.stage(world);
  world.log.fill(world.later);
  world.later = 0;
  await keepBeside(world, ...answered(world));
  return world;
}

/** Forgeries whose lie is the name that a log gives an entry. A file has none: it holds what is true beside that name. */
const LIES_IN_NAMES: readonly string[] = [
  'another tree',
  'a checkpoint of another tree',
  'a re-serialised body',
  'an entry that was not asked for',
  'the leaf hash of another entry',
  'a leaf hash over the text of the body',
  "two entries under each other's UUIDs",
  "three entries under each other's UUIDs",
  "three entries under each other's UUIDs, the other way",
  "both forms under each other's UUIDs",
  "two trees under each other's UUIDs",
];

const isInName = ({ caughtBy, name }: Forgery) => caughtBy === 'entry-id' && LIES_IN_NAMES.includes(name);
const isOf = (rows: readonly Forgery[]) => (forgery: Forgery) => rows.includes(forgery);
/** Those that only the log itself, asked how two of its trees belong together, gives away. */
const needsLog = isOf([...consistencyForgeries, ...datedBackForgeries]);
/** Nothing is said of an entry, so there is nothing to freeze. */
const hasNoEntry = isOf(silencedForgeries);

const checked = FORGERIES.filter(({ caughtBy }) => isCheckId(caughtBy));
const frozenOnes = checked.filter((each) => !hasNoEntry(each) && !isInName(each));

const titled = (rows: readonly Forgery[]) =>
  rows.map((row) => [`${row.caughtBy}: ${row.name}`, row] as const);

describe('a forgery that is frozen into a file is rejected by the same check', () => {
  it.for(
    titled(
      sampled(
        frozenOnes.filter((each) => !needsLog(each)),
        5,
      ),
    ),
  )('offline: %s', async ([, forgery]) => {
    const world = await frozen(forgery);
    world.server.intercept = () => {
      throw new Error('the log was asked');
    };
    world.user.options.push('--offline');
    expect(chartAnswer(await world.run('verify'))).toMatchObject({
      status: 10,
      code: 'REJECTED',
      outcomes: { [forgery.caughtBy]: 'failed' },
    });
  });

  it.for(titled(sampled(frozenOnes.filter(needsLog), 3)))(
    'with a log that is asked for no entry: %s',
    async ([, forgery]) => {
      const world = await frozen(forgery);
      const asked = world.server.seen.length;
      expect(chartAnswer(await world.run('verify'))).toMatchObject({
        status: 10,
        code: 'REJECTED',
        outcomes: { [forgery.caughtBy]: 'failed' },
      });
      expect(
        world.server.seen.slice(asked).filter((path) => !/GET \/api\/v1\/log(?:\/proof)?$/.test(path)),
      ).toEqual([]);
    },
  );

  it('and these are all but those that are in no entry', () => {
    expect(frozenOnes.length).toBeGreaterThan(110);
    expect(new Set(frozenOnes.map(({ caughtBy }) => caughtBy)).size).toBe(CHECK_IDS.length);
  });
});

describe('a lie that is only in the name of an entry is not in the file, which holds', () => {
  const rows = checked.filter(isInName);

  it.for(titled(rows))('%s', async ([, forgery]) => {
    const world = await frozen(forgery);
    world.user.options.push('--offline');
    expect(chartAnswer(await world.run('verify'))).toMatchObject({ status: 0, verdict: 'verified' });
  });

  it('and there is a row for each of them', () => {
    expect(rows.map(({ name }) => name)).toEqual(LIES_IN_NAMES);
  });
});
