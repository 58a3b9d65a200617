import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { InteropWorld } from './interop-world.ts';
import type { PublishedChart } from './publishers.ts';

const interop = inject('interop');

describe.skipIf(interop === undefined)('several entries of one chart (needs a real Rekor)', () => {
  if (interop === undefined) return;
  const { rekor } = interop;
  let world: InteropWorld;
  beforeAll(async () => {
    world = await InteropWorld.open(interop);
  });
  afterAll(() => world.close());

  it('the whole certificate makes another entry than the least of it, and the first one counts', async () => {
    const chart = await world.chart('RSA 3072');
    const first = await world.plugin.upload(rekor, chart);
    const second = await world.rekorCli.upload(rekor, chart);
    expect([first, second]).toMatchObject([{ outcome: 'created' }, { outcome: 'created' }]);
    const uuids = [first, second].map((uploaded) => ('uuid' in uploaded ? uploaded.uuid : ''));

    await indexHas(chart, uuids);
    expect(await world.plugin.verify(rekor, chart)).toBe(uuids[0]);
    expect(await world.plugin.upload(rekor, chart)).toEqual({ outcome: 'exists', uuid: uuids[0] });
  });

  it('user IDs in any order make several entries, of which the plugin adds none', async () => {
    const chart = await world.chart('two user IDs');
    const made = new Set<string>();
    // Chance prefers one of the two orders, and has made the other after some ten.
    for (let times = 0; times < 100 && made.size < 2; times++) {
      const uploaded = await world.rekorCli.upload(rekor, chart);
      if (uploaded.outcome !== 'refused') made.add(uploaded.uuid);
    }
    expect(made.size).toBe(2);
    expect(made).toContain(await world.plugin.verify(rekor, chart));

    expect(await world.plugin.upload(rekor, chart)).toMatchObject({ outcome: 'exists' });
    await indexHas(chart, [...made]);
  });

  it('uploads at one moment make one entry, which each of them names', async () => {
    const chart = await world.chart('P-256');
    const uploads = Array.from({ length: 4 }, () => world.plugin.upload(rekor, chart));
    const uploaded = await Promise.all(uploads);
    const uuid = await world.plugin.verify(rekor, chart);
    for (const one of uploaded) expect(one).toMatchObject({ uuid });
    await indexHas(chart, [uuid]);
  });

  /** Rekor writes it after its answer. */
  async function indexHas({ sha256 }: PublishedChart, uuids: readonly string[]): Promise<void> {
    const found = () => world.plugin.search(rekor, { sha256 });
    await expect.poll(found, { timeout: 10_000 }).toEqual([...uuids].sort());
  }
});
