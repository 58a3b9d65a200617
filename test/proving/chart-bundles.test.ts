import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { LocalChart } from '../../src/chart/local-chart.ts';
import { judgeBundlesOf } from '../../src/proving/chart-bundles.ts';
import { parseSigstoreTrust } from '../../src/trust/sigstore-trust.ts';
import { chartArchive } from '../support/chart.ts';
import { ForgedSigstore, SIGNED_AT } from '../support/forged-sigstore.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

test('however many bundles a registry has of a chart, its archive is hashed as often as for those beside a file', async () => {
  const sigstore = new ForgedSigstore();
  const archive = await chartArchive('hello', '0.1.0');
  const path = join(await temporaryDirectory(), 'hello-0.1.0.tgz');
  await writeFile(path, archive);
  const line = JSON.stringify(sigstore.message(archive, sigstore.signer()));
  const bytes = Buffer.from(Array.from({ length: 20 }, () => line).join('\n'));
  const judge = async (files: number) =>
    await judgeBundlesOf(
      new LocalChart(path),
      { signers: [], signedName: undefined, allowWeak: false, consistency: 'if-known' },
      {
        signers: { identities: [], keys: [] },
        trust: parseSigstoreTrust(JSON.parse(sigstore.trustedRoot())),
        predicateTypes: undefined,
        now: SIGNED_AT,
        bundles: Array.from({ length: files }, (_, index) => ({ label: `bundle ${index}`, bytes })),
      },
    );
  expect((await judge(3)).reports).toHaveLength(60);
  expect((await judge(16)).reports).toHaveLength(60);
});
