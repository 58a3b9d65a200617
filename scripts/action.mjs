// The step of action.yml: uploads charts, sets the outputs, and writes a summary of the job. It runs `helm sigstore
// upload` of this checkout; settings come in the variables that the program reads itself, and CHARTS and PUBLIC_KEY.
//
// The charts reach the program as a list on its standard input, and it answers with a line of JSON for each, which is
// written away when it comes: neither number nor length of the charts has a limit here.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { chartsOf, pathsOf } from './action-inputs.mjs';
import { launcher } from './embedded-log.mjs';
import { endWithOneLine } from './one-line-errors.mjs';

endWithOneLine();

/** @typedef {{ uuid: string, url: string, logIndex: number }} Entry */
/** @typedef {{ chart?: string, outcome?: string, evidences?: { kind: string, entry?: Entry }[], error?: { message: string } }} Result */

const { CHARTS = '', PUBLIC_KEY = '', GITHUB_OUTPUT, GITHUB_STEP_SUMMARY } = process.env;
/** What is set for each chart: one line a chart, in the order of the charts; empty for one that failed. */
const outputs = {
  uuid: (/** @type {Result} */ result) => provenEntry(result)?.uuid ?? '',
  'log-index': (/** @type {Result} */ result) => String(provenEntry(result)?.logIndex ?? ''),
  'entry-url': (/** @type {Result} */ result) => provenEntry(result)?.url ?? '',
};
/** @type {Result[]} */
const results = [];

const charts = chartsOf(CHARTS);
for (const chart of charts) {
  if (chart.problem !== undefined) console.error(`Error: ${chart.problem}`);
}
const problems = charts.filter(({ problem }) => problem !== undefined);
process.exitCode = problems.length > 0 || charts.length === 0 ? refuse() : await upload();

for (const [name, of] of Object.entries(outputs))
  append(GITHUB_OUTPUT, [`${name}<<END`, ...results.map(of), 'END']);
append(GITHUB_STEP_SUMMARY, [
  '| chart | outcome | log index | entry |',
  '| --- | --- | --- | --- |',
  ...results.map(row),
]);

/** @returns {number} the exit status of a wrong input */
function refuse() {
  if (charts.length === 0) console.error('Error: expected the input "charts" to name charts, found none');
  results.push(...problems.map(({ path, problem = '' }) => ({ chart: path, error: { message: problem } })));
  return 3;
}

/** @returns {Promise<number>} the exit status of the program */
async function upload() {
  const keys = pathsOf(PUBLIC_KEY).flatMap((key) => ['--public-key', key]);
  const argv = [launcher, 'upload', '--output', 'jsonl', ...keys, '--from-file', '-'];
  const child = spawn(process.execPath, argv, { stdio: ['pipe', 'pipe', 'inherit'] });
  const closed = once(child, 'close');
  // A program that ends early has said why.
  child.stdin.on('error', () => undefined);
  child.stdin.end(charts.map(({ path }) => `${path}\n`).join(''));
  for await (const line of createInterface({ input: child.stdout })) {
    /** @type {Result} */
    const result = JSON.parse(line);
    // The last line is about all of them.
    if (result.chart !== undefined) results.push(result);
  }
  const [status] = await closed;
  return status ?? 1;
}

/**
 * @param {Result} result
 * @returns {Entry | undefined} the entry that proves the chart
 */
function provenEntry({ evidences: [first] = [], error }) {
  return first?.kind === 'proven' && error === undefined ? first.entry : undefined;
}

/** @param {Result} result */
function row(result) {
  const { chart, outcome, error } = result;
  const entry = provenEntry(result);
  const cells = [
    chart,
    outcome ?? error?.message ?? '',
    entry?.logIndex ?? '',
    entry ? `[${entry.uuid}](${entry.url})` : '',
  ];
  return `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
}

/**
 * @param {string | undefined} file
 * @param {string[]} lines
 */
function append(file, lines) {
  if (file) appendFileSync(file, `${lines.join('\n')}\n`);
}
