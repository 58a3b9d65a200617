import { expect, test } from 'vitest';
import { bundle, MEASURED_PROGRAM, smallestRun } from '../support/own-process.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { MonitoredWorld } from '../support/world/monitored-world.ts';

/** Entries of nearly the largest size: six tiles of fifteen megabytes, of which one at a time is held. */
const [ENTRIES, BYTES, LIMIT] = [1536, 60_000, 220];

test.runIf(process.platform === 'linux')(
  `ninety megabytes of hostile entries are looked through in less than ${LIMIT} MiB (needs Linux)`,
  async () => {
    const world = await MonitoredWorld.open();
    world.append(await world.sign('first'));
    for (let index = 1; index < ENTRIES; index++) {
      // Half of them would be parsed.
      const body =
        index % 2 === 0
          ? `{"kind":"helm","apiVersion":"0.0.1","spec":{"n":${index},"x":"${'x'.repeat(BYTES)}"}}`
          : `[${'[],'.repeat(BYTES / 3)}${index}]`;
      world.log.append(Buffer.from(body), { integratedTime: 1, indexed: false });
    }
    world.append(await world.sign('last'));
    // What the test itself makes for the first time is not waited for.
    world.file('tile/entries/000');
    const file = await bundle(MEASURED_PROGRAM, await temporaryDirectory());
    // One run: another one would have nothing left to read.
    const { status, stdout, peak } = await smallestRun(
      Infinity,
      file,
      [...world.words(), '--output', 'jsonl'],
      {
        HOME: world.user.home,
      },
    );
    expect(status).toBe(10);
    expect(stdout).toContain(`"examined":${ENTRIES + 1}`);
    expect(peak).toBeLessThan(LIMIT);
  },
);
