import { formatTime } from '../encoding.ts';
import type { FoundEntry } from '../verification/found-entry.ts';
import { lines } from './chart-text.ts';

/**
 * The text of a search that found something. Its lines "Rekor Server" and "Rekor UUID" are those of the Go plugin.
 * @param against what the entries were checked against, in words
 */
export function searchText(found: readonly FoundEntry[], server: string, against: string): string {
  return lines([
    'The Following Records were Found',
    '',
    `Rekor Server: ${server}`,
    ...found.flatMap((each) => entryLines(each, against)),
  ]);
}

function entryLines({ entry, helm, checks }: FoundEntry, against: string): string[] {
  const failure = checks?.find(({ outcome }) => outcome === 'failed');
  const proofs =
    checks === undefined
      ? `not checked: ${against}`
      : failure === undefined
        ? `checked against ${against}`
        : `do not hold: ${failure.id}: ${failure.detail}`;
  return [
    `Rekor UUID: ${entry.id.text}`,
    `  Log Index: ${entry.logIndex}`,
    `  Logged At: ${formatTime(entry.integratedTime)}`,
    ...(helm === undefined ? ['  Kind: not a helm entry'] : [`  Archive: sha256:${helm.sha256}`]),
    ...(helm?.signers ?? []).flatMap(({ fingerprint, userIds }) => [
      `  Fingerprint: ${fingerprint.toUpperCase()}`,
      ...userIds.map((userId) => `  Signed By: ${userId}`),
    ]),
    `  Proofs: ${proofs}`,
  ];
}
