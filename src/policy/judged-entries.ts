import { outcomeOf } from '../verification/checks.ts';
import type { EntryReport } from '../verification/entry-report.ts';
import { isEarlier, isPreferred } from './preference.ts';
import type { Requirements } from './requirements.ts';

/** An entry for the same archive that is not of this provenance, or does not hold. */
export interface OtherEntry {
  readonly uuid: string;
  /** Absent where the entry could not even be read. */
  readonly logIndex?: number;
  readonly reason: string;
}

/** So many of the others are named, and the rest counted: anybody may log thousands. */
const MAX_NAMED = 10;

/** The entries that came up for one chart. Only the one that counts is kept as a whole. */
export class JudgedEntries {
  readonly #requirements: Requirements;
  readonly #named: OtherEntry[] = [];
  #unnamed = 0;
  #best: EntryReport | undefined;
  #isProven = false;

  constructor(requirements: Requirements) {
    this.#requirements = requirements;
  }

  /** The entry that the report on the chart is about. */
  get best(): EntryReport | undefined {
    return this.#best;
  }

  /** Whether one of them proves the chart, so that no further entry need be asked for. */
  get isProven(): boolean {
    return this.#isProven;
  }

  /** All but the one that counts, as far as they are named. */
  get others(): readonly OtherEntry[] {
    return this.#named;
  }

  /** How many more others there are. */
  get othersNotShown(): number {
    return this.#unnamed;
  }

  /** Takes an entry that is the chart's to judge. */
  add(report: EntryReport): void {
    this.#isProven ||= report.kind === 'proven';
    const best = this.#best;
    if (best === undefined) {
      this.#best = report;
      return;
    }
    const isBetter = isPreferred(report, best, this.#requirements);
    const [winner, loser] = isBetter ? [report, best] : [best, report];
    this.#best = winner;
    this.addOther(otherEntry(loser, winner));
  }

  /** Takes an entry that has nothing to do with the chart. */
  addOther(other: OtherEntry): void {
    // The log may return an entry twice: as a predicted one, and from its index.
    const best = this.#best?.entry.id.text;
    const isBest = ({ uuid }: OtherEntry) => best !== undefined && isSameEntry(uuid, best);
    const at = this.#named.findIndex(isBest);
    if (at >= 0) this.#named.splice(at, 1);
    if (isBest(other) || this.#named.some(({ uuid }) => isSameEntry(uuid, other.uuid))) return;
    if (this.#named.length < MAX_NAMED) this.#named.push(other);
    else this.#unnamed++;
  }
}

/** Whether two UUIDs name one entry: one of them may be a bare leaf hash. What could not be read may have any name. */
function isSameEntry(a: string, b: string): boolean {
  return a === b || (a.length === 64 && b.endsWith(a)) || (b.length === 64 && a.endsWith(b));
}

function otherEntry(loser: EntryReport, winner: EntryReport): OtherEntry {
  const { entry } = loser;
  return { uuid: entry.id.text, logIndex: entry.time.logIndex, reason: whyNot(loser, winner) };
}

function whyNot(loser: EntryReport, winner: EntryReport): string {
  if (loser.kind === 'refuted') return `${loser.failure.id}: ${loser.failure.detail}`;
  if (outcomeOf('consistency', winner.checks) === 'failed')
    return 'holds by itself, and its log contradicts itself';
  return isEarlier(loser, winner)
    ? 'verifies as well, but for consistency, which was required'
    : 'verifies as well, and was logged later';
}
