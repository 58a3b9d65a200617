import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { ChartResult } from './clients/plugin-answer.ts';
import { InteropWorld } from './interop-world.ts';
import type { PublishedChart } from './publishers.ts';
import type { Rekor } from './stack/rekor.ts';
import { Stack } from './stack/stack.ts';

const interop = inject('interop');

/** For requests that nobody answers. */
const IMPATIENT = ['--timeout', '1s'];

describe.skipIf(interop === undefined)('a Rekor (needs a real Rekor)', () => {
  if (interop === undefined) return;
  let world: InteropWorld;
  let stack: Stack;
  let rekor: Rekor;
  /** A chart that the log has. */
  let known: PublishedChart;

  beforeAll(async () => {
    world = await InteropWorld.open(interop);
    stack = await Stack.start(interop.binaries);
    rekor = await stack.startRekor();
    known = await world.chart('P-256');
    expect(await run('upload', known)).toMatchObject({ status: 0, outcome: 'created' });
  });

  afterAll(async () => {
    await stack.remove();
    await world.close();
  });

  describe('whose index is gone', () => {
    beforeAll(() => stack.redis.kill());

    it('still proves charts, whose entries are predicted', async () => {
      expect(await run('verify', known)).toMatchObject({ status: 0, verdict: 'verified' });
    });

    it('takes charts, and the search says that it could not search', async () => {
      const chart = await world.chart('P-256');
      expect(await run('upload', chart)).toMatchObject({ status: 0, outcome: 'created' });
      const found = await world.plugin.ask(rekor, ['search', chart.path, ...IMPATIENT]);
      expect(found).toMatchObject({ status: 5, errors: [{ code: 'LOG_UNREACHABLE' }] });
    });

    it('finds nothing when the index is back without its content, and proves what it did', async () => {
      await stack.redis.startAgain();
      expect(await world.plugin.search(rekor, { sha256: known.sha256 })).toEqual([]);
      expect(await run('verify', known)).toMatchObject({ status: 0, verdict: 'verified' });
    });
  });

  it('that integrates nothing is no success, and the next run finishes', async () => {
    const chart = await world.chart('P-256');
    const { treeSize } = await world.plugin.logInfo(rekor);
    await stack.trillian.stopSigner();
    const sent = await run('upload', chart, IMPATIENT);
    expect(sent).toMatchObject({ status: 5, error: { code: 'LOG_UNREACHABLE' } });
    expect(await run('verify', chart)).toMatchObject({ status: 4, verdict: 'not-found' });
    expect(await run('verify', known)).toMatchObject({ status: 0 });

    await stack.trillian.startSigner();
    const size = async () => (await world.plugin.logInfo(rekor)).treeSize;
    await expect.poll(size, { timeout: 30_000 }).toBe(treeSize + 1);
    expect(await run('upload', chart)).toMatchObject({ status: 0, outcome: 'exists' });
    expect(await size()).toBe(treeSize + 1);
  });

  it('whose database is away is no verdict, and goes on where it was', async () => {
    const chart = await world.chart('P-256');
    await stack.database.kill();
    expect(await run('verify', known)).toMatchObject({ status: 5, error: { code: 'LOG_UNREACHABLE' } });
    expect(await run('upload', chart)).toMatchObject({ status: 5, error: { code: 'LOG_UNREACHABLE' } });

    await stack.database.startAgain();
    expect(await run('verify', known)).toMatchObject({ status: 0, verdict: 'verified' });
    expect(await run('upload', chart)).toMatchObject({ status: 0, verdict: 'verified' });
  });

  it('that is restarted under load loses nothing that was acknowledged', async () => {
    const charts = await Promise.all(Array.from({ length: 8 }, () => world.chart('P-256')));
    const { treeSize } = await world.plugin.logInfo(rekor);
    const uploads = charts.map((chart) => run('upload', chart));
    await uploads[0];
    await rekor.kill();
    await rekor.startAgain();
    const first = await Promise.all(uploads);
    for (const { status } of first) expect([0, 5]).toContain(status);

    for (const [at, chart] of charts.entries()) {
      if (first[at]?.status === 0) expect(await run('verify', chart)).toMatchObject({ status: 0 });
      expect(await run('upload', chart)).toMatchObject({ status: 0, verdict: 'verified' });
    }
    // The index may have missed some of them: it is written after the answer.
    expect(await world.plugin.logInfo(rekor)).toMatchObject({ treeSize: treeSize + charts.length });
  });

  describe.each([
    {
      what: 'that takes no helm entries',
      flags: ['--enabled_entry_types=hashedrekord'],
      says: /is not enabled for submission/,
    },
    {
      what: 'that takes nothing',
      flags: [
        '--enabled_api_endpoints=getLogEntryByIndex,getLogEntryByUUID,searchLogQuery,getLogInfo,getPublicKey,getLogProof',
      ],
      says: /Create Entry API not enabled/,
    },
    {
      what: 'that takes only small entries',
      flags: ['--max_request_body_size=500'],
      says: /request body too large/,
    },
  ])('$what', ({ flags, says }) => {
    beforeAll(async () => {
      await rekor.kill();
      await rekor.startAgain({ flags });
    });

    it('refuses a chart, which is said and is no verdict', async () => {
      expect(await run('upload', await world.chart('P-256'))).toMatchObject({
        status: 5,
        error: { code: 'LOG_REFUSED', message: expect.stringMatching(says) as string },
      });
    });

    it('still proves charts', async () => {
      expect(await run('verify', known)).toMatchObject({ status: 0, verdict: 'verified' });
      expect(await run('upload', known)).toMatchObject({ status: 0, outcome: 'exists' });
    });
  });

  /** Runs a command on a chart, and what it said of it. */
  async function run(
    command: 'upload' | 'verify',
    { path, certificate }: PublishedChart,
    options: readonly string[] = [],
  ): Promise<ChartResult & { readonly status: number }> {
    // Without evidence, so that `verify` asks the log.
    const kept = command === 'upload' ? ['--no-evidence'] : [];
    const argv = [command, path, ...kept, '--keyring', certificate, ...options];
    const { status, results, errors } = await world.plugin.ask(rekor, argv);
    const [error] = errors ?? [];
    return { status, ...(error && { error }), ...results?.[0] };
  }
});
