import { join } from 'node:path';
import { LocalChart } from '../chart/local-chart.ts';
import { sha256Hex, type Sha256 } from '../digest.ts';
import { InputError, RejectedError } from '../errors.ts';
import type { Difference } from '../mirror/differences.ts';
import { formatIndex, INDEX, type ListedChart } from '../mirror/helm-index.ts';
import { MANIFEST, type Manifest, type MirroredChart } from '../mirror/manifest.ts';
import { readMirror, type FoundManifest } from '../mirror/read-mirror.ts';
import type { VerifiedChart } from './evidence-verifier.ts';
import { describeVerified } from './described-chart.ts';
import { signersInWords, signersOf } from './mirrored-signers.ts';
import type { ChartVerifier } from './verify-chart.ts';

/**
 * The manifest of a mirror.
 * @param expected the digest that it must have, if the user says it
 * @throws InputError if there is no mirror, or one without charts
 * @throws RejectedError if it has another digest
 */
export async function openMirror(directory: string, expected: Sha256 | undefined): Promise<FoundManifest> {
  const found = await readMirror(directory);
  if (found === undefined)
    throw new InputError(`there is no mirror in ${directory}: no ${MANIFEST}`, MAKE_ONE);
  if (expected !== undefined && found.sha256 !== expected)
    throw new RejectedError(
      `the manifest of ${directory} is not the expected one: expected sha256:${expected}, found sha256:${found.sha256}`,
      'get the mirror again from whoever gave you the digest; a mirror that was written to since has another one',
    );
  if (found.manifest.charts.length === 0)
    throw new InputError(`the mirror ${directory} has no charts, so there is nothing to verify`, MAKE_ONE);
  return found;
}

const MAKE_ONE = 'helm sigstore mirror makes one, on a machine with network';

/** A chart of a mirror, of which each word of the manifest is held against what is signed. */
export class MirrorChart extends LocalChart {
  constructor(
    directory: string,
    readonly manifested: MirroredChart,
    sha256: Sha256 | undefined,
  ) {
    const { archive, name, version } = manifested;
    const expected = { names: [name], version, signedName: archive, ...(sha256 && { sha256 }) };
    super(join(directory, archive), { expected });
  }
}

/** The charts of a mirror, in the order of its manifest. */
export function chartsOfMirror(directory: string, { charts, files }: Manifest): MirrorChart[] {
  const digests = new Map(files.map(({ path, sha256 }) => [path, sha256]));
  return charts.map((chart) => new MirrorChart(directory, chart, digests.get(chart.archive)));
}

/** What came of a chart of a mirror, and what its index has to say of it. */
export interface VerifiedCopy extends Omit<VerifiedChart, 'judged'> {
  readonly listed?: ListedChart;
}

/**
 * Proves a chart of a mirror.
 * @throws RejectedError if the manifest says that somebody else has signed it
 * @throws InputError, LogError as `verifyChart` does
 */
export async function proveCopy(chart: MirrorChart, verifyChart: ChartVerifier): Promise<VerifiedCopy> {
  const verified = await verifyChart(chart);
  const { report, archive } = verified;
  if (report.verdict !== 'verified') return verified;
  const { manifested, label } = chart;
  const found = signersOf(report);
  const isOther = (['signer', 'identity', 'issuer', 'key'] as const).some(
    (member) => found[member] !== undefined && found[member] !== manifested[member],
  );
  if (isOther)
    throw new RejectedError(
      `${label}: the manifest names another signer: expected ${signersInWords(manifested)}, found ${signersInWords(found)}`,
      'get the mirror again, from whoever made it',
    );
  const { description } = await describeVerified(chart, verified);
  return { ...verified, listed: { chart: manifested, sha256: archive.sha256 as Sha256, description } };
}

/**
 * Where the index that a manifest names is not that of the charts, all of which were proven: nobody signed what Helm takes
 * from it.
 */
export function differenceOfIndex(
  { files }: Manifest,
  listed: readonly ListedChart[],
): Difference | undefined {
  const present = files.find(({ path }) => path === INDEX);
  const sha256 = sha256Hex(formatIndex(listed));
  if (present?.sha256 === sha256) return undefined;
  return {
    kind: 'altered',
    path: INDEX,
    expected: `the index of the charts, sha256:${sha256}`,
    found: present === undefined ? 'none in the manifest' : `sha256:${present.sha256}`,
  };
}
