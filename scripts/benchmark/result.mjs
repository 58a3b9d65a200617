// What a case found, as text and as JSON.
import { mean, median } from './statistics.mjs';

/**
 * @typedef {object} Row one measured value, and where it should be
 * @property {string} what
 * @property {number | undefined} measured the median; undefined: what it is compared with is not there
 * @property {number | undefined} [cpu] the same in CPU time, the mean
 * @property {keyof typeof units} unit
 * @property {number | undefined} [atMost]
 * @property {number | undefined} [atLeast]
 *
 * @typedef {object} Result
 * @property {Row[]} rows
 * @property {Record<string, import('./turns.mjs').Runs>} times by what ran
 * @property {Beside} [beside]
 *
 * @typedef {Record<string, Record<string, import('./turns.mjs').Runs | undefined>>} Beside by what was done, then by who did it in
 *   turns; undefined: who could, and was not there
 *
 * @typedef {(workspace: import('./workspace.mjs').Workspace) => Promise<Result>} Case
 */

/** The column of the program that --peer names. */
export const PEER = 'Go plugin';

/** How values are written. */
const units = {
  ms: (/** @type {number} */ value) => `${value.toFixed(1)} ms`,
  'ms more': (/** @type {number} */ value) => `${value < 0 ? '' : '+'}${value.toFixed(1)} ms`,
  MiB: (/** @type {number} */ value) => `${value.toFixed(0)} MiB`,
  times: (/** @type {number} */ value) => `${value.toFixed(2)} ×`,
  requests: (/** @type {number} */ value) => `${value}`,
};

const NOT_MEASURED = 'not measured';

/**
 * Whether a value is where it should be; undefined where it may be anywhere.
 *
 * @param {Row} row
 */
export function isMet({ measured, atMost, atLeast }) {
  if (measured === undefined || (atMost === undefined && atLeast === undefined)) return undefined;
  return measured <= (atMost ?? Infinity) && measured >= (atLeast ?? -Infinity);
}

/**
 * A table in Markdown of values and goals.
 *
 * @param {Row[]} rows
 */
export function goalTable(rows) {
  return table(
    ['what', 'goal', 'measured', 'met', 'in CPU time'],
    rows.map((row) => [
      row.what,
      goalOf(row),
      row.measured === undefined ? NOT_MEASURED : units[row.unit](row.measured),
      verdict(isMet(row)),
      row.cpu === undefined ? '' : units[row.unit](row.cpu),
    ]),
  );
}

/**
 * A table in Markdown of what ran, and how long it took.
 *
 * @param {Record<string, import('./turns.mjs').Runs>} times
 */
export function timeTable(times) {
  return table(
    ['what ran', 'median', 'fastest', 'slowest', 'CPU time'],
    Object.entries(times).map(([name, { elapsed, cpu }]) => [
      name,
      ...[median(elapsed), Math.min(...elapsed), Math.max(...elapsed), mean(cpu)].map(units.ms),
    ]),
  );
}

/**
 * A table in Markdown of what was done, and how long each of those who did it in turns took.
 *
 * @param {Beside} beside
 */
export function besideTable(beside) {
  const who = [...new Set([PEER, ...Object.values(beside).flatMap((runs) => Object.keys(runs))])];
  return table(
    ['what', ...who],
    Object.entries(beside).map(([what, runs]) => [what, ...who.map((each) => besideCell(runs, each))]),
  );
}

/**
 * @param {Beside[string]} runs
 * @param {string} who
 */
function besideCell(runs, who) {
  const found = runs[who];
  if (found === undefined) return who in runs ? NOT_MEASURED : '';
  return `${units.ms(median(found.elapsed))} (${mean(found.cpu).toFixed(0)})`;
}

/** @param {Row} row */
function goalOf({ unit, atMost, atLeast }) {
  if (atMost !== undefined) return `at most ${units[unit](atMost)}`;
  return atLeast === undefined ? '' : `at least ${units[unit](atLeast)}`;
}

/** @param {boolean | undefined} met */
function verdict(met) {
  return met === undefined ? '' : met ? 'yes' : 'no';
}

/**
 * @param {string[]} head
 * @param {string[][]} rows
 */
function table(head, rows) {
  const widths = head.map((cell, column) =>
    Math.max(cell.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (/** @type {string[]} */ cells) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  const rule = widths.map((width) => '-'.repeat(width));
  return [head, rule, ...rows].map(line).join('\n');
}
