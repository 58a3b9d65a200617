import { readFile, writeFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import type { Client, Uploaded } from './clients/client.ts';
import type { NamedLog } from './global-setup.ts';
import { InteropWorld } from './interop-world.ts';
import { OPERATIONS, type Ground } from './operations.ts';
import { interopPage } from './page.ts';
import { asSent, KINDS, type Kind, type PublishedChart, type Publisher } from './publishers.ts';
import { expectedRefusal } from './refusals.ts';
import { Table } from './table.ts';

const interop = inject('interop');
const servers = interop === undefined ? [] : [interop.rekor, interop.oldRekor, interop.embedded];
const clients = [
  { name: 'helm sigstore', key: 'plugin' },
  { name: 'rekor-cli', key: 'rekorCli' },
] as const;

describe.skipIf(interop === undefined)('each server, with either client (needs a real Rekor)', () => {
  const kinds = new Table('key', KINDS, servers, clients);
  const names = OPERATIONS.map(({ name }) => name);
  const operations = new Table('operation', names, servers, clients);
  let world: InteropWorld;

  beforeAll(async () => {
    if (interop !== undefined) world = await InteropWorld.open(interop);
  });
  afterAll(() => world.close());

  // The key that is about to expire comes first.
  const early = new Map<string, Attempt>();
  beforeAll(async () => {
    for (const server of servers)
      for (const { key } of clients)
        early.set(`${server.name} ${key}`, await attempt(world, server, world[key], 'expired since'));
  });

  describe.each(KINDS)('%s', (kind) => {
    describe.each(servers)('$name', (server) => {
      it.each(clients)(
        '$name: what is uploaded is there once, and verifies with both',
        // One of them waits for a key to expire.
        { timeout: 240_000 },
        async ({ name, key }) => {
          const client = world[key];
          const { chart, uploaded } =
            (kind === 'expired since' && early.get(`${server.name} ${key}`)) ||
            (await attempt(world, server, client, kind));
          await hasExpired(world.publishers[kind]);
          kinds.note(kind, server, client, uploaded.outcome);

          const refusal = expectedRefusal(kind, server.name, name);
          if (refusal !== undefined || uploaded.outcome === 'refused') {
            expect(uploaded).toEqual({
              outcome: 'refused',
              reason: expect.stringContaining(refusal?.says ?? 'no refusal') as string,
            });
            return;
          }
          const { uuid } = uploaded;
          expect(uploaded.outcome).toBe('created');
          expect(await world.plugin.verify(server, chart)).toBe(uuid);
          expect(await world.rekorCli.verifyEntry(server, ['--uuid', uuid])).toBe(uuid);
          // Rekor writes the user IDs of a whole certificate in any order, so that not even it finds the entry again.
          if (kind === 'two user IDs' && key === 'rekorCli' && server.name !== interop?.embedded.name) return;
          expect(await client.upload(server, chart)).toEqual({ outcome: 'exists', uuid });
          const sent = key === 'plugin' ? asSent(chart) : chart;
          const verify = () => world.rekorCli.verify(server, sent);
          expect(await (kind === 'two user IDs' ? inSomeTry(verify) : verify())).toBe(uuid);
          if (key === 'plugin') expect(uuid.slice(-64)).toBe(chart.predictedLeaf);
        },
      );
    });
  });

  describe.each(servers)('$name', (server) => {
    describe('an entry of each client', () => {
      let ground: Ground;
      beforeAll(async () => {
        ground = await prepare(world, server);
      });

      for (const operation of OPERATIONS) {
        for (const { name, key } of clients) {
          const act = operation[key];
          const note = (seen: string): void => {
            operations.note(operation.name, server, { name }, seen);
          };
          if (act === undefined) note('');
          else
            it(`${name}: ${operation.name}: ${operation.result}`, async () => {
              const seen = await act(ground);
              note(seen);
              expect(seen).toBe(operation.result);
            });
        }
      }
    });
  });

  it('docs/development/interop.md shows what was seen (after a change: npm run docs:interop)', async () => {
    const path = fileURLToPath(new URL('../../docs/development/interop.md', import.meta.url));
    const page = await interopPage(path, { kinds, operations });
    if (process.env['UPDATE_DOCS'] === '1') await writeFile(path, page);
    expect(await readFile(path, 'utf8')).toBe(page);
  });
});

/** A new chart, and what became of its upload. */
interface Attempt {
  readonly chart: PublishedChart;
  readonly uploaded: Uploaded;
}

async function attempt(world: InteropWorld, server: NamedLog, client: Client, kind: Kind): Promise<Attempt> {
  const chart = await world.chart(kind);
  return { chart, uploaded: await client.upload(server, chart) };
}

async function hasExpired({ expires }: Publisher): Promise<void> {
  if (expires !== undefined) await wait(Math.max(0, (expires + 1) * 1000 - Date.now()));
}

/** An entry that each client made with the same key. */
async function prepare(world: InteropWorld, server: NamedLog): Promise<Ground> {
  const { plugin, rekorCli } = world;
  const make = async (client: Client): Promise<Ground['made']['plugin']> => {
    const { chart, uploaded } = await attempt(world, server, client, 'P-256');
    if (uploaded.outcome === 'refused') throw new Error(uploaded.reason);
    return { chart, uuid: uploaded.uuid };
  };
  return {
    server,
    plugin,
    rekorCli,
    made: { plugin: await make(plugin), rekorCli: await make(rekorCli) },
    email: world.publishers['P-256'].email,
    newChart: () => world.chart('P-256'),
  };
}

/**
 * What a call gives in one of twenty tries. In one of eight, `rekor-cli` writes the two user IDs that it compares in another
 * order than it was given.
 */
async function inSomeTry(call: () => Promise<string>): Promise<string> {
  for (let tries = 1; tries < 20; tries++) {
    const found = await call().catch(() => undefined);
    if (found !== undefined) return found;
  }
  return await call();
}
