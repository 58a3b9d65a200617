import { worstStatus, type ExitStatus } from './exit-status.ts';

/** The kinds of result, as the JSON output names them. */
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

/** The words for results, for people. */
export interface GoodWords {
  /** Such as "verified". */
  readonly good: string;
  /** For good charts that needed no work, such as "already there"; absent where there cannot be any. */
  readonly wasThere?: string;
  /** For charts that the log refused or did not answer for; "not checked" by default. */
  readonly unchecked?: string;
}

/** How many charts had which result. Of results that were shown, only this is kept. */
export class ChartCounts {
  readonly #counts: Record<Kind, number> = {
    good: 0,
    rejected: 0,
    notFound: 0,
    unreadable: 0,
    notChecked: 0,
    failed: 0,
  };
  #wereThere = 0;
  #worst: ExitStatus = 0;

  constructor(private readonly words: GoodWords) {}

  /** Counts a chart with this status. @param wasThere whether it is good, and nothing had to be done */
  add(status: ExitStatus, wasThere = false): void {
    this.#counts[KIND[status]] += 1;
    if (wasThere) this.#wereThere += 1;
    this.#worst = worstStatus([this.#worst, status]);
  }

  /** The status of the worst chart. */
  get worst(): ExitStatus {
    return this.#worst;
  }

  /** For JSON; `exists` are those of `good` that were there already. */
  get members(): Readonly<Record<string, number>> {
    return { ...this.#counts, ...(this.words.wasThere !== undefined && { exists: this.#wereThere }) };
  }

  /** For people: `7 verified, 1 rejected`. */
  get inWords(): string {
    const { good, ...others } = this.#counts;
    const { good: goodWord, wasThere = '', unchecked = 'not checked' } = this.words;
    const words: Record<Exclude<Kind, 'good'>, string> = {
      rejected: 'rejected',
      notFound: 'not found',
      unreadable: 'unreadable',
      notChecked: unchecked,
      failed: 'failed',
    };
    return [
      [good - this.#wereThere, goodWord] as const,
      [this.#wereThere, wasThere] as const,
      ...(Object.keys(words) as (keyof typeof words)[]).map((kind) => [others[kind], words[kind]] as const),
    ]
      .filter(([count]) => count > 0)
      .map(([count, word]) => `${count} ${word}`)
      .join(', ');
  }
}
