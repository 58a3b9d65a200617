import { LogError, type Hint } from '../errors.ts';
import { emailOf } from '../openpgp/certificate.ts';
import { judgeSignerAt } from '../openpgp/signer-at.ts';
import { minimiseCertificate } from '../openpgp/minimise.ts';
import type { PredictedEntry } from '../rekor/predicted-entry.ts';
import { failed, type FailedResult } from '../verification/checks.ts';
import type { GoodChart } from '../verification/entry-report.ts';

/** What is sent of a chart to a log. */
export interface Submission {
  /** Of the chart, as the user knows it. */
  readonly label: string;
  /** The bytes of the provenance file. */
  readonly provenance: Uint8Array;
  /** The packets of the least of the signer's certificate. */
  readonly publicKey: Uint8Array;
  /** The one user ID that goes along with the key; undefined: none does. */
  readonly userId: string | undefined;
  /** The address in it that becomes public. */
  readonly email: string | undefined;
  /** Of the entry that the log will make of it. */
  readonly leafHashes: readonly string[];
}

/**
 * The least that a log needs of a chart whose local checks passed.
 * @param predicted the entries that the log may have of it
 * @throws LogError `LOG_REFUSED` if a log would not take the key
 */
export function submissionOf(
  label: string,
  { evidence: { provenance }, judgement }: GoodChart,
  predicted: readonly PredictedEntry[],
): Submission {
  const { certificate, signer } = judgement.facts['provenance-signature'];
  const minimised = minimiseCertificate(certificate, provenance.signature, signer.signingFingerprint);
  if ('refused' in minimised)
    throw new LogError('LOG_REFUSED', `a log would refuse ${label}: ${minimised.refused}`, SIGN_AGAIN);
  const { bytes: publicKey, userId } = minimised;
  return {
    label,
    provenance: provenance.bytes,
    publicKey,
    userId,
    email: userId === undefined ? undefined : emailOf(userId),
    leafHashes: predicted.filter(({ form }) => form === 'minimised').map(({ leafHash }) => leafHash),
  };
}

/**
 * The check `signer-key`, failed, where the signer's key is dead at the time `now`, or was when it signed: an entry that
 * is made now could never verify. Undefined: the key is good.
 */
export function deadKey(
  { evidence, judgement }: GoodChart,
  now: number,
): { readonly 'signer-key': FailedResult } | undefined {
  const { signer } = judgement.facts['provenance-signature'];
  for (const time of [evidence.provenance.signature.created, now]) {
    const judged = judgeSignerAt(signer, time);
    if (!judged.ok)
      return {
        'signer-key': { ...failed(`cannot be logged: ${judged.reason}`), hint: judged.hint ?? SIGN_AGAIN },
      };
  }
  return undefined;
}

const SIGN_AGAIN: Hint = { publisher: 'sign the chart again with a key that is good today' };
