import { formatTime } from '../encoding.ts';
import type { KeyLifetime, Signer } from './key-lifetime.ts';

/**
 * Whether the key may sign, and was neither expired nor revoked at this time (seconds since 1970); for a subkey
 * the same of its primary key. A key revoked as compromised, or without a reason, never was good.
 */
export function judgeSignerAt(
  signer: Signer,
  time: number,
): { readonly ok: true } | ({ readonly ok: false } & Fault) {
  const faults = [
    ...(signer.maySign
      ? []
      : [{ reason: `the key flags of ${signer.signingFingerprint} do not allow it to sign` }]),
    ...[signer.primary, signer.signing].flatMap((key) => faultsOf(key, time)),
  ];
  const [fault] = faults;
  return fault === undefined ? { ok: true } : { ok: false, ...fault };
}

/** Why a key was not good, and what its user can do about it. */
interface Fault {
  readonly reason: string;
  readonly hint?: string;
}

function faultsOf({ fingerprint, created, expires, revocations }: KeyLifetime, time: number): Fault[] {
  const fatal = revocations.filter(({ hard, at }) => hard || time >= at);
  return [
    ...fatal.map(({ reason }) => ({ reason: `the key ${fingerprint} was revoked ${reason}` })),
    ...(expires !== undefined && time >= expires
      ? [
          {
            reason: `the key ${fingerprint} expired on ${formatTime(expires)}, before ${formatTime(time)}`,
            hint: PROLONGED,
          },
        ]
      : []),
    ...(time < created
      ? [
          {
            reason: `the key ${fingerprint} was created on ${formatTime(created)}, after ${formatTime(time)}`,
          },
        ]
      : []),
  ];
}

/** By far the most common cause: in an old copy of a key, the key expires earlier. */
const PROLONGED =
  "the key may have been prolonged since: name its publisher's present copy with --public-key, or, where GnuPG keeps the key, run gpg --refresh-keys";
