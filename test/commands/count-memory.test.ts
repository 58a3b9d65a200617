import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { bundle, endOf, MEASURED_PROGRAM, peakIn, startNode } from '../support/own-process.ts';
import { floodWith, MOST_FOUND, others } from '../support/world/flood.ts';
import { HostileWorld, LOGGED } from '../support/world/hostile-world.ts';
import { World } from '../support/world/world.ts';

const [COUNT, LIMIT] = [10_000, 150];

interface Result {
  readonly evidences: readonly { readonly entry?: { readonly uuid: string } }[];
  readonly others?: readonly unknown[];
  readonly othersNotShown?: number;
}

/** What `verify` answers in a process of its own, and its largest size in MiB. */
async function verify(directory: string, argv: readonly string[]) {
  const program = await bundle(MEASURED_PROGRAM, directory);
  const env = { HOME: directory, HELM_SIGSTORE_HOME: join(directory, 'state') };
  const ended = await endOf(startNode(program, ['verify', ...argv], env));
  return { ...ended, peak: peakIn(ended) };
}

const uuidsIn = (results: readonly Result[]) =>
  results.flatMap(({ evidences }) => evidences.flatMap(({ entry }) => entry?.uuid ?? []));

describe.skipIf(process.platform !== 'linux')('the memory of verify (needs /proc)', () => {
  it(`stays below ${LIMIT} MiB for a list of ${COUNT} charts`, async () => {
    const world = await World.open();
    onTestFinished(() => world.close());
    const { path, uuid } = await world.loggedChart('hello');
    const list = await world.write('list.txt', `${path}\n`.repeat(COUNT));
    const answer = await verify(world.directory, ['--from-file', list, ...world.knowing()]);
    expect(answer.status).toBe(0);
    const uuids = uuidsIn(answer);
    expect([uuids.length, new Set(uuids)]).toEqual([COUNT, new Set([uuid])]);
    expect(answer.peak).toBeLessThan(LIMIT);
  }, 600_000);

  it(`stays below ${LIMIT} MiB for a chart of which the log has ${MOST_FOUND} entries`, async () => {
    const world = await HostileWorld.open();
    const certificateBytes = Buffer.concat([world.minimised(), world.minimised()]);
    const leaf = world.log.append(world.body({ certificateBytes }), { integratedTime: LOGGED });
    floodWith(world, [...others(world, MOST_FOUND - 1), leaf]);
    const argv = [world.chart.path, ...world.user.knowing(world.server)];
    const answer = await verify(world.directory, argv);
    expect(answer.status).toBe(0);
    expect(uuidsIn(answer)).toEqual([leaf.uuid]);
    const [{ others: shown = [], othersNotShown = 0 } = expect.fail('no result')] = answer.results;
    expect(shown.length + othersNotShown).toBe(MOST_FOUND - 1);
    expect(answer.peak).toBeLessThan(LIMIT);
  }, 600_000);
});
