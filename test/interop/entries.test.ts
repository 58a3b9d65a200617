import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { Scene } from './scene.ts';

const interop = inject('interop');

describe.skipIf(interop === undefined)('several entries of one chart', () => {
  if (interop === undefined) return;
  const { rekor } = interop;
  let scene: Scene;
  beforeAll(async () => {
    scene = await Scene.open(interop);
  });
  afterAll(() => scene.close());

  it('the whole certificate makes another entry than the least of it, and the first one counts', async () => {
    const chart = await scene.chart('RSA 3072');
    const first = await scene.plugin.upload(rekor, chart);
    const second = await scene.rekorCli.upload(rekor, chart);
    expect([first, second]).toMatchObject([{ outcome: 'created' }, { outcome: 'created' }]);
    const uuids = [first, second].map((uploaded) => ('uuid' in uploaded ? uploaded.uuid : ''));

    expect(await scene.plugin.search(rekor, { sha256: chart.sha256 })).toEqual([...uuids].sort());
    expect(await scene.plugin.verify(rekor, chart)).toBe(uuids[0]);
    expect(await scene.plugin.upload(rekor, chart)).toEqual({ outcome: 'exists', uuid: uuids[0] });
  });

  it('user IDs in any order make several entries, of which the plugin adds none', async () => {
    const chart = await scene.chart('two user IDs');
    for (let times = 0; times < 12; times++) await scene.rekorCli.upload(rekor, chart);
    const uuids = await scene.plugin.search(rekor, { sha256: chart.sha256 });
    expect(uuids.length).toBeGreaterThanOrEqual(1);
    expect(uuids).toContain(await scene.plugin.verify(rekor, chart));

    expect(await scene.plugin.upload(rekor, chart)).toMatchObject({ outcome: 'exists' });
    expect(await scene.plugin.search(rekor, { sha256: chart.sha256 })).toEqual(uuids);
  });
});
