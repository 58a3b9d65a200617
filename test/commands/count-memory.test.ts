import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { bundle, MEASURED_PROGRAM, smallestRun } from '../support/own-process.ts';
import { floodWith, MOST_FOUND, others } from '../support/world/flood.ts';
import { HostileWorld, LOGGED } from '../support/world/hostile-world.ts';
import { World } from '../support/world/world.ts';

const [COUNT, MANY, LIMIT] = [5000, 10_000, 150];

interface Result {
  readonly evidences: readonly { readonly entry?: { readonly uuid: string } }[];
  readonly others?: readonly unknown[];
  readonly othersNotShown?: number;
}

/** What `verify` answers in a process of its own, and its largest size in MiB. */
async function verify(directory: string, argv: readonly string[]) {
  const program = await bundle(MEASURED_PROGRAM, directory);
  const env = { HOME: directory, HELM_SIGSTORE_HOME: join(directory, 'state') };
  return await smallestRun(LIMIT, program, ['verify', ...argv], env);
}

const uuidsIn = (results: readonly Result[]) =>
  results.flatMap(({ evidences }) => evidences.flatMap(({ entry }) => entry?.uuid ?? []));

describe.skipIf(process.platform !== 'linux')('the memory of verify (needs /proc)', () => {
  it(`stays below ${LIMIT} MiB for a list of ${COUNT} charts, each answered in a line`, async () => {
    const world = await World.open();
    onTestFinished(() => world.close());
    const { path, uuid } = await world.loggedChart('hello');
    const list = await world.write('list.txt', `${path}\n`.repeat(COUNT));
    const argv = ['--from-file', list, '--output', 'jsonl', ...world.knowing()];
    const { status, stdout, peak } = await verify(world.directory, argv);
    expect(status).toBe(0);
    // The last line has the counts.
    const lines = stdout.trimEnd().split('\n').slice(0, -1);
    const uuids = uuidsIn(lines.map((line) => JSON.parse(line) as Result));
    expect([uuids.length, new Set(uuids)]).toEqual([COUNT, new Set([uuid])]);
    expect(peak).toBeLessThan(LIMIT);
  }, 600_000);

  it(`stays below ${LIMIT} MiB for a list of ${MANY} charts that are answered in one document`, async () => {
    const world = await World.open();
    onTestFinished(() => world.close());
    const { path, uuid } = await world.loggedChart('hello');
    const list = await world.write('list.txt', `${path}\n`.repeat(MANY));
    const argv = ['--from-file', list, '--output', 'json', ...world.knowing()];
    const { status, stdout, peak } = await verify(world.directory, argv);
    expect(status).toBe(0);
    const uuids = uuidsIn((JSON.parse(stdout) as { readonly results: readonly Result[] }).results);
    expect([uuids.length, new Set(uuids)]).toEqual([MANY, new Set([uuid])]);
    expect(peak).toBeLessThan(LIMIT);
  }, 600_000);

  it(`stays below ${LIMIT} MiB for a chart of which the log has ${MOST_FOUND} entries`, async () => {
    const world = await HostileWorld.open();
    const certificateBytes = Buffer.concat([world.minimised(), world.minimised()]);
    const leaf = world.log.append(world.body({ certificateBytes }), { integratedTime: LOGGED });
    floodWith(world, [...others(world, MOST_FOUND - 1), leaf]);
    const argv = [world.chart.path, '--output', 'json', ...world.user.knowing(world.server)];
    const { status, stdout, peak } = await verify(world.directory, argv);
    expect(status).toBe(0);
    const { results } = JSON.parse(stdout) as { readonly results: readonly Result[] };
    expect(uuidsIn(results)).toEqual([leaf.uuid]);
    const [{ others: shown = [], othersNotShown = 0 } = expect.fail('no result')] = results;
    expect(shown.length + othersNotShown).toBe(MOST_FOUND - 1);
    expect(peak).toBeLessThan(LIMIT);
  }, 600_000);
});
