import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { casePath, cases } from '../support/cases.ts';
import { World } from '../support/world/world.ts';
import { archiveIn, CHART, EXAMPLES, make } from './made.ts';

const GOOD = join(EXAMPLES, `${CHART}.prov`);
const KEYS = ['--keyring', join(EXAMPLES, 'publisher.asc')];

describe.skipIf(cases === undefined)('text of strangers (needs the cases)', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.open();
  });
  afterAll(async () => {
    await world.close();
  });

  /** Runs a command line. Returns what it said, and the seconds of computing that it took. */
  async function measured(...argv: readonly string[]) {
    const before = process.cpuUsage();
    const ran = await world.run(argv);
    const { user, system } = process.cpuUsage(before);
    return { ...ran, seconds: (user + system) / 1e6 };
  }

  it.each(['inspect', 'verify'])('a line of blanks does not keep %s busy', async (command) => {
    const folder = await world.subdirectory(`blanks-${command}`);
    const chart = await archiveIn(folder);
    make('01-blanks-in-provenance', 'make.mjs', GOOD, `${chart}.prov`);
    const log = command === 'verify' ? world.trusting() : [];
    const { status, seconds } = await measured(command, chart, ...KEYS, ...log);
    expect([3, 10]).toContain(status);
    expect(seconds).toBeLessThan(5);
  });

  it.each(['empty-lines', 'files'])(
    'a large provenance (%s) is refused in short, a folder of them too',
    async (kind) => {
      const folder = await world.subdirectory(kind);
      for (let number = 0; number < 3; number++) {
        const chart = await archiveIn(folder, `hello-0.1.${number}.tgz`);
        make('04-large-provenance', 'make.mjs', kind, GOOD, `${chart}.prov`);
      }
      const argv = ['verify', folder, ...KEYS, ...world.trusting(), '--output', 'json'];
      const { status, stdout, stderr, seconds } = await measured(...argv);
      expect([3, 10]).toContain(status);
      expect(stdout.length + stderr.length).toBeLessThan(3 * 8192);
      expect(seconds).toBeLessThan(10);
    },
  );

  it('a trusted root with a byte order mark is read', async () => {
    const root = casePath('33-trusted-root-with-a-byte-order-mark', 'bom.json');
    const argv = ['trust', 'show', '--rekor-server', 'http://127.0.0.1:39495', '--trusted-root', root];
    expect(await world.run(argv)).toMatchObject({ status: 0, stderr: '' });
  });
});
