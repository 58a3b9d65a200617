import { keyringForms, writeKeyring } from '../keyrings.mjs';
import { medianDifference } from '../statistics.mjs';
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

  const contestants = rings.map(({ name, program }) => [name, program]);
  const times = await takeTurns(
    { '1 key': oneKey, ...Object.fromEntries(contestants) },
    workspace.plan.rounds,
  );
  const single = times['1 key'] ?? [];
  const least = await medianPeak(oneKey);
  /** @type {import('../result.mjs').Row[]} */
  const rows = [];
  for (const { name, goal, program } of rings) {
    const more = medianDifference(times[name] ?? [], single);
    rows.push({ what: `${name}, over 1 key`, measured: more, unit: 'ms more', atMost: goal?.time });
    const memory = (await medianPeak(program)) - least;
    rows.push({ what: 'the same, memory', measured: memory, unit: 'MiB', atMost: goal?.memory });
  }
  return { rows, times };
}
