import * as openpgp from 'openpgp';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { packetTag, readPackets, writePacket } from '../../src/openpgp/packets.ts';
import { signatureType } from '../../src/openpgp/signature-packet.ts';
import type { Leaf } from '../support/hostile-log.ts';
import { DAY } from '../support/signer.ts';
import { isThorough } from '../support/thorough.ts';
import { HostileWorld, LOGGED, NOW } from '../support/world/hostile-world.ts';
import { chartAnswer } from './verdicts.ts';

// Anybody can log a chart again with a copy of its signer's key that holds forged revocations; each is tried at the
// cost of a public-key operation, the dearest thing there is.

/** More than are tried in all. */
const ENTRIES = isThorough ? 60 : 25;
const FORGED_IN_EACH = 100;
/** The most that is tried under one key, and what a few signatures cost beside. */
const MOST_TRIES = 2000 + 50;

afterEach(() => vi.restoreAllMocks());

describe('entries with copies of the key that hold forged revocations', { timeout: 120_000 }, () => {
  it('do not hide the good one behind them, and few of the revocations are tried', async () => {
    const world = await HostileWorld.open();
    const flood = await logForged(world, (entry, number) => entry * FORGED_IN_EACH + number);
    const good = logGood(world);
    world.log.indexed = [...flood, good].map(({ uuid }) => uuid);
    const tries = countVerifications();

    expect(chartAnswer(await world.run('verify'))).toMatchObject({ status: 0, entry: { uuid: good.uuid } });
    expect(tries()).toBeGreaterThan(0);
    expect(tries()).toBeLessThan(MOST_TRIES);
  });

  it('do not hide a good one with revocations that the user does not have', async () => {
    const revoked = ['b', 'c', 'd', 'e'].map((name) => `${name} <${name}@charts.example>`);
    const scene = await HostileWorld.open({ publisher: { userIds: ['a <a@charts.example>', ...revoked] } });
    const flood = await logForged(scene, (entry, number) => entry * FORGED_IN_EACH + number);
    const certificateBytes = await withUserIdsRevoked(scene, revoked);
    const good = scene.log.append(scene.body({ certificateBytes }), { integratedTime: LOGGED });
    scene.log.indexed = [...flood, good].map(({ uuid }) => uuid);

    const answer = chartAnswer(await scene.run('verify'));
    expect(answer).toMatchObject({
      status: 0,
      entry: { uuid: good.uuid },
      signer: { userIds: ['a <a@charts.example>'] },
    });
  });

  it('cost no more than one of them when all hold the same', async () => {
    const world = await HostileWorld.open();
    const flood = await logForged(world, (_, number) => number);
    const good = logGood(world);
    world.log.indexed = [...flood, good].map(({ uuid }) => uuid);
    const tries = countVerifications();

    const answer = chartAnswer(await world.run('verify'));
    expect(answer).toMatchObject({ status: 0, verdict: 'verified' });
    // None of them counts, so the entries are as good as they were.
    expect(answer.others?.every(({ reason }) => reason.includes('logged later'))).toBe(true);
    expect(tries()).toBeLessThan(FORGED_IN_EACH + 50);
  });

  it('do not hide a genuine one that the log alone knows of', async () => {
    const world = await HostileWorld.open();
    await logForged(world, (_, number) => number);
    const revoked = await world.publisher.certificateWith({ revocations: [{ at: NOW - DAY, reason: 2 }] });
    const leaf = world.log.append(world.body({ certificateBytes: revoked }), { integratedTime: LOGGED });
    world.log.indexed = [leaf.uuid];

    expect(chartAnswer(await world.run('verify'))).toMatchObject({ status: 10, verdict: 'rejected' });
  });
});

/** Logs the chart with so many copies of the key, each with forged revocations of these numbers. */
async function logForged(
  world: HostileWorld,
  numberOf: (entry: number, number: number) => number,
): Promise<Leaf[]> {
  const revoked = await world.publisher.certificateWith({ revocations: [{ at: NOW - DAY, reason: 2 }] });
  const [primary, revocation, ...rest] = [...readPackets(revoked)];
  if (primary === undefined || revocation?.tag !== packetTag.signature) throw new Error('no revocation');
  return Array.from({ length: ENTRIES }, (_, entry) => {
    const forged = Array.from({ length: FORGED_IN_EACH }, (_, number) => {
      const body = Buffer.from(revocation.body);
      body.writeUInt32BE(numberOf(entry, number), body.length - 4);
      return { tag: packetTag.signature, body };
    });
    const certificateBytes = Buffer.concat([primary, ...forged, ...rest].map(writePacket));
    return world.log.append(world.body({ certificateBytes }), { integratedTime: LOGGED + 60 + entry });
  });
}

/** Logs the chart in a form that only the index can find. */
function logGood(world: HostileWorld): Leaf {
  const certificateBytes = Buffer.concat([world.minimised(), world.minimised()]);
  return world.log.append(world.body({ certificateBytes }), { integratedTime: LOGGED });
}

/** The publisher's certificate, with true revocations of these user IDs. */
async function withUserIdsRevoked(
  { publisher }: HostileWorld,
  revoked: readonly string[],
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for (const packet of readPackets(publisher.certificate)) {
    parts.push(writePacket(packet));
    if (packet.tag !== packetTag.userId || !revoked.includes(Buffer.from(packet.body).toString())) continue;
    const over = { ...publisher.signedKey(), userID: { write: () => packet.body } };
    parts.push(await publisher.certify(signatureType.certificationRevocation, over, LOGGED - DAY, {}));
  }
  return Buffer.concat(parts);
}

/** How many signatures the OpenPGP library verified since. */
function countVerifications(): () => number {
  const spy = vi.spyOn(openpgp.SignaturePacket.prototype, 'verify');
  return () => spy.mock.calls.length;
}
