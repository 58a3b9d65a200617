import type { Archive } from '../chart/archive/archive.ts';
import type { ChartFiles } from '../chart/chart-files.ts';
import { NoProvenanceError } from '../chart/no-provenance.ts';
import { readProvenance } from '../chart/signed-chart.ts';
import { InputError, type Hint } from '../errors.ts';
import type { Provenance } from '../provenance/provenance.ts';
import { judgeProvenance, type GoodProvenance, type ProvenanceJudge } from './judged-provenance.ts';
import type { GpgSigningKey } from './signing-key.ts';

/**
 * The provenance that is beside a chart, if it is for this archive, holds, and is by this signer; undefined: none is there.
 * @throws InputError if another one is there: nobody overwrites it unasked
 */
export async function presentProvenance(
  chart: ChartFiles,
  archive: Archive,
  key: GpgSigningKey,
  judge: ProvenanceJudge,
): Promise<GoodProvenance | undefined> {
  const place = chart.provenanceLabel;
  let provenance: Provenance;
  try {
    provenance = await readProvenance(chart);
  } catch (error) {
    if (error instanceof NoProvenanceError) return undefined;
    if (error instanceof InputError) throw inTheWay(place, error.message);
    throw error;
  }
  if (judge.keyring.find(provenance.issuer).every(({ certificate }) => !isOf(key, certificate.primary)))
    throw inTheWay(place, `it is by another signer than ${key.signer.primaryFingerprint.toUpperCase()}`);
  const judged = await judgeProvenance(chart, archive, provenance, judge);
  if (judged.reason !== undefined) throw inTheWay(place, `it does not hold: ${judged.reason}`);
  if (!isOf(key, { fingerprint: judged.signer.primaryFingerprint }))
    throw inTheWay(place, `it is by ${judged.signer.primaryFingerprint.toUpperCase()}`);
  return judged;
}

function isOf({ signer }: GpgSigningKey, { fingerprint }: { readonly fingerprint: string }): boolean {
  return fingerprint === signer.primaryFingerprint;
}

function inTheWay(place: string, why: string): InputError {
  return new InputError(`${place} is there already, and is not overwritten: ${why}`, LOOK_AT_IT);
}

const LOOK_AT_IT: Hint = {
  publisher: 'helm sigstore inspect shows what it is; --force puts a new signature in its place',
};
