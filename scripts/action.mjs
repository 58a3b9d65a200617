// The step of action.yml: uploads or verifies charts, sets the outputs, and writes a summary of the job. It runs `helm
// sigstore upload` or `verify` of this checkout, or of the standalone executable that runs this; settings come in the variables that the program reads itself, and in
// MODE, CHARTS, POLICY and PUBLIC_KEY.
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
/** @typedef {{ chart?: string, status?: number, outcome?: string, verdict?: string, evidences?: { kind: string, entry?: Entry }[], error?: { message: string } }} Result */

const {
  MODE = '',
  CHARTS = '',
  POLICY = '',
  PUBLIC_KEY = '',
  ACTION_DIRECTORY,
  GITHUB_OUTPUT,
  GITHUB_STEP_SUMMARY,
} = process.env;
// Who starts this elsewhere says where the charts are.
if (ACTION_DIRECTORY) process.chdir(ACTION_DIRECTORY);
/** What is set for each chart: one line a chart, in the order of the charts; empty for one that failed or was not worked on. */
const outputs = {
  uuid: (/** @type {Result} */ result) => provenEntry(result)?.uuid ?? '',
  'log-index': (/** @type {Result} */ result) => String(provenEntry(result)?.logIndex ?? ''),
  'entry-url': (/** @type {Result} */ result) => provenEntry(result)?.url ?? '',
  verdict: (/** @type {Result} */ { verdict }) => verdict ?? '',
};
/** @type {Result[]} */
const results = [];

const mode = MODE || 'upload';
const charts = chartsOf(CHARTS);
const mistake = mistakeInInputs();
process.exitCode = mistake === undefined ? await work() : refuse(mistake, 2);
// The program answers in the order of the charts: it ended before these.
results.push(...charts.slice(results.length).map(({ path, problem }) => notDone(path, problem)));

for (const [name, of] of Object.entries(outputs))
  append(GITHUB_OUTPUT, [`${name}<<END`, ...results.map(of), 'END']);
append(GITHUB_STEP_SUMMARY, [
  '| chart | outcome | log index | entry |',
  '| --- | --- | --- | --- |',
  ...results.map(row),
]);

/** @returns {string | undefined} what is wrong with inputs that contradict each other */
function mistakeInInputs() {
  if (mode !== 'upload' && mode !== 'verify')
    return `expected the input "mode" to be upload or verify, found ${mode}`;
  if (POLICY === '') return undefined;
  if (mode === 'upload') return 'expected the input "policy" with the mode verify, found it with upload';
  const { KEYRING, REKOR_SERVER, SIGSTORE_REKOR_PUBLIC_KEY } = process.env;
  // The program would ignore variables, and say so; who wrote an input meant it.
  const others = {
    keyring: KEYRING,
    'rekor-server': REKOR_SERVER,
    'rekor-public-key': SIGSTORE_REKOR_PUBLIC_KEY,
  };
  const [other] = Object.entries({ ...others, 'public-key': PUBLIC_KEY }).find(([, value]) => value) ?? [];
  return (
    other && `expected the keys and the log in the policy alone, found the input "${other}" beside "policy"`
  );
}

/** @returns {number | Promise<number>} the exit status of the step */
function work() {
  if (charts.length === 0) return refuse('expected the input "charts" to name charts, found none', 3);
  const problems = charts.filter(({ problem }) => problem !== undefined);
  if (problems.length === 0) return run();
  return refuse(problems.map(({ problem = '' }) => problem).join('\nError: '), 3);
}

/**
 * @param {string} chart
 * @param {string} [why] what kept all charts from being worked on, if it is this one
 * @returns {Result}
 */
function notDone(chart, why = 'not done') {
  return { chart, error: { message: why } };
}

/**
 * @param {string} message
 * @param {number} status
 */
function refuse(message, status) {
  console.error(`Error: ${message}`);
  return status;
}

/** @returns {Promise<number>} the exit status of the program */
async function run() {
  const keys = pathsOf(PUBLIC_KEY).flatMap((key) => ['--public-key', key]);
  const policy = POLICY === '' ? [] : ['--policy', POLICY];
  const argv = [mode, '--output', 'jsonl', ...keys, ...policy, '--from-file', '-'];
  // Where there is no Node, the standalone executable runs this script, and is the program as well.
  const { BUN_BE_BUN, ...env } = process.env;
  const first = process.versions['bun'] === undefined ? [launcher] : [];
  const child = spawn(process.execPath, [...first, ...argv], { env, stdio: ['pipe', 'pipe', 'inherit'] });
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
function provenEntry({ evidences: [first] = [], status }) {
  return first?.kind === 'proven' && status === 0 ? first.entry : undefined;
}

/** @param {Result} result */
function row(result) {
  const { chart, outcome, verdict, error } = result;
  const entry = provenEntry(result);
  const cells = [
    chart,
    outcome ?? error?.message ?? verdict ?? '',
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
