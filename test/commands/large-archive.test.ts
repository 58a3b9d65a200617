import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { chartArchive } from '../support/chart.ts';
import { Workshop } from './workshop.ts';

let workshop: Workshop;

beforeAll(async () => {
  workshop = await Workshop.open();
});

afterAll(async () => {
  await workshop.close();
});

/** Bytes: a second and more of reading. The file takes no room, as nearly all of it is a hole. */
const SIZE = 3 * 2 ** 29;

async function largeChart(): Promise<string> {
  const path = await workshop.write('large-0.1.0.tgz', await chartArchive('large', '0.1.0'));
  const file = await open(path, 'r+');
  await file.truncate(SIZE);
  await file.close();
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 })) hash.update(chunk as Buffer);
  await writeFile(`${path}.prov`, await workshop.publisher.sign('large', '0.1.0', hash.digest('hex')));
  return path;
}

test('the time that the network has does not go by while a large archive is read', async () => {
  const path = await largeChart();
  await workshop.run(['upload', path, ...workshop.knowing()]);
  const home = await workshop.subdirectory('home-of-another');
  const other = await workshop.chart('other');
  await workshop.run(['upload', other.path, ...workshop.knowing()], { home });
  // The log has grown, so it has to be asked again after the archive was read: five times this after the beginning.
  const argv = ['verify', path, ...workshop.knowing(), '--timeout', '200ms'];
  expect(await workshop.run(argv)).toMatchObject({ status: 0, stderr: '' });
}, 60_000);
