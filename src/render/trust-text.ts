import { formatTime } from '../encoding.ts';
import type { LogKey } from '../tlog/log-key.ts';
import type { TrustedLog } from '../trust/trusted-log.ts';

/**
 * The trusted keys of a log, and why they are trusted.
 * @param copy path of the refreshed copy of Sigstore's trusted root; undefined: there is none
 * @param now seconds since 1970
 */
export function trustText(
  { url, keys, source }: TrustedLog,
  copy: string | undefined,
  now: number,
): string[] {
  return [
    `Rekor Server: ${url}`,
    `Trusted By: ${source.detail}`,
    ...(source.root ? [`Age: ${days(now - source.root.asOf)}`] : []),
    ...(copy === undefined ? [] : [`Copy: ${copy}`]),
    ...keys.flatMap((key) => [
      '',
      `Log ID: ${key.logId}`,
      `  Algorithm: ${algorithmOf(key)}`,
      `  Valid: ${validityOf(key)}`,
    ]),
  ];
}

/** The trusted keys of a log, as members of JSON. */
export function logKeyMembers(keys: readonly LogKey[]): Record<string, unknown>[] {
  return keys.map((key) => ({
    logId: key.logId,
    algorithm: algorithmOf(key),
    ...(key.validFrom !== undefined && { validFrom: formatTime(key.validFrom) }),
    ...(key.validUntil !== undefined && { validUntil: formatTime(key.validUntil) }),
  }));
}

function algorithmOf({ publicKey }: LogKey): string {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = publicKey;
  if (type === 'ed25519') return 'Ed25519';
  if (type === 'rsa') return `RSA ${details?.modulusLength ?? ''}`;
  return details?.namedCurve === 'secp384r1' ? 'ECDSA P-384' : 'ECDSA P-256';
}

function validityOf({ validFrom, validUntil }: LogKey): string {
  const from = validFrom === undefined ? 'always' : `from ${formatTime(validFrom)}`;
  return validUntil === undefined ? from : `${from} until ${formatTime(validUntil)}`;
}

function days(seconds: number): string {
  const count = Math.floor(seconds / 86_400);
  return count === 1 ? '1 day' : `${count} days`;
}
