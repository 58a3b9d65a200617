import { chartArchive } from '../../support/chart.ts';
import { DAY } from '../../support/signer.ts';
import { type HostileWorld, LOGGED, NOW, signerWith } from '../../support/world/hostile-world.ts';
import type { Forgery } from '../row.ts';

/** What whoever serves the chart can change: the archive, its name, its provenance. The log is honest. */
export const chartForgeries: readonly Forgery[] = [
  {
    name: 'another archive',
    story: 'The archive is replaced by another one of the same name and version.',
    caughtBy: 'archive-digest',
    status: 10,
    stage: async (world) => {
      world.logChart();
      await world.serve({ archive: await world.otherArchive() });
    },
  },
  {
    name: 'one byte more',
    story: 'A byte is added at the end of the archive, where unpacking does not look.',
    caughtBy: 'archive-digest',
    status: 10,
    stage: async (world) => {
      world.logChart();
      await world.serve({ archive: Buffer.concat([world.chart.archive, Buffer.of(0)]) });
    },
  },
  {
    name: 'an old chart under a new name',
    story:
      'An older chart of the same publisher, signed and logged, is served under the name of the new one.',
    caughtBy: 'archive-name',
    status: 10,
    stage: async (world) => {
      await serveOther(world, 'hello', '0.0.9');
    },
  },
  {
    name: 'another chart under this name',
    story: 'Another chart of the same publisher is served under the name of the wanted one.',
    caughtBy: 'archive-name',
    status: 10,
    stage: async (world) => {
      await serveOther(world, 'goodbye', '0.1.0');
    },
  },
  {
    name: 'two files in one provenance',
    story: 'The provenance signs the archive and one more file, so that it fits either.',
    caughtBy: 'archive-name',
    status: 10,
    stage: async (world) => {
      world.logChart();
      const files = `  hello-0.1.0.tgz: sha256:${world.digest}\n  hello-0.2.0.tgz: sha256:${'0'.repeat(64)}\n`;
      const provenance = await world.publisher.signText(`name: hello\n\n...\nfiles:\n${files}`);
      await world.serve({ provenance });
    },
  },
  {
    name: 'a stranger signs',
    story: 'Somebody whose key is not in the keyring signs and logs the archive.',
    caughtBy: 'provenance-signature',
    status: 10,
    stage: async (world) => {
      const stranger = await signerWith({}, 'stranger');
      await world.serve({ provenance: await stranger.sign('hello', '0.1.0', world.chart.archive) });
      world.log.append(world.body({ certificateBytes: stranger.certificate }), { integratedTime: LOGGED });
    },
  },
  {
    name: 'another signer than the named one',
    story: 'The archive is signed by a key of the keyring, but not by the one that --fingerprint asks for.',
    caughtBy: 'provenance-signature',
    status: 10,
    stage: async (world) => {
      const other = await signerWith({}, 'other');
      world.user.keyrings.push(await world.write('other.gpg', other.certificate));
      world.user.options = ['--fingerprint', other.fingerprint];
      world.logChart();
    },
  },
  {
    name: 'a rewritten text',
    story: 'The signed text is rewritten without touching the line with the digest.',
    caughtBy: 'provenance-signature',
    status: 10,
    stage: async (world) => {
      world.logChart();
      const text = Buffer.from(world.chart.provenance).toString();
      await world.serve({ provenance: Buffer.from(text.replace('apiVersion: v2', 'apiVersion: v1')) });
    },
  },
  {
    name: 'a signature transplanted',
    story: "The text is about this archive, the signature below it is the same key's under another chart.",
    caughtBy: 'provenance-signature',
    status: 10,
    stage: async (world) => {
      world.logChart();
      const other = Buffer.from(await world.publisher.sign('hello', '0.1.0', await world.otherArchive()));
      const own = Buffer.from(world.chart.provenance);
      const mark = '-----BEGIN PGP SIGNATURE-----';
      const parts = [own.subarray(0, own.indexOf(mark)), other.subarray(other.indexOf(mark))];
      await world.serve({ provenance: Buffer.concat(parts) });
    },
  },
  {
    name: 'a signature from tomorrow',
    story: 'The signature is dated in the future, as by a wrong clock or to outlive a revocation.',
    caughtBy: 'provenance-signature',
    status: 10,
    signing: { at: NOW + DAY },
    stage: (world) => world.logChart(NOW + DAY),
  },
  {
    name: 'a signature past its own end',
    story: 'The publisher let the signature itself expire, and it has.',
    caughtBy: 'provenance-signature',
    status: 10,
    signing: { expiresAfter: DAY },
    stage: (world) => world.logChart(),
  },
];

/** Serves another chart of the publisher in the files of the wanted one; it is logged as it should be. */
async function serveOther(world: HostileWorld, name: string, version: string): Promise<void> {
  const archive = await chartArchive(name, version);
  await world.serve({ archive, provenance: await world.publisher.sign(name, version, archive) });
  world.logChart();
}
