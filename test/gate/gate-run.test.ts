import { expect, it } from 'vitest';
import { gatedChart } from '../../src/gate/gated-chart.ts';
import { withGate } from '../../src/gate/gate-run.ts';
import type { RunContext } from '../../src/run/context.ts';
import { outputTo } from '../support/program.ts';
import { serveFiles } from '../support/static-server.ts';

const LIMIT = 1000;

it.each([
  ['as long as it may be', LIMIT, true],
  ['longer by a byte', LIMIT + 1, false],
])('an archive that is %s', async (_, length, isTaken) => {
  const { url } = await serveFiles({ '/hello-0.1.0.tgz': Buffer.alloc(length, 0x1f) });
  const fetched = withGate(
    `sigstore+${url}/hello-0.1.0.tgz`,
    {},
    context(),
    async ({ address, fetching }) => {
      if (address.kind !== 'url') throw new Error('it is the URL of an archive');
      return await gatedChart(address, fetching).archive();
    },
    LIMIT,
  );
  if (isTaken) await expect(fetched).resolves.toBeDefined();
  else await expect(fetched).rejects.toThrow(/1000 bytes/);
});

function context(): RunContext {
  return {
    version: '0.0.0',
    env: {},
    platform: process.platform,
    home: undefined,
    stdin: () => {
      throw new Error('nobody reads it');
    },
    stdout: outputTo(() => undefined),
    stderr: outputTo(() => undefined),
    now: () => 0,
    random: () => 0,
    interrupted: new AbortController().signal,
    takeTime: () => undefined,
    saveMemory: () => undefined,
    optimiseLater: () => undefined,
    passSignals: () => () => undefined,
    begun: undefined,
    audience: undefined,
    afterwards: () => undefined,
  };
}
