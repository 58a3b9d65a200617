import { time } from '../contestant.mjs';
import { startDelayingProxy } from '../delaying-proxy.mjs';

/**
 * How often one `verify` asks the log: for the first time, and again while the log has not changed.
 *
 * @type {import('../result.mjs').Case}
 */
export async function requests(workspace) {
  const proxy = await startDelayingProxy(workspace.log.url, 0);
  try {
    const { before, ...again } = workspace.verify({ url: proxy.url });
    await before?.();
    await time(again);
    const first = proxy.requests();
    await time(again);
    const second = proxy.requests();
    return {
      rows: [
        { what: 'requests of one `verify`', measured: first, unit: 'requests', atMost: 1 },
        { what: 'the same again, log unchanged', measured: second, unit: 'requests', atMost: first },
      ],
      times: {},
    };
  } finally {
    await proxy.close();
  }
}
