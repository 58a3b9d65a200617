import { excerpt } from '../encoding.ts';
import { BesideNames } from './beside-names.ts';
import { identityLines, type DraftedIdentity } from './draft-identity.ts';

/** A chart in use, from which a policy is drafted. */
export interface DraftedChart {
  readonly label: string;
  /** The pattern that stands for it and its other versions; undefined: its name does not say which chart it is. */
  readonly pattern: string | undefined;
  /** SHA-256 of the archive, in lower-case hexadecimal. */
  readonly sha256: string;
  /** Who signed its provenance; undefined: nobody. */
  readonly signer?: { readonly fingerprint: string; readonly userIds: readonly string[] };
  /** Who signed it by Sigstore bundles that hold; absent: nobody. */
  readonly identities?: readonly DraftedIdentity[];
  /** Why a bundle beside it names nobody, in words. */
  readonly bundleProblem?: string;
  /** Why its signature does not count, in words. */
  readonly problem?: string;
}

/** What the charts were judged by, which the policy has to name as well. */
export interface DraftSources {
  /** Paths of files and folders of OpenPGP certificates; empty: those of GnuPG and of `keys add`. */
  readonly keys: readonly string[];
  /** The log; absent: Sigstore's own. */
  readonly log?: { readonly url: string; readonly publicKeys: readonly string[] };
  /** The path of a trusted root; absent: Sigstore's own. */
  readonly trustedRoot?: string;
}

/**
 * The text of a policy that accepts these charts, with comments that say what has to be reviewed. What strangers wrote is
 * in quotes, and on one line.
 * @param now seconds since 1970
 */
export function draftPolicy(charts: readonly DraftedChart[], sources: DraftSources, now: number): string[] {
  const byPattern = new Map<string, DraftedChart[]>();
  for (const chart of charts.filter(isUsable))
    byPattern.set(chart.pattern, [...(byPattern.get(chart.pattern) ?? []), chart]);
  return [
    '# A draft, made of charts in use. Whoever signed these is not known to be right: review each signer and each digest.',
    'version: 1',
    ...sourceLines(sources),
    ...(byPattern.size === 0 ? [] : ['rules:']),
    ...[...byPattern].flatMap(([pattern, all], index) => ruleLines(pattern, all, index, now)),
    ...charts.filter((chart) => !isUsable(chart)).map(leftOut),
    'otherwise: deny',
  ];
}

function sourceLines({ keys, log, trustedRoot }: DraftSources): string[] {
  const named = new BesideNames();
  const keyNames = keys.map((path) => named.nameOf(path));
  const logKeys = log?.publicKeys.map((path) => named.nameOf(path)) ?? [];
  const root = trustedRoot === undefined ? undefined : named.nameOf(trustedRoot);
  return [
    ...named.lines(),
    ...(keys.length === 0
      ? [
          '# Put the certificates of the signers beside this file, and name them here. Without keys, those of GnuPG and of keys add count.',
          '# keys: [keys]',
        ]
      : [`keys: ${JSON.stringify(keyNames)}`]),
    ...(log === undefined
      ? []
      : [
          'logs:',
          `  - url: ${JSON.stringify(log.url)}`,
          ...(logKeys.length === 0 ? [] : [`    publicKeys: ${JSON.stringify(logKeys)}`]),
        ]),
    ...(root === undefined ? [] : [`trustedRoot: ${JSON.stringify(root)}`]),
  ];
}

function isUsable(chart: DraftedChart): chart is DraftedChart & { readonly pattern: string } {
  return chart.pattern !== undefined && chart.problem === undefined;
}

function ruleLines(pattern: string, charts: readonly DraftedChart[], index: number, now: number): string[] {
  const items = charts.flatMap((chart) => itemLines(chart, now).join('\n'));
  return [
    `  - name: ${ruleName(pattern, index)}`,
    `    charts: [${JSON.stringify(pattern)}]`,
    '    signedBy:',
    ...[...new Set(items)].flatMap((item) => item.split('\n')),
  ];
}

function itemLines(
  { label, sha256, signer, identities = [], bundleProblem }: DraftedChart,
  now: number,
): string[] {
  const noted =
    bundleProblem === undefined
      ? []
      : [`      # A Sigstore bundle of ${excerpt(label, 200)} names nobody: ${excerpt(bundleProblem, 200)}.`];
  if (identities.length > 0 && signer === undefined) return [...noted, ...identities.flatMap(identityLines)];
  if (signer !== undefined)
    return [
      ...noted,
      ...identities.flatMap(identityLines),
      ...signer.userIds.slice(0, 3).map((userId) => `      # ${excerpt(userId, 100)}`),
      `      - openpgp: ${signer.fingerprint.toUpperCase()}`,
    ];
  return [
    ...noted,
    `      # ${excerpt(label, 200)} is not signed: whoever names its digest here vouches for it.`,
    `      - digest: sha256:${sha256}`,
    `        until: ${new Date((now + QUARTER) * 1000).toISOString().slice(0, 10)}`,
    '        reason: "not signed; to be reviewed"',
  ];
}

/** Seconds for which a digest counts in a draft. */
const QUARTER = 90 * 24 * 60 * 60;

function ruleName(pattern: string, index: number): string {
  const last = pattern.slice(pattern.lastIndexOf('/') + 1).replace(/[^A-Za-z0-9._-]/g, '');
  return JSON.stringify(`${index + 1} ${last}`.slice(0, 60).trim());
}

function leftOut({ label, problem = 'its file name does not say which chart it is' }: DraftedChart): string {
  return `# Left out: ${excerpt(label, 200)}: ${excerpt(problem, 200)}`;
}
