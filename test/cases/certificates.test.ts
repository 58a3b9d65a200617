import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { casePath, cases } from '../support/cases.ts';
import { World } from '../support/world/world.ts';
import { archiveIn, CHART, make } from './made.ts';

const RETIRED = '21-after-the-entry-was-logged';
const PROLONGED = '22-old-copy-of-a-key';
const NAMELESS = '24-key-without-user-id';

describe.skipIf(cases === undefined)('a certificate (needs the cases)', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.open();
  });
  afterAll(async () => {
    await world.close();
  });

  /** Runs a command on a chart with a keyring; the log is named where the command asks one. */
  async function judge(command: string, chart: string, ...keyrings: readonly string[]) {
    const keys = keyrings.flatMap((path) => ['--keyring', path]);
    const options = command === 'upload' ? ['--no-evidence'] : [];
    const log = command === 'inspect' ? [] : world.trusting();
    return await world.run([command, chart, ...options, ...keys, ...log]);
  }

  it('is good where a second copy has a garbled back signature, whichever is read first', async () => {
    const folder = await world.subdirectory('garbled');
    const chart = await archiveIn(folder);
    make('15-garbled-copy-of-a-key', 'make.mjs', chart, 'hello', '0.1.0', folder);
    const [good, garbled] = [join(folder, 'ring', 'm-good.gpg'), join(folder, 'ring', 'a-copy.gpg')];
    for (const ring of [[good, garbled], [garbled, good], [join(folder, 'ring')]])
      expect(await judge('inspect', chart, ...ring)).toMatchObject({ status: 0 });
    expect(await judge('inspect', chart, garbled)).toMatchObject({ status: 10 });
  });

  it('is revoked by a revocation in a packet of version 3, or with an odd unsigned area', async () => {
    const folder = await world.subdirectory('revoked');
    const chart = await archiveIn(folder);
    make('16-revocations-that-are-dropped', 'make.mjs', chart, 'hello', '0.1.0', folder);
    const ring = (name: string) => join(folder, `${name}.gpg`);
    expect(await judge('upload', chart, ring('key'))).toMatchObject({ status: 0 });
    expect(await judge('verify', chart, ring('key'))).toMatchObject({ status: 0 });
    for (const name of ['revoked', 'version-3', 'empty-subpacket']) {
      const { status, stderr } = await judge('verify', chart, ring(name));
      expect(status, name).toBe(10);
      expect(stderr).toMatch(/^Error: .*signer-key: .* was revoked /);
      expect(await judge('upload', chart, ring(name)), name).toMatchObject({ status: 10 });
    }
  });

  it('that was retired before the entry was logged is rejected, and the entry shown once', async () => {
    const chart = casePath(RETIRED, CHART);
    expect(await judge('upload', chart, casePath(RETIRED, 'good.asc'))).toMatchObject({ status: 0 });
    const { status, stdout, stderr } = await judge('verify', chart, casePath(RETIRED, 'revoked.asc'));
    expect(status).toBe(10);
    expect(stderr).toMatch(/^Error: .*signer-key: /);
    expect(stdout + stderr).not.toMatch(/after the entry was logged|Other Entry/);
  });

  it.each(['verify', 'inspect', 'upload'])(
    'that expired, in a copy of last year: %s points at the present copy',
    async (command) => {
      const chart = casePath(PROLONGED, CHART);
      expect(await judge('upload', chart, casePath(PROLONGED, 'today.asc'))).toMatchObject({ status: 0 });
      const { status, stderr } = await judge(command, chart, casePath(PROLONGED, 'lastyear.asc'));
      expect(status).toBe(10);
      expect(stderr).toMatch(/\nHint: the key may have been prolonged since: .*present copy/);
    },
  );

  it.each(['verify', 'inspect', 'upload'])('without a user ID: %s judges nothing', async (command) => {
    const ring = casePath(NAMELESS, 'keys-without-user-id.gpg');
    const { status, stderr } = await judge(command, casePath(NAMELESS, CHART), ring);
    expect(status).toBe(3);
    expect(stderr).toMatch(/has no user ID\nHint: this copy of the key is not whole/);
    expect((await judge('inspect', casePath(NAMELESS, CHART), casePath(NAMELESS, 'full.asc'))).status).toBe(
      0,
    );
  });

  it.each([
    ['base64.txt', /found the base64 of a file of keys.*\nHint: .*base64 -d/],
    ['html.asc', /found a web page\nHint: /],
  ])('is not what is in %s, which is named for what it is', async (file, message) => {
    const path = casePath('25-files-meant-to-be-keys', file);
    const { status, stderr } = await world.run(['keys', '--keyring', path]);
    expect(status).toBe(3);
    expect(stderr).toMatch(message);
  });
});
