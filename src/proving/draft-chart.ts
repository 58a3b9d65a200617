import { hasFiles, type NamedChart } from '../chart/chart-files.ts';
import { isWithoutProvenance } from '../chart/no-provenance.ts';
import { InputError } from '../errors.ts';
import type { Keyring } from '../keyring/keyring.ts';
import { askedOf } from '../policy/chart-rules.ts';
import type { DraftedChart } from '../policy/draft-policy.ts';
import type { Requirements } from '../policy/requirements.ts';
import { inspectChart } from './inspect-chart.ts';

/**
 * What a draft of a policy says of a chart: who signed it, by the keys of the keyring, and without asking a log.
 * @param now seconds since 1970
 * @throws InputError if there is no chart, or it cannot be read
 */
export async function draftChart(
  chart: NamedChart,
  general: Requirements,
  keyring: Keyring,
  now: number,
): Promise<DraftedChart> {
  if (!hasFiles(chart))
    throw 'problem' in chart ? chart.problem : new InputError(`${chart.label} ${chart.nothing}`);
  const { label } = chart;
  const asked = askedOf(chart);
  const [first, second] = asked.named;
  const pattern = asked.reference ?? (second === undefined ? first?.name : undefined);
  const { sha256 } = await (await chart.archive()).read();
  const about = { label, pattern, sha256 };
  try {
    const { found } = await inspectChart(chart, general, keyring, now);
    const { report, signer } = found;
    if (report.kind === 'refuted')
      return { ...about, problem: `${report.failure.id}: ${report.failure.detail}` };
    if (signer === undefined) return { ...about, problem: 'nobody knows who signed it' };
    const { primaryFingerprint: fingerprint, userIds } = signer;
    return { ...about, signer: { fingerprint, userIds } };
  } catch (error) {
    if (isWithoutProvenance(error)) return about;
    throw error;
  }
}
