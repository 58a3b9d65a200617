// Measures what the program costs, whole processes of dist/ against a log on loopback and beside what a user would run
// instead, and holds it against the goals. Linux.
//
// npm run benchmark [-- --only CASE]... [--rounds N] [--rtt 20,50] [--peer PROGRAM] [--rekor] [--json FILE]
//   --only CASE      of those named below; repeatable
//   --rtt MS,MS      round trips of the cases `latency` and `standalone`
//   --peer PROGRAM   is measured too; it is called like the Go plugin
//   --rekor          in the case `standalone`, starts a real Rekor too, as the tests of interoperability do
//   --server URL --rekor-public-key PEM   a log of your own on loopback, in place of the embedded one; it is written to
import { writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { buildDist } from '../build.mjs';
import { bundles } from './cases/bundles.mjs';
import { keyring } from './cases/keyring.mjs';
import { largeArchive } from './cases/large-archive.mjs';
import { latency } from './cases/latency.mjs';
import { manyCharts } from './cases/many-charts.mjs';
import { offline } from './cases/offline.mjs';
import { requests } from './cases/requests.mjs';
import { signedBundles } from './cases/signed-bundles.mjs';
import { standalone } from './cases/standalone.mjs';
import { start } from './cases/start.mjs';
import { verify } from './cases/verify.mjs';
import { readPlan } from './plan.mjs';
import { besideTable, goalTable, isMet, timeTable } from './result.mjs';
import { Workspace } from './workspace.mjs';

/**
 * @typedef {import('./plan.mjs').Plan} Plan
 * @typedef {import('./result.mjs').Result & { name: string }} NamedResult
 */

/** @type {Record<string, import('./result.mjs').Case>} */
const cases = {
  bundles,
  start,
  standalone,
  verify,
  latency,
  requests,
  many: manyCharts,
  offline,
  keyring,
  large: largeArchive,
  signed: signedBundles,
};

try {
  const plan = readPlan(process.argv.slice(2));
  const unknown = plan.only.find((name) => !(name in cases));
  if (unknown !== undefined)
    throw new Error(`--only expects one of ${Object.keys(cases).join(', ')}, found ${unknown}`);
  await buildDist();
  await report(await measure(plan), plan);
} catch (error) {
  console.error(error instanceof Error ? `Error: ${error.message}` : error);
  process.exitCode = 1;
}

/** @param {Plan} plan */
async function measure(plan) {
  const workspace = await Workspace.open(plan);
  for (const signal of ['SIGINT', 'SIGTERM'])
    process.once(signal, () => void workspace.close().then(() => process.exit(130)));
  /** @type {NamedResult[]} */
  const results = [];
  try {
    for (const [name, measureCase] of Object.entries(cases)) {
      if (plan.only.length > 0 && !plan.only.includes(name)) continue;
      console.error(`measuring: ${name}`);
      results.push({ name, ...(await measureCase(workspace)) });
    }
  } finally {
    await workspace.close();
  }
  return results;
}

/**
 * @param {NamedResult[]} results
 * @param {Plan} plan
 */
async function report(results, { rounds, json }) {
  const date = new Date().toISOString().slice(0, 10);
  const machine = `${process.platform} ${process.arch}, ${availableParallelism()} cores, Node.js ${process.version}`;
  console.log(`${date}, ${machine}, ${rounds} rounds\n`);
  console.log(`${goalTable(results.flatMap(({ rows }) => rows))}\n`);
  for (const { beside } of results)
    if (beside !== undefined)
      console.log(`Side by side, medians, CPU time in brackets\n\n${besideTable(beside)}\n`);
  for (const { name, times } of results)
    if (Object.keys(times).length > 0) console.log(`${name}\n\n${timeTable(times)}\n`);
  if (json === undefined) return;
  const judged = results.map(({ rows, ...rest }) => ({
    ...rest,
    rows: rows.map((row) => ({ ...row, isMet: isMet(row) })),
  }));
  await writeFile(json, `${JSON.stringify({ date, machine, rounds, results: judged }, null, 2)}\n`);
}
