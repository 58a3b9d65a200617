// The step of action.yml: uploads charts, sets the outputs, and writes a summary of the job. It runs `helm sigstore
// upload` of this checkout; settings come in the variables that the program reads itself, and CHARTS.
import { spawnSync } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { launcher } from './embedded-log.mjs';

/** @typedef {{ chart: string, outcome?: string, entry?: { uuid: string, url: string, logIndex: number }, error?: { message: string } }} Result */

const { CHARTS = '', PUBLIC_KEY = '', GITHUB_OUTPUT, GITHUB_STEP_SUMMARY } = process.env;
const charts = CHARTS.split(/\s+/).filter(Boolean);
const keys = PUBLIC_KEY.split(/\s+/).filter(Boolean);
const options = ['--output', 'json', ...keys.flatMap((key) => ['--public-key', key])];
const argv = ['upload', ...options, '--', ...charts];
const { status, stdout } = spawnSync(process.execPath, [launcher, ...argv], {
  encoding: 'utf8',
  stdio: ['ignore', 'pipe', 'inherit'],
});
/** @type {{ results?: Result[] }} */
const { results = [] } = JSON.parse(stdout);
const entries = results.flatMap(({ entry }) => entry ?? []);

append(GITHUB_OUTPUT, [
  // One a line, in the order of the charts.
  ...output(
    'uuid',
    entries.map(({ uuid }) => uuid),
  ),
  ...output(
    'log-index',
    entries.map(({ logIndex }) => String(logIndex)),
  ),
  ...output(
    'entry-url',
    entries.map(({ url }) => url),
  ),
]);
append(GITHUB_STEP_SUMMARY, [
  '| chart | outcome | log index | entry |',
  '| --- | --- | --- | --- |',
  ...results.map(row),
]);
process.exitCode = status ?? 1;

/**
 * @param {string} name
 * @param {string[]} values
 */
function output(name, values) {
  return [`${name}<<END`, ...values, 'END'];
}

/** @param {Result} result */
function row({ chart, outcome, entry, error }) {
  const cells = [
    chart,
    outcome ?? error?.message ?? '',
    entry?.logIndex ?? '',
    entry ? `[${entry.uuid}](${entry.url})` : '',
  ];
  return `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|')).join(' | ')} |`;
}

/**
 * @param {string | undefined} file
 * @param {string[]} lines
 */
function append(file, lines) {
  if (file) appendFileSync(file, `${lines.join('\n')}\n`);
}
