import { existsSync } from 'node:fs';
import { copyFile, mkdir } from 'node:fs/promises';
import path from 'node:path';
import { timeOver } from '../comparison.mjs';
import { mean, median } from '../statistics.mjs';
import { takeTurns } from '../turns.mjs';

const COUNT = 1000;

/** Bundles of others, as the tests have them. */
const vectors = path.join(
  process.env['HELM_SIGSTORE_VECTORS'] ??
    path.join(import.meta.dirname, '..', '..', '..', '..', 'shared', 'vectors'),
  'sigstore-bundles',
);
const CHART = 'hello-0.1.0.tgz';
const BUNDLE = path.join('keyless', 'cosign-github.sigstore.json');
const IDENTITY = 'https://github.com/acme/charts/.github/workflows/release.yml@refs/tags/v1.2.3';

/**
 * Charts that an identity signed, by their Sigstore bundles: one, over one by OpenPGP and the log; and many in one call.
 *
 * @type {import('../result.mjs').Case}
 */
export async function signedBundles(workspace) {
  if (!existsSync(vectors)) throw new Error('the case "signed" needs the vectors: HELM_SIGSTORE_VECTORS');
  const charts = [];
  for (let number = 0; number < COUNT; number++) {
    const directory = path.join(workspace.directory, 'signed', `${number}`);
    await mkdir(directory, { recursive: true });
    const chart = path.join(directory, CHART);
    await copyFile(path.join(vectors, CHART), chart);
    await copyFile(path.join(vectors, BUNDLE), `${chart}.sigstore.json`);
    charts.push(chart);
  }
  const signer = ['--certificate-identity', IDENTITY, '--certificate-oidc-issuer', 'http://127.0.0.1:8889'];
  const root = ['--trusted-root', path.join(vectors, 'trusted_root.json')];
  const verify = (/** @type {string[]} */ ...of) =>
    workspace.sigstore(
      ['verify', ...of, ...signer, ...root],
      /^Chart Verified Successfully From Sigstore bundle:\n/,
    );
  const times = await takeTurns(
    { 'verify, OpenPGP': workspace.verify(), 'verify, a bundle': verify(...charts.slice(0, 1)) },
    workspace.plan.rounds,
  );
  const { all } = await takeTurns({ all: verify(...charts) }, Math.ceil(workspace.plan.rounds / 7));
  return {
    rows: [
      {
        what: '`verify` by a Sigstore bundle, over one by OpenPGP and the log',
        ...timeOver(times['verify, a bundle'], times['verify, OpenPGP']),
        atMost: 45,
      },
      {
        what: `${COUNT} charts by one identity in one call, for each chart`,
        measured: median(all.elapsed) / COUNT,
        cpu: mean(all.cpu) / COUNT,
        unit: 'ms',
        atMost: 6,
      },
    ],
    times: { ...times, [`verify, ${COUNT} bundles`]: all },
  };
}
