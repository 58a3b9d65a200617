import { didPass } from '../evidence/library-verdict.ts';
import { equalBytes, encodeHex, formatTime } from '../encoding.ts';
import { parseSignatureEntry } from '../rekor/signature-entry.ts';
import type { TreeHead } from '../tlog/checkpoint.ts';
import type { TrustedLogKey } from '../trust/sigstore-trust.ts';
import type { BundleEvidence } from './bundle-evidence.ts';
import { failed, passed, skipped, type CheckResult, type Facts } from './checks.ts';
import { isValidAt, judgeCheckpoint, judgeInclusion, judgePromise } from './log-checks.ts';
import { checkLogTime } from './log-time.ts';
import { check } from './make-checks.ts';

/** The checks of the entry of a bundle. The library judges it as well; here it is judged by our own code. */

/** Whether the entry holds the digest, the signature and the verifier of this bundle, and its index is the one of the proof. */
export const bundleEntryBinding = check([], checkBinding);

/** Whether the log ID names a key of the trusted root, valid when the entry is said to have been made: that is the fact. */
export const bundleLogKey = check([], checkKey);

/** Whether the log signed that it took the entry. A Rekor v2 log gives no such promise. */
export const bundlePromise = check(['log-key'], ({ bundle: { entry } }: BundleEvidence, facts) => {
  const { promise, body, logId, logIndex } = entry;
  if (promise === undefined) return skipped('the log gives no promises');
  return judgePromise({ body, logId, logIndex, ...promise }, facts['log-key']);
});

/** Whether the log signed the tree of the proof. */
export const bundleCheckpoint = check(['log-key'], checkHead);

/** Whether the proof leads from the entry to the root of the checkpoint. */
export const bundleProof = check(['log-key'], (evidence: BundleEvidence, facts) => {
  const { proof, body } = evidence.bundle.entry;
  if (proof === undefined) return PROMISE_ONLY;
  // It says something only if the log signed its root.
  const head = checkHead(evidence, facts);
  return head.outcome === 'passed' ? judgeInclusion(body, proof) : skipped('depends on checkpoint');
});

/** When the signature was there: by the log's promise, by a timestamp, or by both. The time is the fact. */
export const signedTime = check(['log-key'], checkTime);

/** Whether that time can be true. */
export const bundleLogTime = check(
  ['signed-time'],
  ({ bundle, certificate, now }: BundleEvidence, { 'signed-time': time }: Pick<Facts, 'signed-time'>) =>
    checkLogTime(
      { integratedTime: time, index: bundle.entry.proof?.index ?? 0 },
      { signed: certificate?.notBefore ?? time, now, sightings: [] },
    ),
);

/** An entry with a promise and without a proof: one has to believe the log that it kept the promise. */
const PROMISE_ONLY = skipped('promise only: the bundle has no proof that the log kept it');

function checkBinding({ bundle, signed, certificate }: BundleEvidence): CheckResult<undefined> {
  const { entry, content, verifier } = bundle;
  const logged = parseSignatureEntry(entry.body, entry);
  const digest = logged.signed.kind === 'payload' ? signed.payloadDigest : signed.digest;
  if (digest === undefined || !equalBytes(logged.signed.value, digest))
    return failed('the entry is for other bytes', {
      expected: digest === undefined ? 'an entry for a file' : encodeHex(digest),
      found: encodeHex(logged.signed.value),
    });
  if (!equalBytes(logged.signature, content.signature))
    return failed('the entry holds another signature than the bundle');
  const isSame =
    verifier.kind === 'certificate'
      ? logged.verifier.kind === 'certificate' && equalBytes(logged.verifier.der, verifier.der)
      : logged.verifier.kind === 'key' &&
        equalBytes(logged.verifier.der, signed.key.export({ format: 'der', type: 'spki' }));
  if (!isSame)
    return failed(`the entry holds another ${certificate ? 'certificate' : 'key'} than the bundle names`);
  const { proof, promise, logIndex } = entry;
  const least = proof?.index ?? 0;
  // A promise signs the index over all trees. Without one, nobody vouches for any other than that of the proof.
  if (promise === undefined ? logIndex !== least : logIndex < least)
    return failed('the index of the entry is not that of the proof', {
      expected: promise === undefined ? `${least}` : `at least ${least}`,
      found: `${logIndex}`,
    });
  return passed(
    `the entry (${entry.kind} ${entry.version}) holds these bytes, this signature and who made it`,
  );
}

function checkKey(evidence: BundleEvidence): CheckResult<TrustedLogKey> {
  const { bundle, trust } = evidence;
  const { logId } = bundle.entry;
  const named = trust.logs.filter((each) => each.logId === logId);
  if (named.length === 0)
    return failed('the log ID names no key of the trusted root', {
      expected: trust.logs.map((each) => each.logId).join(' or ') || 'a log',
      found: logId,
      hint: '--trusted-root names the trusted root of another Sigstore than the public one, if you trust that',
    });
  const time = saidTime(evidence);
  if (time === undefined) return failed('nobody says when the entry was made: no promise, and no timestamp');
  const key = named.find((each) => isValidAt(each, time));
  return key === undefined
    ? failed(`the key of the log was not valid at ${formatTime(time)}`)
    : passed(`the log ID names a key of the trusted root: that of ${key.url}`, key);
}

function checkHead(
  { bundle: { entry } }: BundleEvidence,
  { 'log-key': key }: Pick<Facts, 'log-key'>,
): CheckResult<TreeHead> {
  if (entry.proof === undefined) return PROMISE_ONLY;
  const judged = judgeCheckpoint(entry.proof, key);
  const { origin } = key as TrustedLogKey;
  if (judged.outcome !== 'passed' || origin === undefined || judged.fact.origin === origin) return judged;
  return failed('the checkpoint is of another log', { expected: origin, found: judged.fact.origin });
}

function checkTime(
  evidence: BundleEvidence,
  { 'log-key': key }: Pick<Facts, 'log-key'>,
): CheckResult<number> {
  const { bundle, library } = evidence;
  const { promise, body, logId, logIndex } = bundle.entry;
  if (bundle.timestamps.length > 0 && !didPass(library, 'signed-time'))
    return failed(
      `a timestamp does not hold: ${library.kind === 'disagrees' ? library.reason : 'it is not verified'}`,
    );
  if (promise !== undefined && judgePromise({ body, logId, logIndex, ...promise }, key).outcome !== 'passed')
    return failed('nobody vouches for the integrated time: the promise of the log does not hold');
  const time = saidTime(evidence);
  if (time === undefined || !didPass(library, 'signed-time'))
    return failed('nobody vouches for the time of the signature: there is no promise, and no timestamp');
  const by = promise === undefined ? 'a timestamp authority' : 'the log';
  return passed(`${by} vouches for ${formatTime(time)}`, time);
}

/** The time that counts: the log's own, or the first of the timestamps. Nobody vouches for it yet. */
function saidTime({ bundle, library }: BundleEvidence): number | undefined {
  const { promise } = bundle.entry;
  if (promise !== undefined) return promise.integratedTime;
  return library.timestamps.length === 0 ? undefined : Math.min(...library.timestamps);
}
