import { worstStatus, type ExitStatus } from './exit-status.ts';

/** What can come of a chart, in the words of JSON. */
type Kind = 'good' | 'rejected' | 'notFound' | 'unreadable' | 'notChecked' | 'failed';

const KIND: Record<ExitStatus, Kind> = {
  0: 'good',
  10: 'rejected',
  4: 'notFound',
  3: 'unreadable',
  5: 'notChecked',
  2: 'failed',
  1: 'failed',
};

/** How many charts came to what: all that is kept of a result that was shown. */
export class ChartCounts {
  readonly #counts: Record<Kind, number> = {
    good: 0,
    rejected: 0,
    notFound: 0,
    unreadable: 0,
    notChecked: 0,
    failed: 0,
  };
  #worst: ExitStatus = 0;

  /** Counts a chart that came to this status. */
  add(status: ExitStatus): void {
    this.#counts[KIND[status]] += 1;
    this.#worst = worstStatus([this.#worst, status]);
  }

  /** The status of the worst chart. */
  get worst(): ExitStatus {
    return this.#worst;
  }

  /** For JSON. */
  get members(): Readonly<Record<Kind, number>> {
    return { ...this.#counts };
  }

  /** For people: `7 verified, 1 rejected`. @param good what is said of good charts, such as "verified" */
  inWords(good: string): string {
    const words: Record<Kind, string> = {
      good,
      rejected: 'rejected',
      notFound: 'not found',
      unreadable: 'unreadable',
      notChecked: 'not checked',
      failed: 'failed',
    };
    return (Object.keys(words) as Kind[])
      .filter((kind) => this.#counts[kind] > 0)
      .map((kind) => `${this.#counts[kind]} ${words[kind]}`)
      .join(', ');
  }
}
