import { formatTime } from '../encoding.ts';
import type { Diagnosis } from '../errors.ts';
import type { Check } from '../verification/checks.ts';
import type { FoundEntries } from '../verification/found-entries.ts';
import type { FoundEntry } from '../verification/found-entry.ts';
import { rejection } from './diagnosis.ts';

/** Entries that a search found. */
export interface SearchResult {
  readonly shown: readonly FoundEntry[];
  /** How many more there are. */
  readonly notShown: number;
  /** How many answers could not be read as entries. */
  readonly unreadable: number;
}

/**
 * The text of a search that found something. Its lines "Rekor Server" and "Rekor UUID" are those of the Go plugin.
 * @param against what the entries were checked against, in words
 */
export function searchText(
  { shown, notShown, unreadable }: SearchResult,
  server: string,
  against: string,
): string[] {
  return [
    'The Following Records were Found',
    '',
    `Rekor Server: ${server}`,
    ...shown.flatMap((each) => entryLines(each, against)),
    ...(notShown > 0 ? [`Entries Not Shown: ${notShown}`] : []),
    ...(unreadable > 0 ? [`Entries Not Readable: ${unreadable}`] : []),
  ];
}

/**
 * Why a search is rejected: the log contradicts its history, or no entry holds. Undefined: it is not
 * rejected.
 */
export function searchDiagnosis(
  { found, conflict }: { readonly found: FoundEntries; readonly conflict: Check | undefined },
  about: string,
  server: string,
): Diagnosis | undefined {
  if (conflict !== undefined) return rejection(conflict, `the search for ${about}`);
  if (found.isAnyProven) return undefined;
  const { failure } = found;
  const reason = failure === undefined ? '' : `: ${failure.id}: ${failure.detail}`;
  return { code: 'REJECTED', message: `no entry that ${server} returned for ${about} holds${reason}` };
}

function entryLines({ entry, helm, signature, unread, report }: FoundEntry, against: string): string[] {
  return [
    `Rekor UUID: ${entry.id.text}`,
    `  Log Index: ${entry.time.logIndex}`,
    `  Logged At: ${formatTime(entry.time.integratedTime)}`,
    ...(signature ? signatureLines(signature) : []),
    ...((signature ?? helm) ? [] : [unreadLine(unread)]),
    ...(helm ? [`  Archive: sha256:${helm.sha256}`] : []),
    ...(helm?.signers ?? []).flatMap(({ fingerprint, userIds, userIdsNotShown }) => [
      `  Fingerprint: ${fingerprint.toUpperCase()}`,
      ...userIds.map((userId) => `  Signed By: ${userId}`),
      ...(userIdsNotShown > 0 ? [`  User IDs Not Shown: ${userIdsNotShown}`] : []),
    ]),
    ...(helm !== undefined && helm.signersNotShown > 0
      ? [`  Signers Not Shown: ${helm.signersNotShown}`]
      : []),
    `  Proofs: ${proofsInWords(report, against)}`,
  ];
}

function proofsInWords(report: FoundEntry['report'], against: string): string {
  switch (report.kind) {
    case 'proven':
      return `checked against ${against}`;
    case 'refuted':
      return `do not hold: ${report.failure.id}: ${report.failure.detail}`;
    case 'unchecked':
      return `not checked: ${against}`;
  }
}

function signatureLines({ kind, signed, signer }: NonNullable<FoundEntry['signature']>): string[] {
  const { keyId, certificate } = signer;
  return [
    `  Kind: ${kind}`,
    `  ${signed.kind === 'digest' ? 'Digest' : 'Payload'}: ${signed.algorithm}:${signed.hex}`,
    ...(certificate
      ? [
          `  Signed By: ${certificate.identity} (issuer ${certificate.issuer}; as a certificate says, whose issuer was not checked)`,
        ]
      : []),
    `  Public Key: sha256:${keyId}`,
  ];
}

function unreadLine(unread: number | undefined): string {
  return unread === undefined ? '  Kind: not a helm entry' : `  Not Read: an entry of ${unread} bytes`;
}
