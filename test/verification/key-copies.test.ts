import { describe, expect, it } from 'vitest';
import { readPackets, writePacket } from '../../src/openpgp/packets.ts';
import { DAY } from '../support/signer.ts';
import { HostileWorld } from '../support/world/hostile-world.ts';

// What people have in hand: a copy of a key that is old, or not whole.

describe('a copy of the key', () => {
  it('of last year, before it was prolonged, fails with the way to the present one', async () => {
    const world = await HostileWorld.open({ publisher: { expiresAfter: 30 * DAY } });
    world.logChart();
    world.user.output = 'text';
    const { status, stderr } = await world.run('verify');
    expect(status).toBe(10);
    expect(stderr).toMatch(
      /signer-key: .* expired on .*\nHint: the key may have been prolonged since: .*--public-key/,
    );
  });

  it('without user ID, as a key server gives it, is not judged, and is said to be not whole', async () => {
    const world = await withoutUserId();
    for (const command of ['verify', 'upload'] as const) {
      const { status, stderr } = await world.run(command);
      expect(status).toBe(3);
      expect(stderr).toMatch(
        /cannot judge the signature: .* has no user ID\nHint: this copy of the key is not whole/,
      );
    }
  });

  it('without user ID does not excuse a chart that is bad for another reason', async () => {
    const world = await withoutUserId();
    await world.serve({ archive: Buffer.concat([world.chart.archive, Buffer.of(0)]) });
    const { status, stderr } = await world.run('verify');
    expect({ status, stderr }).toMatchObject({
      status: 10,
      stderr: expect.stringContaining('archive-digest') as string,
    });
  });
});

async function withoutUserId(): Promise<HostileWorld> {
  const world = await HostileWorld.open({ publisher: { subkey: {} } });
  world.logChart();
  world.user.output = 'text';
  const packets = [...readPackets(world.publisher.certificate)];
  const kept = packets.filter((_, at) => at !== 1 && at !== 2);
  world.user.keyrings = [await world.write('key.gpg', Buffer.concat(kept.map(writePacket)))];
  return world;
}
