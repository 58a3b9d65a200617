import { afterAll, beforeAll, expect, test } from 'vitest';
import { World } from '../support/world/world.ts';

let world: World;

beforeAll(async () => {
  world = await World.open();
});

afterAll(async () => {
  await world.close();
});

test('of the embedded log all is told, by its tiles where it shows them', async () => {
  const { ok: hasTiles } = await fetch(`${world.log.url}/checkpoint`);
  const one = await world.loggedChart('one');
  const two = await world.loggedChart('two');
  const pass = async (...more: readonly string[]) => {
    const who = ['--fingerprint', world.publisher.fingerprint, '--state', `${world.directory}/monitor.json`];
    const ran = await world.runKnowing('monitor', ...who, ...more, '--output', 'json');
    const document = JSON.parse(ran.stdout) as {
      readonly way: string;
      readonly complete: boolean;
      readonly results?: readonly { readonly event: string; readonly entry: { readonly uuid: string } }[];
    };
    const told = (document.results ?? []).map(({ event, entry }) => `${event} ${entry.uuid}`);
    return { status: ran.status, way: document.way, complete: document.complete, told: told.sort() };
  };
  const way = hasTiles ? 'tiles' : 'index';
  expect(await pass('--published', one.path)).toEqual({
    ...{ status: 10, way, complete: hasTiles },
    told: [`published ${one.uuid}`, `unknown ${two.uuid}`],
  });
  const three = await world.loggedChart('three');
  expect(await pass()).toMatchObject({ status: 10, told: [`unknown ${three.uuid}`] });
  expect(await pass()).toEqual({ status: 0, way, complete: hasTiles, told: [] });
});
