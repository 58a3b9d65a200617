import type { ChartFiles } from '../chart/chart-files.ts';
import { parseChartYaml } from '../chart/archive/metadata.ts';
import { isWithoutProvenance } from '../chart/no-provenance.ts';
import { sha256Hex } from '../digest.ts';
import { InputError, messageOf, RejectedError, SigstoreError } from '../errors.ts';
import { BUNDLE_LIMIT } from '../evidence/sigstore-bundle.ts';
import { replaceFile } from '../files/replace-file.ts';
import { readOwnFile } from '../files/user-file.ts';
import type { ChartToSign } from '../identity/release-statement.ts';
import { judgeBundlesOf } from '../proving/chart-bundles.ts';
import type { SigstoreTrust } from '../trust/sigstore-trust.ts';
import type { ChartBundleReport, ProvenBundle } from '../verification/chart-bundle.ts';
import type { IdentitySigner } from './identity-signer.ts';

/** What is done with each chart. */
export interface SigningOne {
  readonly signer: IdentitySigner;
  readonly trust: SigstoreTrust;
  readonly replaces: boolean;
  /** Aborted when the user ends the run: nothing is written any more. */
  readonly interrupted: AbortSignal;
  readonly now: () => number;
}

/** A chart with a bundle that holds. */
export interface IdentitySigned {
  readonly archive: { readonly label: string; readonly sha256: string };
  readonly path: string;
  readonly outcome: 'written' | 'unchanged';
  readonly evidence: ProvenBundle;
}

/**
 * Signs a chart, judges what was made, and only then writes it.
 * @throws InputError if the archive cannot be read, has another name or changes, or another bundle is there
 * @throws RejectedError if what was made does not hold
 */
export async function signOneByIdentity(chart: ChartFiles, run: SigningOne): Promise<IdentitySigned> {
  const { signer, interrupted } = run;
  const found = await chart.archive();
  const opened = await found.open();
  const { name, version } = parseChartYaml(opened.metadata, `Chart.yaml in ${chart.label}`);
  requireName(chart, opened.name, `${name}-${version}.tgz`);
  const path = `${chart.label}.sigstore.json`;
  const archive = { label: chart.label, sha256: opened.sha256 };
  const present = await presentBundle(chart, archive, path, run);
  if (present !== undefined) return present;
  const provenance = await provenanceOf(chart);
  const toSign: ChartToSign = {
    ...{ name, version, sha256: opened.sha256, chunks: found.chunks },
    ...(provenance && { provenance: { sha256: sha256Hex(provenance) } }),
  };
  const { bundle } = await signer.sign(toSign);
  const bytes = Buffer.from(bundle, 'utf8');
  const evidence = await judged(chart, bytes, path, await signer.who(), run);
  if (evidence?.kind !== 'proven')
    throw new RejectedError(
      `what was signed of ${chart.label} does not hold, and was not written${reasonOf(evidence)}`,
      'name the trusted root of these servers with --trusted-root; if it is the right one, tell those who run them',
    );
  if (evidence.statement.sha256 !== opened.sha256)
    throw new InputError(
      `${chart.label} was changed while it was signed, and what was signed was not written`,
    );
  if (interrupted.aborted) throw new SigstoreError('UNCHECKED', 'interrupted before it was written');
  // Another run may have been quicker than the servers.
  const since = await presentBundle(chart, archive, path, run);
  if (since !== undefined) return since;
  try {
    await replaceFile(path, bundle, { mode: 0o644 });
  } catch (error) {
    throw new InputError(`cannot write ${path}: ${messageOf(error)}`, undefined, { cause: error });
  }
  return { archive, path, outcome: 'written', evidence };
}

/** The name becomes public with the signature, by which the file alone would not verify. */
function requireName({ label, expected }: ChartFiles, fileName: string, signed: string): void {
  const named = expected?.signedName ?? fileName;
  if (named === signed) return;
  throw new InputError(
    `${label} is the chart ${signed} by its Chart.yaml, which is the name that is signed, and is called ${named}`,
    'give it that name',
  );
}

/**
 * The bundle by this signer that is there and holds; undefined: there is none, or it is to be replaced. Who signs is asked only of
 * one that holds but for that: for another file in its place no token is needed.
 * @throws InputError if there is another one
 */
async function presentBundle(
  chart: ChartFiles,
  archive: IdentitySigned['archive'],
  path: string,
  run: SigningOne,
): Promise<IdentitySigned | undefined> {
  const present = run.replaces ? undefined : await readOwnFile(path, BUNDLE_LIMIT, path);
  if (present === undefined) return undefined;
  const byAnybody = await judged(chart, present, path, undefined, run);
  if (byAnybody?.kind !== 'refuted' || byAnybody.failure.id !== 'identity')
    throw otherThere(path, 'a bundle of this chart by an identity', byAnybody);
  const { identity, issuer } = await run.signer.who();
  const evidence = await judged(chart, present, path, { identity, issuer }, run);
  if (evidence?.kind === 'proven' && evidence.statement.sha256 === archive.sha256)
    return { archive, path, outcome: 'unchanged', evidence };
  throw otherThere(path, `a bundle of this chart by ${identity}`, evidence);
}

function otherThere(path: string, wanted: string, found: ChartBundleReport | undefined): InputError {
  return new InputError(
    `${path} is there, and is not proven to be ${wanted}${reasonOf(found)}`,
    'see whose it is with helm sigstore verify, or sign anew with --force; --trusted-root names the trusted root of another Sigstore than the public one',
  );
}

/** Why a bundle does not hold, if that is known, as the end of a message. */
function reasonOf(report: ChartBundleReport | undefined): string {
  if (report?.kind !== 'refuted') return '';
  const { id, detail } = report.failure;
  return `: ${id}: ${detail}`;
}

/** What the bundle is as evidence for the chart, by this identity, or by none that counts; undefined: it is none. */
async function judged(
  chart: ChartFiles,
  bytes: Uint8Array,
  label: string,
  by: { readonly identity: string; readonly issuer: string } | undefined,
  { trust, now }: SigningOne,
): Promise<ChartBundleReport | undefined> {
  const identities = by
    ? [{ words: by.identity, matches: (name: string) => name === by.identity, issuer: by.issuer }]
    : [];
  const { reports } = await judgeBundlesOf(
    chart,
    { signers: [], signedName: undefined, allowWeak: false, consistency: 'if-known' },
    {
      signers: { identities, keys: [] },
      trust,
      predicateTypes: undefined,
      now: now(),
      bundles: [{ label, bytes }],
    },
  );
  return reports[0];
}

async function provenanceOf(chart: ChartFiles): Promise<Uint8Array | undefined> {
  try {
    return await chart.provenance();
  } catch (error) {
    if (isWithoutProvenance(error)) return undefined;
    throw error;
  }
}
