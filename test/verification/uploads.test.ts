import { describe, expect, it } from 'vitest';
import { HostileWorld } from '../support/world/hostile-world.ts';
import { LOG_LIES } from './lies/all.ts';
import type { Forgery } from './row.ts';

/** A world in which the log has not got the chart yet, and tells the lie about whatever it takes. */
async function lyingLog(forgery: Forgery): Promise<HostileWorld> {
  const world = await HostileWorld.open(forgery);
  await forgery.stage(world);
  // What was staged stays behind in a tree that grows no more.
  world.log.fill(5);
  world.log.addShard();
  world.log.fill(7);
  world.user.output = 'text';
  return world;
}

describe('an upload is not believed when the log answers with', () => {
  it.for(LOG_LIES.map((lie) => [lie.name, lie] as const))('%s', async ([, lie]) => {
    const world = await lyingLog(lie);
    const { status, stdout, stderr } = await world.run('upload');

    expect(world.server.seen).toContain('POST /api/v1/log/entries');
    expect(status).toBe(lie.status);
    expect(stdout).not.toMatch(/Created|already exists/);
    expect(stderr).toContain('Error: ');
  });
});

it('an upload is believed when the log answers with the truth', async () => {
  const world = await HostileWorld.open();
  world.user.output = 'text';
  const { status, stdout } = await world.run('upload');
  expect(status).toBe(0);
  expect(stdout).toContain('Created Helm entry at index 12, ');
});
