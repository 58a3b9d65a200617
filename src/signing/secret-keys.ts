/** A secret key that gpg has, with what belongs to it. */
export interface SecretCertificate {
  readonly primary: SecretKey;
  readonly subkeys: readonly SecretKey[];
  /** As the owner wrote them; the first is the primary one. */
  readonly userIds: readonly string[];
}

/** A key of which gpg has the secret part, as its listing shows it. */
export interface SecretKey {
  /** In lower-case hexadecimal. */
  readonly fingerprint: string;
  /** Seconds since 1970. */
  readonly created: number;
  /** Whether its key flags allow it to sign data. */
  readonly maySign: boolean;
  /** Whether gpg neither takes it for expired, revoked or invalid, nor lacks its secret part. */
  readonly isUsable: boolean;
}

/**
 * The secret keys in what `gpg --with-colons --list-secret-keys` prints, in its order. GnuPG, doc/DETAILS.
 * What is no record of a key is skipped.
 */
export function parseSecretKeys(listing: string): SecretCertificate[] {
  const found: { keys: SecretKey[]; userIds: string[] }[] = [];
  let key: Omit<SecretKey, 'fingerprint'> | undefined;
  for (const line of listing.split('\n')) {
    const fields = line.split(':');
    const [type] = fields;
    if (type === 'sec') found.push({ keys: [], userIds: [] });
    if (type === 'sec' || type === 'ssb') key = keyIn(fields);
    else if (type === 'fpr' && key !== undefined) {
      found.at(-1)?.keys.push({ ...key, fingerprint: (fields[9] ?? '').toLowerCase() });
      key = undefined;
    } else if (type === 'uid') found.at(-1)?.userIds.push(unescaped(fields[9] ?? ''));
  }
  return found.flatMap(({ keys: [primary, ...subkeys], userIds }) =>
    primary === undefined ? [] : [{ primary, subkeys, userIds }],
  );
}

function keyIn(fields: readonly string[]): Omit<SecretKey, 'fingerprint'> {
  const [, validity = ''] = fields;
  const [created = '', capabilities = '', secret = ''] = [fields[5], fields[11], fields[14]];
  return {
    created: Number(created) || 0,
    // A capital is about the certificate as a whole; D says that it was disabled.
    maySign: capabilities.includes('s'),
    isUsable: !/^[dreni]/.test(validity) && !capabilities.includes('D') && !secret.startsWith('#'),
  };
}

/** As in C: `\x3a` for a colon. */
function unescaped(text: string): string {
  const bytes = Buffer.from(text).toString('latin1');
  const plain = bytes.replace(/\\x([0-9a-fA-F]{2})/g, (_, hex: string) =>
    String.fromCharCode(parseInt(hex, 16)),
  );
  return Buffer.from(plain, 'latin1').toString();
}
