import { copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createSigner, type TestSigner } from '../support/signer.ts';
import { serveFiles, type StaticFiles } from '../support/static-server.ts';
import { World } from '../support/world/world.ts';

/** A chart that is elsewhere has the rule of the words with which the user named it, and of nothing else. */

let world: World;
let stranger: TestSigner;
let served: StaticFiles;
let url: string;
let host: string;
let count = 0;

const NAME = 'hello-0.1.0.tgz';

beforeAll(async () => {
  world = await World.open();
  stranger = await createSigner({ userIds: ['Stranger <stranger@charts.example>'] });
  const good = await world.loggedChart('hello');
  const bad = await world.chart('strange', stranger);
  const files: Record<string, Uint8Array> = {};
  const put = async (path: string, from: string, name = NAME) => {
    files[`/${path}/${name}`] = await readFile(from);
    files[`/${path}/${name}.prov`] = await readFile(`${from}.prov`);
  };
  await put('team', good.path);
  await put('free', good.path);
  await put('team', bad.path, 'strange-0.1.0.tgz');
  await put('free', bad.path, 'strange-0.1.0.tgz');
  files['/team/bare-0.1.0.tgz'] = await readFile(bad.path);
  files['/free/bare-0.1.0.tgz'] = await readFile(bad.path);
  const moved: StaticFiles = {};
  for (const name of ['strange-0.1.0.tgz', 'strange-0.1.0.tgz.prov'])
    moved[`/moved/${name}`] = (_, response) => {
      response.writeHead(302, { location: `/free/${name}` }).end();
    };
  const queried = { '/team/strange-0.1.0.tgz?free=1': files['/team/strange-0.1.0.tgz'] ?? '' };
  served = { ...files, ...moved, ...queried };
  await copyFile(world.log.publicKeyPath, join(world.directory, 'log.pem'));
  await copyFile(world.keyring, join(world.directory, 'publisher.gpg'));
});

beforeEach(async () => {
  ({ url } = await serveFiles(served));
  host = new URL(url).host;
});

afterAll(async () => {
  await world.close();
});

/** Charts of the team need its signature; those below `free/` are let pass. */
async function check(reference: string, ...options: string[]) {
  count += 1;
  const path = await world.write(
    `policy-${count}.yaml`,
    `version: 1
keys: [publisher.gpg]
logs: [{ url: "${world.log.url}", publicKeys: [log.pem] }]
rules:
  - { name: team, charts: ["http://${host}/team/**"], signedBy: [{ openpgp: ${world.publisher.fingerprint} }] }
  - { name: moved, charts: ["http://${host}/moved/**"], signedBy: [{ openpgp: ${world.publisher.fingerprint} }] }
  - { name: named, charts: ["strange"], level: warn, signedBy: any }
  - { name: free, charts: ["http://${host}/free/**"], level: warn, signedBy: any }
`,
  );
  const argv = ['policy', 'check', reference, '--policy', path, '--output', 'json', ...options];
  const { status, stdout } = await world.run(argv);
  const { results = [], errors = [] } = JSON.parse(stdout) as {
    results?: { verdict?: string; policy?: { rule?: string } }[];
    errors?: { message: string }[];
  };
  const [result] = results;
  return { status, verdict: result?.verdict, rule: result?.policy?.rule, message: errors[0]?.message ?? '' };
}

describe('the rule of a chart at a URL', () => {
  test('is that of the URL', async () => {
    expect(await check(`${url}/team/${NAME}`)).toMatchObject({
      status: 0,
      verdict: 'verified',
      rule: 'team',
    });
    expect(await check(`${url}/free/${NAME}`)).toMatchObject({
      status: 0,
      verdict: 'verified',
      rule: 'free',
    });
    expect(await check(`${url}/team/strange-0.1.0.tgz`)).toMatchObject({ status: 10, rule: 'team' });
    expect(await check(`${url}/free/strange-0.1.0.tgz`)).toMatchObject({ status: 0, verdict: 'warned' });
    expect(await check(`${url}/team/bare-0.1.0.tgz`)).toMatchObject({
      status: 10,
      verdict: 'refused',
      rule: 'team',
    });
    expect(await check(`${url}/free/bare-0.1.0.tgz`)).toMatchObject({
      status: 0,
      verdict: 'warned',
      rule: 'free',
    });
  });

  test('is not that of the place to which a server leads', async () => {
    expect(await check(`${url}/moved/strange-0.1.0.tgz`)).toMatchObject({ status: 10, rule: 'moved' });
  });

  test('is not that of a pattern for names, which are for files', async () => {
    expect(await check(`${url}/team/strange-0.1.0.tgz`)).toMatchObject({ rule: 'team' });
  });

  test('is the same with a query and with --as; a name that is not signed is rejected', async () => {
    expect(await check(`${url}/team/strange-0.1.0.tgz?free=1`)).toMatchObject({ status: 10, rule: 'team' });
    expect(await check(`${url}/team/strange-0.1.0.tgz`, '--as', 'hello-0.1.0.tgz')).toMatchObject({
      status: 10,
    });
  });

  test.each([
    ['an encoded letter', () => `${url}/t%65am/strange-0.1.0.tgz`],
    ['an empty part', () => `${url}//team/strange-0.1.0.tgz`],
    ['dots', () => `${url}/free/../team/strange-0.1.0.tgz`],
    ['an encoded slash', () => `${url}/team%2fstrange-0.1.0.tgz`],
    ['a fragment', () => `${url}/team/strange-0.1.0.tgz#free`],
    ['the host in capitals', () => `HTTP://${host}/team/strange-0.1.0.tgz`],
    ['a dot behind the host', () => `http://localhost.:${new URL(url).port}/team/strange-0.1.0.tgz`],
  ])('cannot be escaped by %s', async (_, reference) => {
    const { status, rule } = await check(reference());
    expect([2, 10]).toContain(status);
    expect(rule ?? 'team').toBe('team');
  });

  test('says what is wrong with a reference that is not compared', async () => {
    const { status, message } = await check(`${url}/t%65am/${NAME}`);
    expect(status).toBe(2);
    expect(message).toMatch(/cannot be compared with the rules of the policy: .*%65/);
  });
});

test('policy init names a chart by its reference', async () => {
  const { status, stdout } = await world.run([
    'policy',
    'init',
    `${url}/team/${NAME}`,
    '--keyring',
    world.keyring,
  ]);
  expect(status).toBe(0);
  expect(stdout).toContain(`charts: ["${url}/team/${NAME}"]`);
});
