import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { MalformedError, SigstoreError } from '../../src/errors.ts';

/** How `expectLinear` measures; the defaults suit a parser of text. */
export interface Measure {
  /** Size of the largest input, in whatever unit `makeInput` takes. The smallest has a hundredth of it. */
  readonly size?: number;
  /** Milliseconds of CPU that are never too much: below them there is only noise. */
  readonly floor?: number;
  /** Measures work; the tests of this measure have one that is not of this world. */
  readonly cost?: Cost;
}

/** Milliseconds that the work takes for an input, so many times. */
type Cost = <T>(work: (input: T) => unknown, input: T, times?: number) => Promise<number>;

/** Ten times the input may cost this many times the work, before it counts as more than linear. */
const MOST = 15;
/** Steps of the sizes between the smallest input and the largest: each is held against the one that is a tenth of it. */
const STEPS = [1 / 100, 1 / 31.6, 1 / 10, 1 / 3.16, 1];
const TENTH = 2;
/** The small input is measured so often before it is believed: noise in it would hide work that grows with the square. */
const TRIES = 3;
/** A measurement that is too high is made again: caches, garbage and neighbours only ever add to it. */
const ROUNDS = 4;
/** So many times the work for ten times the input is no noise. What is between this and `MOST` may be. */
const CERTAIN = 50;
/** Nor is there noise of that kind in work that takes so many milliseconds. */
const LONG = 2000;
/**
 * What is in doubt is held against an input ten times as large. Noise does not grow with the input; but a part that grows with
 * the square, and made fifteen times the work of ten, makes more than forty times the work there.
 */
const MOST_AFTER_DOUBT = 30;

/**
 * Fails unless the work grows no faster than its input: ten times the input, at most fifteen times the work.
 *
 * Work is CPU time of this process, never wall time, and the least of several runs; so a loaded machine slows
 * the test down and does not fail it. An input that the work refuses (a `MalformedError`, or an error of the
 * closed list) is measured like one that it takes. Small inputs come first, so that work which grows with the
 * square fails within seconds. A result near the border is decided by a larger input, where no border is near.
 *
 * @throws Error that says how much both inputs cost; and what the work throws, when that is a crash.
 */
export async function expectLinear<T>(
  makeInput: (size: number) => T,
  work: (input: T) => unknown,
  { size = 200_000, floor = 40, cost = processorTime }: Measure = {},
): Promise<void> {
  const inputs: T[] = [];
  const costs: number[] = [];
  for (const [step, part] of STEPS.entries()) {
    const input = makeInput(Math.max(1, Math.round(size * part)));
    inputs.push(input);
    if (step === 0) await cost(work, input); // the first run compiles
    const found = await cost(work, input);
    costs.push(found);
    const tenth = inputs[step - TENTH];
    if (tenth === undefined || found <= floor) continue;
    let least = costs[step - TENTH] ?? 0;
    for (let more = 1; more < TRIES; more++) least = Math.min(least, await cost(work, tenth));
    if (found <= MOST * least) continue;
    const first = await measureAgain(cost, work, tenth, input, floor);
    if (first.times <= MOST) continue;
    if (first.times > CERTAIN || first.found > LONG) throw tooMuch(MOST, first);
    const largest = makeInput(Math.max(1, Math.round(size * part)) * 10);
    const second = await measureAgain(cost, work, input, largest, floor, MOST_AFTER_DOUBT);
    if (second.times > MOST_AFTER_DOUBT) throw tooMuch(MOST_AFTER_DOUBT, second);
  }
}

/** What was measured: milliseconds of CPU of a tenth and of the whole, and how many times as much that is. */
interface Ratio {
  readonly tenth: number;
  readonly found: number;
  readonly times: number;
}

/**
 * Holds the cost of the whole against that of a tenth of it, done ten times. Both make about as much garbage, which
 * is collected in jumps: with one run of the tenth only the whole would pay for it.
 */
async function measureAgain<T>(
  cost: Cost,
  work: (input: T) => unknown,
  tenth: T,
  whole: T,
  floor: number,
  most = MOST,
): Promise<Ratio> {
  let [tenTenths, found] = [Infinity, Infinity];
  const times = () => (found <= floor ? 0 : (10 * found) / tenTenths);
  for (let round = 0; round < ROUNDS; round++) {
    collectGarbage();
    tenTenths = Math.min(tenTenths, await cost(work, tenth, 10));
    collectGarbage();
    found = Math.min(found, await cost(work, whole));
    if (times() <= most || found > LONG) break;
  }
  return { tenth: tenTenths / 10, found, times: times() };
}

function tooMuch(most: number, { tenth, found, times }: Ratio): Error {
  return new Error(
    `expected ten times the input to cost at most ${most} times the work, found ${times.toFixed(0)} times: ` +
      `${tenth.toFixed(1)} ms, then ${found.toFixed(1)} ms of CPU`,
  );
}

/** Milliseconds of CPU that the work took, so many times. */
async function processorTime<T>(work: (input: T) => unknown, input: T, times = 1): Promise<number> {
  const before = process.cpuUsage();
  for (let time = 0; time < times; time++)
    try {
      await work(input);
    } catch (error) {
      if (!(error instanceof MalformedError) && !(error instanceof SigstoreError)) throw error;
    }
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;
