import { timeOver } from '../comparison.mjs';
import { keyringForms, writeKeyring } from '../keyrings.mjs';
import { medianPeak, takeTurns } from '../turns.mjs';
import { exampleCertificate } from '../workspace.mjs';

/** What larger keyrings may cost more; armored ones have to be decoded and have no goal. */
const goals = [
  { count: 1000, form: 'binary', time: 15 },
  { count: 1000, form: 'keybox', time: 15 },
  { count: 10_000, form: 'binary', time: 120, memory: 60 },
  { count: 10_000, form: 'keybox', time: 120, memory: 60 },
];

/**
 * `verify` with large keyrings, over one with a single key.
 *
 * @type {import('../result.mjs').Case}
 */
export async function keyring(workspace) {
  const oneKey = workspace.verify();
  const publisher = await exampleCertificate();
  const rings = [];
  for (const count of [1000, 10_000])
    for (const form of keyringForms) {
      const file = await writeKeyring(workspace.directory, publisher, count, form);
      const name = `${count.toLocaleString('en')} keys, ${form}`;
      const goal = goals.find((goal) => goal.count === count && goal.form === form);
      rings.push({ name, goal, program: workspace.verify({ keyring: file }) });
    }

  /** @type {Record<string, import('../contestant.mjs').Contestant>} */
  const contestants = { '1 key': oneKey };
  for (const { name, program } of rings) contestants[name] = program;
  const times = await takeTurns(contestants, workspace.plan.rounds);
  const runsOf = (/** @type {string} */ name) => /** @type {import('../turns.mjs').Runs} */ (times[name]);
  const least = await medianPeak(oneKey);
  /** @type {import('../result.mjs').Row[]} */
  const rows = [];
  for (const { name, goal, program } of rings) {
    const more = timeOver(runsOf(name), runsOf('1 key'));
    rows.push({ what: `${name}, over 1 key`, ...more, atMost: goal?.time });
    const memory = (await medianPeak(program)) - least;
    rows.push({ what: 'the same, memory', measured: memory, unit: 'MiB', atMost: goal?.memory });
  }
  return { rows, times };
}
