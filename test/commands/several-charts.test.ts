import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSigner } from '../support/signer.ts';
import { World } from '../support/world/world.ts';

let world: World;
/** Charts by what comes of them. */
const charts = { good: '', unlogged: '', rejected: '', missing: '', alsoGood: '' };

beforeAll(async () => {
  world = await World.open();
  charts.good = (await world.loggedChart('good')).path;
  charts.alsoGood = (await world.loggedChart('also-good')).path;
  charts.unlogged = (await world.chart('unlogged')).path;
  const tampered = await world.loggedChart('tampered');
  await writeFile(tampered.path, Buffer.concat([tampered.archive, Buffer.from('x')]));
  charts.rejected = tampered.path;
  charts.missing = `${world.directory}/missing-0.1.0.tgz`;
});

afterAll(async () => {
  await world.close();
});

async function verify(...names: readonly (keyof typeof charts)[]) {
  return await world.run(['verify', ...names.map((name) => charts[name]), ...world.knowing()]);
}

describe('the status of several charts is that of the worst', () => {
  test.each([
    [['good', 'alsoGood'], 0],
    [['good', 'unlogged'], 4],
    [['unlogged', 'missing'], 3],
    [['missing', 'rejected', 'unlogged'], 10],
    [['rejected', 'good'], 10],
  ] as const)('%s: %i', async (names, status) => {
    expect(await verify(...names)).toMatchObject({ status });
  });

  test('of a log that answers nothing it is 5, and 3 where a file is missing as well', async () => {
    const dead = world.knowing({ url: 'http://127.0.0.1:1' });
    expect(await world.run(['verify', charts.good, ...dead])).toMatchObject({ status: 5 });
    expect(await world.run(['verify', charts.good, charts.missing, ...dead])).toMatchObject({ status: 3 });
  });
});

test('each chart gets its verdict, in the order of the command line, and none stops the others', async () => {
  const { stdout, stderr } = await verify('rejected', 'missing', 'good', 'unlogged', 'alsoGood');
  expect(stdout.match(/^Chart .*$/gm)).toEqual([
    `Chart Not Verified: ${charts.rejected}`,
    'Chart Verified Successfully From Helm entry:',
    `Chart Not Verified: ${charts.unlogged}`,
    'Chart Verified Successfully From Helm entry:',
  ]);
  expect(stderr.match(/^Error: .*?\.tgz/gm)).toEqual([
    `Error: ${charts.rejected}`,
    `Error: there is no file ${charts.missing}`,
    `Error: no entry for ${charts.unlogged}`,
  ]);
});

test('upload goes on after a chart that cannot be uploaded', async () => {
  const { path } = await world.chart('last');
  const argv = ['upload', charts.missing, charts.rejected, charts.good, path, ...world.knowing()];
  const { status, stdout } = await world.run(argv);
  expect(stdout.match(/^(Chart|Helm|Created) .*?(?=[:,]| at )/gm)).toEqual([
    'Chart Not Uploaded',
    'Helm entry already exists',
    'Created Helm entry',
  ]);
  expect(status).toBe(10);
});

test('every error names its chart, also when metadata or key are at fault', async () => {
  const mayfly = await createSigner({ expiresAfter: 200 * 86400 });
  const { path, keyring } = await world.chart('mayfly', mayfly);
  const { stderr } = await world.run([
    ...['upload', path, charts.missing, ...world.trusting(), '--keyring', keyring],
  ]);
  const errors = stderr.match(/^Error: .*$/gm) ?? [];
  expect(errors).toHaveLength(2);
  expect(errors[0]).toContain(path);
  expect(errors[1]).toContain(charts.missing);
});

test('a usage error is found before any chart is looked at', async () => {
  const argv = ['verify', charts.good, charts.missing, ...world.knowing(), '--fingerprint', 'abcd'];
  const { status, stdout, stderr } = await world.run(argv);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toMatch(/^Error: --fingerprint expects .*\n$/);
});
