import { formatTime } from '../encoding.ts';
import type { Sha256 } from '../digest.ts';
import { keysOf } from '../openpgp/certificate.ts';
import { assessCertificate, type Signer } from '../openpgp/key-lifetime.ts';
import { judgeSignerAt } from '../openpgp/signer-at.ts';
import { withRevocationsOf } from '../openpgp/revocation-copies.ts';
import { isIssuedBy } from '../openpgp/signature-packet.ts';
import { readSignature } from '../provenance/provenance.ts';
import type { LoggedEntry } from '../tlog/logged-entry.ts';
import type { TrustedLog } from '../trust/trusted-log.ts';
import { failed, notGood, passed, type CheckId, type CheckResult, type Facts } from './checks.ts';
import { entryKind } from './entry-checks.ts';
import { reportOn, type Proven, type Refuted } from './evidence-report.ts';
import {
  checkpoint,
  entryId,
  inclusionPromise,
  inclusionProof,
  logKey,
  type LoggedEvidence,
} from './log-checks.ts';
import { checkLogTime } from './log-time.ts';
import { check, idsOf, makeChecks } from './make-checks.ts';
import { CHECK_IDS } from './openpgp-rekor.ts';

/** An entry that was kept, and the log that it is judged by. */
interface KeptEvidence extends LoggedEvidence {
  /** Seconds since 1970. */
  readonly now: number;
}

/** Whether the key that the signature names, as the entry holds it, was good when the log took the entry. */
const signerKeyInEntry = check(['inclusion-promise', 'entry-kind'], checkSignerKeyInEntry);

/** Whether the time of the entry can be true, as far as the entry itself tells. */
const ownLogTime = check(
  ['inclusion-promise', 'entry-kind'],
  ({ entry, now }: KeptEvidence, { 'entry-kind': helm }: Pick<Facts, 'entry-kind'>) =>
    checkLogTime(
      { integratedTime: entry.time.integratedTime, index: entry.proof.index },
      { signed: readSignature(helm.signatureBytes).created, now, sightings: [] },
    ),
);

/** An entry in an evidence file, without its chart and without any log to ask: what `evidence --check` asks for. */
const REKOR_EVIDENCE = {
  name: 'rekor-evidence',
  checks: {
    'entry-kind': entryKind,
    'entry-id': entryId,
    'log-key': logKey,
    'inclusion-promise': inclusionPromise,
    checkpoint,
    'inclusion-proof': inclusionProof,
    'signer-key': signerKeyInEntry,
    'log-time': ownLogTime,
  },
} as const;

/** The checks of a chart that cannot be made of its evidence alone. */
export const NOT_MADE_ALONE: readonly CheckId[] = CHECK_IDS.filter(
  (id) => !idsOf(REKOR_EVIDENCE.checks).some((made) => made === id),
);

/** What an entry that was kept comes to by itself. */
export interface KeptEntry {
  readonly entry: LoggedEntry;
  /** Of the archive that it is for; undefined: it is no helm entry. */
  readonly sha256: Sha256 | undefined;
  /** As the entry's own copy of the certificate tells it. */
  readonly signer: Signer | undefined;
  readonly report: Proven<'rekor-evidence'> | Refuted<'rekor-evidence'>;
}

/** Judges an entry of an evidence file by itself, at the time `now`. */
export async function judgeKept(entry: LoggedEntry, log: TrustedLog, now: number): Promise<KeptEntry> {
  const evidence = { entry, asked: [entry.id.text], answeredAt: undefined, log, now };
  const { checks, facts } = await makeChecks(REKOR_EVIDENCE.checks, evidence);
  return {
    entry,
    sha256: facts['entry-kind']?.sha256,
    signer: facts['signer-key'],
    report: reportOn(REKOR_EVIDENCE, checks),
  };
}

async function checkSignerKeyInEntry(
  { entry: { time } }: KeptEvidence,
  { 'entry-kind': helm }: Pick<Facts, 'entry-kind'>,
): Promise<CheckResult<Signer>> {
  const signature = readSignature(helm.signatureBytes);
  const holders = helm.certificates.flatMap((certificate) =>
    keysOf(certificate)
      .filter((key) => isIssuedBy(signature, key))
      .map(({ fingerprint }) => ({ certificate, fingerprint })),
  );
  const [first, ...others] = holders;
  if (first === undefined)
    return failed('the entry does not hold the key that its signature names', {
      expected: signature.issuerFingerprint ?? signature.issuerKeyId ?? 'a key',
      found: `${helm.certificates.length} others`,
    });
  // A revocation that only another copy in the entry holds counts as well.
  const copies = others.map(({ certificate }) => certificate);
  const whole = await withRevocationsOf(first.certificate, copies, []);
  const signer = await assessCertificate(whole, first.fingerprint, []);
  const judged = judgeSignerAt(signer, time.integratedTime);
  const when = formatTime(time.integratedTime);
  return judged.ok
    ? passed(`the key that the signature names was good at ${when}`, signer)
    : { ...notGood(`at the integrated time ${when}`, judged), fact: signer };
}
