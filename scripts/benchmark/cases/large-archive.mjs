import { statfs } from 'node:fs/promises';
import { timesOver } from '../comparison.mjs';
import { opensslDigest } from '../peers.mjs';
import { mean, median } from '../statistics.mjs';
import { medianPeak, takeTurns } from '../turns.mjs';

const SIZE = 2 ** 31;
const ROOM = 5e9;

/**
 * An archive of 2 GiB. Its size is real: a sparse file would be read faster than it is.
 *
 * @type {import('../result.mjs').Case}
 */
export async function largeArchive(workspace) {
  const { bavail, bsize } = await statfs(workspace.directory);
  if (bavail * bsize < ROOM) {
    console.error(
      `left out, because ${workspace.directory} has less than ${ROOM / 1e9} GB of room: a large archive`,
    );
    return { rows: [], times: {} };
  }
  const { chart, keyring, sha256 } = await workspace.publishLarge(SIZE);
  const large = workspace.verify({ charts: [chart], keyring });
  const times = await takeTurns(
    {
      'openssl dgst -sha256, 2 GiB': opensslDigest(workspace, chart, sha256),
      'verify, 2 GiB': large,
      verify: workspace.verify(),
    },
    Math.ceil(workspace.plan.rounds / 4),
  );
  const startUp = times.verify;
  const hashing = {
    elapsed: times['verify, 2 GiB'].elapsed.map((elapsed) => elapsed - median(startUp.elapsed)),
    cpu: times['verify, 2 GiB'].cpu.map((cpu) => cpu - mean(startUp.cpu)),
  };
  return {
    rows: [
      {
        what: '2 GiB archive, start-up taken off, over `openssl dgst -sha256`',
        ...timesOver(hashing, times['openssl dgst -sha256, 2 GiB']),
        atMost: 1.3,
      },
      { what: 'the same, peak memory', measured: await medianPeak(large), unit: 'MiB', atMost: 100 },
    ],
    times,
  };
}
