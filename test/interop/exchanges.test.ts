import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { ask } from '../support/ask.ts';
import { ANSWERED_OTHERWISE } from './answered-otherwise.ts';
import { InteropWorld } from './interop-world.ts';
import { ODD_REQUESTS } from './odd-requests.ts';
import { REQUESTS, type Entry, type Request } from './requests.ts';
import type { NamedLog } from './global-setup.ts';
import { answerShape, withoutNames } from './answer-shape.ts';
import { tap } from './tap.ts';

const interop = inject('interop');

describe.skipIf(interop === undefined)('the embedded log and Rekor (needs a real Rekor)', () => {
  if (interop === undefined) return;
  const { rekor, embedded } = interop;
  let world: InteropWorld;
  const entries = new Map<NamedLog, Entry>();
  beforeAll(async () => {
    world = await InteropWorld.open(interop);
    for (const server of [rekor, embedded]) {
      // With two leaves no proof is empty.
      await upload(server);
      entries.set(server, await upload(server));
    }
  });
  afterAll(() => world.close());

  it('answer rekor-cli in the same shape: statuses, headers, members and types', async () => {
    const [theirs, ours] = [await session(rekor), await session(embedded)];
    expect(ours).toEqual(theirs);
    expect(theirs.length).toBeGreaterThan(12);
  });

  describe('answer in the same shape', () => {
    it.each(Object.entries({ ...REQUESTS, ...ODD_REQUESTS }))('%s', async (_, request) => {
      const [theirs, ours] = [rekor, embedded].map((server) =>
        shapeOf(server, request(entries.get(server) as Entry)),
      );
      expect(await ours).toEqual(await theirs);
    });
  });

  it.each(ANSWERED_OTHERWISE)('answer otherwise: $what', async ({ request }) => {
    expect(await shapeOf(embedded, request)).not.toEqual(await shapeOf(rekor, request));
  });

  async function upload(server: NamedLog): Promise<Entry> {
    const chart = await world.chart('P-256');
    const uploaded = await world.plugin.upload(server, chart);
    if (uploaded.outcome === 'refused') throw new Error(uploaded.reason);
    const { treeId } = await world.plugin.logInfo(server);
    return { uuid: uploaded.uuid, treeId, sha256: chart.sha256 };
  }

  /** What rekor-cli is told when it uploads, looks at and searches for an entry. */
  async function session(server: NamedLog): Promise<object[]> {
    const { rekorCli } = world;
    const between = await tap(server.url);
    const log = { url: between.url, publicKey: server.publicKey };
    const withoutKey = { url: between.url };
    const chart = await world.chart('P-256');
    await rekorCli.upload(log, chart);
    await rekorCli.upload(log, chart);
    const uuid = await rekorCli.verify(withoutKey, chart);
    const { index } = await rekorCli.getEntry(withoutKey, ['--uuid', uuid]);
    await rekorCli.getEntry(log, ['--log-index', String(index)]);
    await rekorCli.logInfo(log);
    await rekorCli.upload(log, await world.chart('P-256'));
    await rekorCli.logInfo(log);
    await rekorCli.search(log, { sha256: chart.sha256 });
    await rekorCli.search(log, { sha256: '0'.repeat(64) });
    await rekorCli.run(log, ['get', '--uuid', '0'.repeat(64)]);
    await rekorCli.run(log, ['get', '--log-index', '1000000']);
    await rekorCli.run(log, ['verify', '--uuid', '0'.repeat(64)]);
    await between.close();
    return between.exchanges.map(({ method, path, answer }) => ({
      method,
      path: withoutNames(path),
      ...answerShape(answer),
    }));
  }
});

async function shapeOf({ url }: NamedLog, { path, ...options }: Request): Promise<object> {
  return answerShape(await ask(url + path, options));
}
