import type { ServerResponse } from 'node:http';
import { describe, expect, it } from 'vitest';
import { encodeHex, encodeUtf8 } from '../../src/encoding.ts';
import type { Leaf } from '../support/hostile-log.ts';
import { entryIdOf } from '../support/independent/note.mjs';
import { leafHash } from '../support/independent/tree.mjs';
import { DAY } from '../support/signer.ts';
import { HostileWorld, LOGGED } from '../support/world/hostile-world.ts';
import { chartAnswer } from './verdicts.ts';

// Anybody can log anything for any digest; the most that the index may answer is ten thousand entries.

const MOST = 10_000;
/** Enough where the number does not matter. */
const MANY = 2_000;
const RETRIEVE = 'POST /api/v1/log/entries/retrieve';

describe('thousands of entries for one archive', { timeout: 60_000 }, () => {
  it('do not hide the good one, the last of ten thousand', async () => {
    const world = await HostileWorld.open();
    const leaf = logUnpredicted(world, 2, LOGGED);
    const traffic = floodWith(world, [...others(world, MOST - 1), leaf]);
    const answer = chartAnswer(await world.run('verify'));

    expect(answer).toMatchObject({ status: 0, verdict: 'verified', entry: { uuid: leaf.uuid } });
    // Ten are named, all are counted.
    expect(answer.others).toHaveLength(10);
    expect(answer.othersNotShown).toBe(MOST - 1 - 10);
    expect(traffic.asked).toEqual(Array.from({ length: MOST / 10 }, () => 10));
    expect(traffic.mostAtOnce).toBe(4);
  });

  it('do not hide the earliest of several good ones among them', async () => {
    const world = await HostileWorld.open();
    const [late, early, later] = [LOGGED + DAY, LOGGED, LOGGED + 2 * DAY].map((time, i) =>
      logUnpredicted(world, i + 2, time),
    ) as [Leaf, Leaf, Leaf];
    const part = MANY / 4;
    floodWith(world, [
      ...others(world, part),
      late,
      ...others(world, 2 * part, part),
      early,
      ...others(world, 3 * part, 2 * part),
      later,
    ]);
    const answer = chartAnswer(await world.run('verify'));

    expect(answer).toMatchObject({ status: 0, verdict: 'verified', entry: { uuid: early.uuid } });
    expect(answer.others).toHaveLength(10);
    expect(answer.othersNotShown).toBe(3 * part + 2 - 10);
  });

  it('and none of them good: ten are named, the others counted', async () => {
    const world = await HostileWorld.open();
    world.user.output = 'text';
    floodWith(world, others(world, MANY));
    const { status, stdout, stderr } = await world.run('verify');

    expect(status).toBe(4);
    expect(
      stdout.match(/^Other Entry: [0-9a-f]{80} \(a helm entry with another signature\)$/gm),
    ).toHaveLength(10);
    expect(stdout).toContain('\nOther Entries Not Shown: 1990\n');
    expect(stderr).toContain(' (2000 other entries name this archive)\n');
  });

  it('and one more are a flood: the chart is not checked', async () => {
    const world = await HostileWorld.open();
    const leaf = logUnpredicted(world, 2, LOGGED);
    const traffic = floodWith(world, [leaf, ...others(world, MOST)]);

    expect(chartAnswer(await world.run('verify'))).toMatchObject({ status: 5, code: 'LOG_ANSWER' });
    expect(traffic.asked).toEqual([]);
  });
});

/** What the log was asked for after the index had answered. */
interface Traffic {
  /** How many entries each request asked for. */
  readonly asked: number[];
  mostAtOnce: number;
}

/** An entry of somebody else, which is not worth a place in the tree. */
interface OtherEntry {
  readonly uuid: string;
  readonly body: Uint8Array;
}

/** Logs the chart in a form that only the index can find: with so many copies of the certificate. */
function logUnpredicted(world: HostileWorld, copies: number, integratedTime: number): Leaf {
  const certificateBytes = Buffer.concat(Array.from({ length: copies }, () => world.minimised()));
  return world.log.append(world.body({ certificateBytes }), { integratedTime });
}

/** Entries of others for the same archive, each with a signature of its own: those from one number to another. */
function others(world: HostileWorld, to: number, from = 0): OtherEntry[] {
  const { treeId } = world.log.active;
  prepared ??= { digest: world.digest, bodies: bodiesOfOthers(world) };
  const { digest, bodies } = prepared;
  return bodies.slice(from, to).map((text) => {
    const body = encodeUtf8(text.replace(digest, world.digest));
    return { uuid: entryIdOf(encodeHex(leafHash(body)), treeId), body };
  });
}

/** To make so many takes longer than to put another digest into them. */
let prepared: { readonly digest: string; readonly bodies: readonly string[] } | undefined;

function bodiesOfOthers(world: HostileWorld): string[] {
  const { signatureBytes } = world.provenance;
  const certificateBytes = world.minimised();
  return Array.from({ length: MOST }, (_, number) => {
    const other = {
      signatureBytes: Buffer.concat([signatureBytes, encodeUtf8(`${number}`)]),
      certificateBytes,
    };
    return Buffer.from(world.body(other)).toString();
  });
}

/** Has the index answer with these entries, and answers them; what is said of others is not signed for each. */
function floodWith({ log, server }: HostileWorld, entries: readonly (OtherEntry | Leaf)[]): Traffic {
  const traffic: Traffic = { asked: [], mostAtOnce: 0 };
  const known = new Map(entries.map((entry) => [entry.uuid, entry]));
  const [template] = Object.values(log.answerAbout(log.leaf(0), log.leaf(0).uuid)) as [object];
  const answerAbout = (entry: OtherEntry | Leaf): object =>
    'shard' in entry
      ? log.answerAbout(entry, entry.uuid)
      : { [entry.uuid]: { ...template, body: Buffer.from(entry.body).toString('base64') } };
  let atOnce = 0;

  log.indexed = entries.map(({ uuid }) => uuid);
  server.intercept = (path: string, response: ServerResponse, body: string) => {
    if (path !== RETRIEVE) return false;
    const { entryUUIDs } = JSON.parse(body) as { entryUUIDs: string[] };
    const found = entryUUIDs.flatMap((uuid) => known.get(uuid) ?? []);
    if (found.length === 0) return false; // these are the predicted leaves
    traffic.asked.push(entryUUIDs.length);
    traffic.mostAtOnce = Math.max(traffic.mostAtOnce, ++atOnce);
    setTimeout(() => {
      atOnce--;
      response.end(JSON.stringify(found.map(answerAbout)));
    }, 1);
    return true;
  };
  return traffic;
}
