import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { casePath, cases } from '../support/cases.ts';
import { World } from '../support/world/world.ts';
import { CHART } from './made.ts';

/** Charts that Helm packages and reads: the folder of the case, the chart in it, what it is called. */
const ACCEPTED: readonly (readonly [folder: string, file: string, chart: string])[] = [
  ['27-backslashes-in-member-names', 'web-1.3.2.tgz', 'web 1.3.2'],
  ['28-packed-by-tar-from-inside', 'web-3.0.0.tgz', 'web 3.0.0'],
  ['29-names-that-helm-takes', 'long', 'aaa'],
  ['29-names-that-helm-takes', 'blank', 'web chart 1.0.0'],
];

describe.skipIf(cases === undefined)('a chart (needs the cases)', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.open();
  });
  afterAll(async () => {
    await world.close();
  });

  it.each(ACCEPTED)('%s/%s is read and logged as Helm reads it', async (folder, file, name) => {
    const keys = ['--keyring', casePath(folder, 'publisher.asc')];
    const chart = casePath(folder, file);
    const { status, stdout } = await world.run(['inspect', chart, ...keys]);
    expect(status).toBe(0);
    expect(stdout).toContain(`\nChart: ${name}`);
    for (const command of [['upload', '--no-evidence'], ['verify']])
      expect(await world.run([...command, chart, ...keys, ...world.trusting()])).toMatchObject({
        status: 0,
      });
  });

  it('of a registry, in an index, is looked for under its name and version', async () => {
    const index = casePath('34-index-of-a-registry', 'oci.yaml');
    const files = casePath('34-index-of-a-registry');
    const options = ['--charts-dir', files, '--keyring', join(files, 'publisher.asc')];
    expect((await world.run(['inspect', index, ...options])).status).toBe(0);
    for (const command of [['upload', '--no-evidence'], ['verify']])
      expect(await world.run([...command, index, ...options, ...world.trusting()])).toMatchObject({
        status: 0,
      });
  });

  it.each([
    ['no-prov', /there is no provenance file .*\nHint: get it with helm pull --prov/],
    [
      'html-archive',
      /is a web page, and starts with "<!DOCTYPE html>"\nHint: the server answered with a page/,
    ],
  ])(
    'that somebody downloaded, %s: a consumer is not told to sign or to package',
    async (folder, message) => {
      const chart = casePath('23-downloaded-without-its-provenance', folder, CHART);
      for (const command of ['verify', 'inspect']) {
        const log = command === 'verify' ? world.trusting() : [];
        const { status, stderr } = await world.run([command, chart, ...log]);
        expect(status).toBe(3);
        expect(stderr).toMatch(message);
        expect(stderr).not.toContain('helm package');
      }
    },
  );
});
