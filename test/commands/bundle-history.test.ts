import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeSignedChart } from '../support/chart.ts';
import type { Answered } from '../support/fake-tiled-log.ts';
import { createSigner, type TestSigner } from '../support/signer.ts';
import { secondLog, type SecondLog } from '../support/world/second-log.ts';
import { World } from '../support/world/world.ts';

let world: World;
let signer: TestSigner;
let keyring: string;
let count = 0;

beforeAll(async () => {
  world = await World.open();
  // A log of version 2 takes such signatures.
  signer = await createSigner({ algorithm: 'p521' });
  keyring = await world.write('p521.gpg', signer.certificate);
});

afterAll(async () => {
  await world.close();
});

/** A user with a memory of his own. */
function newUser(): { readonly HELM_SIGSTORE_HOME: string } {
  return { HELM_SIGSTORE_HOME: join(world.directory, `user-${++count}`) };
}

/** A chart whose provenance the log takes now, and what it shows of that is kept beside it. */
async function logged({ options }: SecondLog): Promise<string> {
  const name = `chart-${++count}`;
  const { path } = await writeSignedChart(await world.subdirectory(name), signer, { name });
  const argv = ['upload', path, '--rekor-version', '2', '--keyring', keyring, ...options];
  const ran = await world.run(argv, { env: newUser() });
  expect(ran, ran.stderr).toMatchObject({ status: 0 });
  return path;
}

async function verify(chart: string, servers: SecondLog, env: Record<string, string>, ...words: string[]) {
  const argv = [
    'verify',
    chart,
    '--keyring',
    keyring,
    '--trusted-root',
    servers.trustedRoot,
    '--output',
    'json',
  ];
  const { status, stdout, stderr } = await world.run([...argv, ...words], { env });
  const { results } = JSON.parse(stdout) as {
    results: { evidences: { checks: { id: string; outcome: string; detail: string }[] }[] }[];
  };
  const checks = results[0]?.evidences[0]?.checks ?? [];
  return { status, stderr, consistency: checks.find(({ id }) => id === 'consistency') };
}

const REQUIRED = '--require-consistency';

describe('the checkpoint of a bundle, of a log of version 2', () => {
  test('is the first that is seen: where consistency is required, that is not enough', async () => {
    const servers = await secondLog(world);
    const [chart, user] = [await logged(servers), newUser()];
    expect(await verify(chart, servers, user, REQUIRED)).toMatchObject({
      status: 5,
      consistency: { outcome: 'skipped', detail: 'no checkpoint seen before' },
    });
    expect(await verify(chart, servers, user, REQUIRED, '--offline')).toMatchObject({
      status: 0,
      consistency: { outcome: 'passed' },
    });
  });

  test('is linked by the tiles of the log to the one seen before, in both directions', async () => {
    const servers = await secondLog(world);
    const charts = [await logged(servers), await logged(servers)] as const;
    for (const [first, second] of [charts, [charts[1], charts[0]]] as const) {
      const user = newUser();
      await verify(first, servers, user);
      const { length: before } = servers.log.read;
      expect(await verify(second, servers, user)).toMatchObject({
        status: 0,
        consistency: {
          outcome: 'skipped',
          detail: expect.stringContaining('only with --require-consistency') as string,
        },
      });
      expect(servers.log.read).toHaveLength(before);
      const linked = await verify(second, servers, user, REQUIRED);
      expect(linked).toMatchObject({ status: 0, consistency: { outcome: 'passed' } });
      expect(linked.consistency?.detail).toContain('seen before, and ');
      expect(servers.log.read.length).toBeGreaterThan(before);
    }
  });

  test('offline is compared as far as that goes', async () => {
    const servers = await secondLog(world);
    const [first, second, user] = [await logged(servers), await logged(servers), newUser()];
    await verify(first, servers, user, '--offline');
    expect(await verify(second, servers, user, '--offline')).toMatchObject({
      status: 0,
      consistency: {
        outcome: 'skipped',
        detail: expect.stringContaining('offline, so the log was not asked') as string,
      },
    });
    expect(await verify(second, servers, user, '--offline', REQUIRED)).toMatchObject({ status: 5 });
    // The next run that may ask links both.
    expect(await verify(second, servers, user, REQUIRED)).toMatchObject({ status: 0 });
    const directory = join(user.HELM_SIGSTORE_HOME, 'history');
    const [key = ''] = await readdir(directory);
    expect(await readdir(join(directory, key))).toEqual(['1.json']);
    const { checkpoints } = JSON.parse(await readFile(join(directory, key, '1.json'), 'utf8')) as {
      checkpoints: string[];
    };
    expect(checkpoints).toHaveLength(1);
  });

  test('of a log that has forked since is rejected, and both are kept', async () => {
    const servers = await secondLog(world);
    const [first, user] = [await logged(servers), newUser()];
    await verify(first, servers, user);
    // The log changes what was the first entry.
    servers.log.entries[0] = Buffer.from('another entry');
    const second = await logged(servers);
    const { status, stderr, consistency } = await verify(second, servers, user, REQUIRED);
    expect({ status, consistency }).toMatchObject({
      status: 10,
      consistency: { outcome: 'failed', detail: expect.stringContaining('the log has forked') as string },
    });
    expect(stderr).toContain('Both Kept In: ');
    expect(await readdir(join(user.HELM_SIGSTORE_HOME, 'history', 'conflicts'))).toHaveLength(1);
    // What was seen before stays as it is.
    expect(await verify(first, servers, user, '--offline', REQUIRED)).toMatchObject({ status: 0 });
  });

  test('of a second tree of the same size is rejected without a network', async () => {
    const servers = await secondLog(world);
    const [first, user] = [await logged(servers), newUser()];
    await verify(first, servers, user, '--offline');
    servers.log.entries.pop();
    const second = await logged(servers);
    expect(await verify(second, servers, user, '--offline')).toMatchObject({
      status: 10,
      consistency: { detail: 'the log shows two trees of one size: it has forked' },
    });
  });

  test.each<[string, (path: string) => Answered]>([
    ['has no tiles', (path) => (path.includes('tile/') ? { status: 404 } : 'honest')],
    ['shows no checkpoint', () => ({ status: 404 })],
    ['answers with nonsense', () => ({ body: 'nonsense' })],
    ['has broken down', () => ({ status: 503 })],
  ])('of a log that %s is not linked, and nobody is accused: status 5', async (_, get) => {
    const lies: { get?: typeof get } = {};
    const servers = await secondLog(world, { log: { get: (path) => lies.get?.(path) ?? 'honest' } });
    const [first, second, user] = [await logged(servers), await logged(servers), newUser()];
    await verify(first, servers, user);
    lies.get = get;
    const { status, consistency } = await verify(second, servers, user, REQUIRED, '--timeout', '1s');
    expect({ status, outcome: consistency?.outcome }).toEqual({ status: 5, outcome: 'skipped' });
  });

  test('that was seen and cannot be read any more says so', async () => {
    const servers = await secondLog(world);
    const [chart, user] = [await logged(servers), newUser()];
    await verify(chart, servers, user);
    const directory = join(user.HELM_SIGSTORE_HOME, 'history');
    const [key = ''] = await readdir(directory);
    await rm(join(directory, key, '1.json'));
    expect(await verify(chart, servers, user, REQUIRED)).toMatchObject({ status: 5 });
  });
});
