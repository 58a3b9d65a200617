import { describe, expect, it } from 'vitest';
import { LOG_LIES } from './lies/all.ts';
import type { Forgery } from './row.ts';
import { Scene } from './scene.ts';

/** A scene in which the log has not got the chart yet, and tells the lie about whatever it takes. */
async function lyingLog(forgery: Forgery): Promise<Scene> {
  const scene = await Scene.open(forgery);
  await forgery.stage(scene);
  // What was staged stays behind in a tree that grows no more.
  scene.log.fill(5);
  scene.log.addShard();
  scene.log.fill(7);
  scene.output = 'text';
  return scene;
}

describe('an upload is not believed when the log answers with', () => {
  it.for(LOG_LIES.map((lie) => [lie.name, lie] as const))('%s', async ([, lie]) => {
    const scene = await lyingLog(lie);
    const { status, stdout, stderr } = await scene.run('upload');

    expect(scene.server.seen).toContain('POST /api/v1/log/entries');
    expect(status).toBe(lie.status);
    expect(stdout).not.toMatch(/Created|already exists/);
    expect(stderr).toContain('Error: ');
  });
});

it('an upload is believed when the log answers with the truth', async () => {
  const scene = await Scene.open();
  scene.output = 'text';
  const { status, stdout } = await scene.run('upload');
  expect(status).toBe(0);
  expect(stdout).toContain('Created Helm entry at index 12, ');
});
