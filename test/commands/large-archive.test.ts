import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { chartArchive } from '../support/chart.ts';
import { World } from '../support/world/world.ts';

let world: World;

beforeAll(async () => {
  world = await World.open();
});

afterAll(async () => {
  await world.close();
});

/** Bytes: a second and more of reading. The file takes no room, as nearly all of it is a hole. */
const SIZE = 3 * 2 ** 29;

async function largeChart(): Promise<string> {
  const path = await world.write('large-0.1.0.tgz', await chartArchive('large', '0.1.0'));
  const file = await open(path, 'r+');
  await file.truncate(SIZE);
  await file.close();
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 })) hash.update(chunk as Buffer);
  await writeFile(`${path}.prov`, await world.publisher.sign('large', '0.1.0', hash.digest('hex')));
  return path;
}

test('the time that the network has does not go by while a large archive is read', async () => {
  const path = await largeChart();
  await world.run(['upload', path, '--no-evidence', ...world.knowing()]);
  const home = await world.subdirectory('home-of-another');
  const other = await world.chart('other');
  await world.run(['upload', other.path, '--no-evidence', ...world.knowing()], { home });
  // The log has grown, so it has to be asked again after the archive was read: five times this after the beginning.
  const argv = ['verify', path, ...world.knowing(), '--timeout', '200ms'];
  expect(await world.run(argv)).toMatchObject({ status: 0, stderr: '' });
}, 180_000);
