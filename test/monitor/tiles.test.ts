import { expect, test } from 'vitest';
import { MonitoredWorld } from '../support/world/monitored-world.ts';

test('first look', async () => {
  const world = await MonitoredWorld.open();
  const mine = await world.sign('hello');
  world.log.fill(300);
  world.append(mine);
  world.log.fill(20);
  const first = await world.pass('--published', await world.index(mine));
  console.log(first.stderr, first.events, first.last);
  const other = await world.sign('other');
  world.append(other);
  const second = await world.pass('--published', await world.index(mine));
  console.log(second.stderr, second.events, second.last);
  const third = await world.run(world.words('--published', await world.index(mine)));
  console.log(third);
  expect(1).toBe(1);
});
