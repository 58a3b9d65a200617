import { encodeUtf8 } from '../encoding.ts';
import { emailOf, type Certificate } from '../openpgp/certificate.ts';
import { minimiseCertificate } from '../openpgp/minimise.ts';
import { serializeCertificate } from '../openpgp/whole-certificate.ts';
import { pemOf } from '../pem.ts';
import type { SearchQuery } from '../rekor/search-query.ts';
import type { WatchedSigners } from './watched.ts';

/** What an index is asked for, and whom it cannot be asked for. */
export interface IndexQueries {
  readonly queries: readonly SearchQuery[];
  /** In the words in which they are watched for. */
  readonly unasked: readonly string[];
}

/**
 * What the index of a log of Rekor v1 is asked for. It knows keys by the very bytes that were logged of them, so those of OpenPGP
 * are looked for by all addresses in them as well; it knows nothing of patterns.
 * @param now seconds since 1970
 */
export function indexQueries(watched: WatchedSigners, now: number): IndexQueries {
  const emails = new Set(watched.emails);
  const subjects = new Set<string>();
  const unasked: string[] = [];
  for (const { words } of watched.identities) {
    if (words.includes('*')) unasked.push(`identity ${words}`);
    else if (/^[^/:]+@/.test(words)) emails.add(words.toLowerCase());
    else subjects.add(words);
  }
  const forms: Uint8Array[] = [];
  for (const certificate of watched.certificates) {
    for (const { text } of certificate.userIds) {
      const email = emailOf(text);
      if (email !== undefined) emails.add(email.toLowerCase());
    }
    forms.push(...formsOf(certificate, now));
  }
  return {
    queries: [
      ...[...emails].map((email) => ({ email })),
      ...[...subjects].map((subject) => ({ subject })),
      ...forms.map((publicKey) => ({ publicKey })),
      ...watched.keys.map((der) => ({ x509: encodeUtf8(pemOf(der, 'PUBLIC KEY')) })),
    ],
    unasked,
  };
}

/** The forms in which a certificate may have been logged: whole, and the least of it for each key that may sign. */
function formsOf(certificate: Certificate, now: number): Uint8Array[] {
  const { primary, subkeys } = certificate;
  const least = [primary, ...subkeys.map(({ key }) => key)].flatMap(({ fingerprint }) => {
    const minimised = minimiseCertificate(certificate, { created: now }, fingerprint);
    return 'bytes' in minimised ? [minimised.bytes] : [];
  });
  return [serializeCertificate(certificate), ...least];
}
