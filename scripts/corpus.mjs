// Judges a folder of real charts with their provenance, and says how many are accepted, how many are not, and why:
// `npm run corpus` with HELM_SIGSTORE_CORPUS naming the folder. A .prov counts with the archive beside it, or alone where
// there is none. The keys are those in the folder `keys` below it, or, where there is none, in the folder itself.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { buildDist } from './build.mjs';
import { launcher } from './embedded-log.mjs';
import { endWithOneLine } from './one-line-errors.mjs';

endWithOneLine();

/**
 * @typedef {{ chart: string, checks?: Check[], error?: { message: string } }} Result a line of `inspect --output jsonl`
 * @typedef {{ id: string, outcome: string, detail: string }} Check
 */

const corpus = process.env['HELM_SIGSTORE_CORPUS'];
if (corpus) await judgeCorpus(path.resolve(corpus));
else console.log('no corpus was judged: HELM_SIGSTORE_CORPUS names no folder of charts with provenance');

/** @param {string} folder */
async function judgeCorpus(folder) {
  const charts = findCharts(folder);
  const keys = path.join(folder, 'keys');
  await buildDist();

  let accepted = 0;
  /** @type {Map<string, string[]>} the charts that are not accepted, by the reason */
  const refused = new Map();
  for await (const result of inspect(charts, existsSync(keys) ? keys : folder)) {
    const reason = reasonOf(result);
    if (reason === undefined) accepted += 1;
    else refused.set(reason, [...(refused.get(reason) ?? []), path.relative(folder, result.chart)]);
  }
  console.log(`accepted: ${accepted} of ${charts.length}`);
  for (const [reason, names] of [...refused].sort((a, b) => b[1].length - a[1].length))
    console.log(`${String(names.length).padStart(6)}  ${reason} (such as ${names[0]})`);
  const judged = accepted + [...refused.values()].flat().length;
  if (judged !== charts.length || charts.length === 0) {
    console.error('Error: not every chart was judged, or there is none');
    process.exitCode = 1;
  }
}

/** @param {string} folder */
function findCharts(folder) {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.tgz.prov'))
    .sort()
    .map((name) => path.join(folder, name))
    .map((prov) => (existsSync(prov.slice(0, -'.prov'.length)) ? prov.slice(0, -'.prov'.length) : prov));
}

/**
 * @param {readonly string[]} charts
 * @param {string} keyring
 * @returns {AsyncGenerator<Result>}
 */
async function* inspect(charts, keyring) {
  const argv = [launcher, 'inspect', '--from-file', '-', '--keyring', keyring, '--output', 'jsonl'];
  const child = spawn(process.execPath, argv, { stdio: ['pipe', 'pipe', 'ignore'] });
  child.stdin.end(`${charts.join('\n')}\n`);
  for await (const line of createInterface({ input: child.stdout })) {
    const document = JSON.parse(line);
    if (document.chart !== undefined) yield document;
    else for (const { message } of document.errors ?? []) console.error(`Error: ${message}`);
  }
}

/**
 * Why a chart is not accepted, without what differs from chart to chart.
 *
 * @param {Result} result
 */
function reasonOf({ chart, checks = [], error }) {
  if (error) return general(error.message.replaceAll(chart, 'the chart'));
  const failed = checks.find(({ outcome }) => outcome === 'failed');
  return failed && `${failed.id}: ${general(failed.detail)}`;
}

/** @param {string} text */
function general(text) {
  return text
    .replaceAll(/[0-9a-f]{16,}/gi, 'HEX')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:]{8}Z/g, 'TIME')
    .replaceAll(/\S{1,255}\.tgz(?:\.prov)?/g, 'CHART');
}
