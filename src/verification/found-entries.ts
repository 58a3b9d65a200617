import type { Check } from './checks.ts';
import type { FoundEntry } from './found-entry.ts';

/** More entries are counted and not shown: anybody may log thousands. */
const MAX_ENTRIES = 500;
/** Characters of the names of signers, in all entries together, beyond the first name in each. */
const MAX_NAMES = 32_768;

type Helm = NonNullable<FoundEntry['helm']>;

/**
 * The entries that a search found. If there are too many, proven ones are kept before others, then those with
 * one signer before others, then those that were logged first.
 */
export class FoundEntries {
  #kept: FoundEntry[] = [];
  #count = 0;
  #isAnyProven = false;
  #failure: Check | undefined;

  /** How many were found. */
  get count(): number {
    return this.#count;
  }

  /** Whether the log proved that it has one of them. */
  get isAnyProven(): boolean {
    return this.#isAnyProven;
  }

  /** The first check that failed. */
  get failure(): Check | undefined {
    return this.#failure;
  }

  add(found: FoundEntry): void {
    this.#count++;
    const { report } = found;
    this.#isAnyProven ||= report.kind === 'proven';
    if (report.kind === 'refuted') this.#failure ??= report.failure;
    this.#kept.push(found);
    if (this.#kept.length >= 2 * MAX_ENTRIES) this.#keepBest();
  }

  /** Those to be shown, in the order of the log. */
  shown(): FoundEntry[] {
    this.#keepBest();
    let room = MAX_NAMES;
    return this.#kept.toSorted(byIndex).map((found) => {
      if (found.helm === undefined) return found;
      const helm = shortened(found.helm, room);
      room -= lengthOf(helm) - lengthOf(shortened(found.helm, 0));
      return { ...found, helm };
    });
  }

  #keepBest(): void {
    this.#kept.sort((a, b) => weight(a) - weight(b) || byIndex(a, b));
    this.#kept.length = Math.min(this.#kept.length, MAX_ENTRIES);
  }
}

function byIndex({ entry: a }: FoundEntry, { entry: b }: FoundEntry): number {
  return a.time.logIndex - b.time.logIndex;
}

function weight({ helm, signature, report }: FoundEntry): number {
  if (signature !== undefined) return report.kind === 'proven' ? 0 : 2;
  const isLong = helm === undefined || helm.signers.length !== 1 || helm.signersNotShown > 0;
  return (report.kind === 'proven' ? 0 : 2) + (isLong ? 1 : 0);
}

/** The first signer with the first user ID, and of the others as many as there is room for. */
function shortened({ sha256, signers, signersNotShown }: Helm, room: number): Helm {
  let left = room;
  const shown = signers.flatMap(({ fingerprint, userIds, userIdsNotShown }, at) => {
    if (at > 0 && (left -= fingerprint.length) < 0) return [];
    const named = userIds.filter((userId, place) => place + at === 0 || (left -= userId.length) >= 0);
    return [
      { fingerprint, userIds: named, userIdsNotShown: userIdsNotShown + userIds.length - named.length },
    ];
  });
  return { sha256, signers: shown, signersNotShown: signersNotShown + signers.length - shown.length };
}

function lengthOf({ signers }: Helm): number {
  const lengths = signers.map(({ fingerprint, userIds }) => fingerprint.length + userIds.join('').length);
  return lengths.reduce((sum, length) => sum + length, 0);
}
