import { expect, it } from 'vitest';
import { LogHistory } from '../../src/history/log-history.ts';
import { parseBaseUrl } from '../../src/http/base-url.ts';
import { RekorV1View } from '../../src/log-view/rekor-v1.ts';
import { RekorClient } from '../../src/rekor/client.ts';
import type { TrustedLog } from '../../src/trust/trusted-log.ts';
import { testClient, testDeadline } from '../http/client.ts';
import { replaceLeaf } from '../support/rewritten-log.ts';
import { ReturningUser } from '../support/world/returning-user.ts';

it('ten runs at once, on a log that grows meanwhile, neither lose the largest tree nor accuse the log', async () => {
  const user = await ReturningUser.open();
  const { log } = user.world;
  await user.run();
  let largest = 0;
  log.beforeSigning = (said) => {
    largest = Math.max(largest, said.proof.treeSize);
    log.fill(3);
    return said;
  };
  const rounds = await Promise.all(Array.from({ length: 10 }, () => user.run()));
  for (const round of rounds) expect(round).toMatchObject({ status: 0, stderr: '' });
  expect((await user.remembered()).size).toBe(largest);

  // The next run proves all that they saw to be one tree, and the one after that has one proof to ask for.
  expect(await user.run()).toMatchObject({ status: 0, stderr: '', outcomes: { consistency: 'passed' } });
  const last = await user.run();
  expect(last).toMatchObject({ status: 0, stderr: '', outcomes: { consistency: 'passed' } });
  expect(last.asked.length).toBe(2);
});

it('of two runs at once that were shown different trees, the next one finds out', async () => {
  const user = await ReturningUser.open();
  const { log, predicted, server } = user.world;
  await user.run();
  const client = new RekorClient(testClient(), parseBaseUrl(server.url, 'the test'), testDeadline());
  const view = new RekorV1View(client, () => 0);
  const trusted: TrustedLog = {
    url: server.url,
    keys: [log.keys.key],
    source: { kind: 'public-key-file', detail: 'log.pem' },
  };
  const accused: unknown[] = [];
  const open = () =>
    LogHistory.open(trusted, {
      directory: user.history,
      mayWrite: true,
      now: () => user.settings.now,
      warn: (warning) => accused.push(warning),
      report: (conflict) => accused.push(conflict),
    });
  const runs = [await open(), await open()];
  for (const run of runs) {
    log.fill(5);
    const { entries } = await view.entries([predicted]);
    for (const entry of entries) await run.pastOf(entry, { log: trusted, view });
    await run.remember();
    // Beyond what both had seen before, the second run is shown another tree.
    replaceLeaf(log, 15);
  }
  expect(accused).toEqual([]);
  expect(await user.run()).toMatchObject({ status: 10, outcomes: { consistency: 'failed' } });
});
