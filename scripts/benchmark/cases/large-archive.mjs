import { timesOver } from '../comparison.mjs';
import { opensslDigest } from '../peers.mjs';
import { mean, median } from '../statistics.mjs';
import { medianPeak, takeTurns } from '../turns.mjs';

const SIZE = 2 ** 26;
const NAME = '64 MiB';

/**
 * An archive as large as Helm takes one, of 100 MiB at most, in a power of two. It holds noise: a sparse file would be
 * read faster than it is.
 *
 * @type {import('../result.mjs').Case}
 */
export async function largeArchive(workspace) {
  const { chart, keyring, sha256 } = await workspace.publishLarge(SIZE);
  const large = workspace.verify({ charts: [chart], keyring });
  const times = await takeTurns(
    {
      openssl: opensslDigest(workspace, chart, sha256),
      large,
      verify: workspace.verify(),
    },
    Math.ceil(workspace.plan.rounds / 4),
  );
  const startUp = times.verify;
  const hashing = {
    elapsed: times.large.elapsed.map((elapsed) => elapsed - median(startUp.elapsed)),
    cpu: times.large.cpu.map((cpu) => cpu - mean(startUp.cpu)),
  };
  return {
    rows: [
      {
        what: `${NAME} archive, start-up taken off, over \`openssl dgst -sha256\``,
        ...timesOver(hashing, times.openssl),
        atMost: 1.3,
      },
      { what: 'the same, peak memory', measured: await medianPeak(large), unit: 'MiB', atMost: 100 },
    ],
    times: {
      [`openssl dgst -sha256, ${NAME}`]: times.openssl,
      [`verify, ${NAME}`]: times.large,
      verify: times.verify,
    },
  };
}
