// Sums up the JSON reports of vitest: `node scripts/summary.mjs REPORT...` prints `N passed, N failed, N skipped`. Ends
// with a status other than 0 when something failed, and when a report is missing or empty: a suite that should have
// run did not, which counts as one failure.
import { readFileSync } from 'node:fs';
import { endWithOneLine } from './one-line-errors.mjs';

endWithOneLine();

/**
 * @typedef {object} Report
 * @property {number} numTotalTests
 * @property {number} numPassedTests
 * @property {number} numFailedTests
 * @property {{ status: string, assertionResults: { status: string }[] }[]} testResults one for each file
 */

let passed = 0;
let failed = 0;
let skipped = 0;

for (const file of process.argv.slice(2)) {
  const report = readReport(file);
  if (report === undefined || report.numPassedTests === 0) {
    console.error(`${file}: no test passed`);
    failed += 1;
  }
  if (report === undefined) continue;
  // A file that cannot be loaded, or whose set-up fails, fails without a test that does.
  const broken = report.testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && assertionResults.every((assertion) => assertion.status !== 'failed'),
  );
  passed += report.numPassedTests;
  failed += report.numFailedTests + broken.length;
  skipped += report.numTotalTests - report.numPassedTests - report.numFailedTests;
}

console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
if (failed > 0 || passed === 0) process.exitCode = 1;

/**
 * @param {string} file
 * @returns {Report | undefined}
 */
function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}
