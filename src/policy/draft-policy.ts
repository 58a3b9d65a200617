import { excerpt } from '../encoding.ts';

/** A chart in use, from which a policy is drafted. */
export interface DraftedChart {
  readonly label: string;
  /** The pattern that stands for it and its other versions; undefined: its name does not say which chart it is. */
  readonly pattern: string | undefined;
  /** SHA-256 of the archive, in lower-case hexadecimal. */
  readonly sha256: string;
  /** Who signed it; undefined: nobody. */
  readonly signer?: { readonly fingerprint: string; readonly userIds: readonly string[] };
  /** Why its signature does not count, in words. */
  readonly problem?: string;
}

/**
 * The text of a policy that accepts these charts, with comments that say what has to be reviewed. What strangers wrote is
 * in quotes, and on one line.
 * @param now seconds since 1970
 */
export function draftPolicy(charts: readonly DraftedChart[], now: number): string[] {
  const byPattern = new Map<string, DraftedChart[]>();
  for (const chart of charts.filter(isUsable))
    byPattern.set(chart.pattern, [...(byPattern.get(chart.pattern) ?? []), chart]);
  return [
    '# A draft, made of charts in use. Whoever signed these is not known to be right: review each signer and each digest.',
    'version: 1',
    '# Put the certificates of the signers beside this file, and name them here. Without keys, those of GnuPG and of keys add count.',
    '# keys: [keys]',
    ...(byPattern.size === 0 ? [] : ['rules:']),
    ...[...byPattern].flatMap(([pattern, all], index) => ruleLines(pattern, all, index, now)),
    ...charts.filter((chart) => !isUsable(chart)).map(leftOut),
    'otherwise: deny',
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

function itemLines({ label, sha256, signer }: DraftedChart, now: number): string[] {
  if (signer !== undefined)
    return [
      ...signer.userIds.slice(0, 3).map((userId) => `      # ${excerpt(userId, 100)}`),
      `      - openpgp: ${signer.fingerprint.toUpperCase()}`,
    ];
  return [
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
