import { join } from 'node:path';
import { messageOf } from '../../errors.ts';

/** Something that is wrong in the directory of a log. */
export interface Damage {
  /** Its path in the directory. */
  readonly file: string;
  readonly problem: string;
}

/** What errors about a damaged file say behind its name: see `damage.ts`. */
const IS_DAMAGED = ' is damaged: ';
/** More than anybody reads; the others are counted. */
const KEPT = 200;

/** What is wrong in the directory of a log. */
export class Damages {
  private readonly kept: Damage[] = [];
  private readonly known = new Set<string>();
  private sum = 0;

  /** @param home the directory, which is left out of what is said */
  constructor(private readonly home: string) {}

  add(file: string, problem: string): void {
    const name = `${file}: ${problem}`;
    if (this.known.has(name)) return;
    this.sum++;
    if (this.kept.length === KEPT) return;
    this.known.add(name);
    this.kept.push({ file, problem });
  }

  /** Notes what code threw that reads this file. The error may be of another one, which it names. */
  addError(file: string, error: unknown): void {
    const said = messageOf(error).replaceAll(`${this.home}/`, '');
    const middle = said.indexOf(IS_DAMAGED);
    if (middle < 0) this.add(file, said.startsWith(`${file} `) ? said.slice(file.length + 1) : said);
    else this.add(said.slice(0, middle), said.slice(middle + IS_DAMAGED.length));
  }

  /** Takes what was found in a directory below this one. */
  include(place: string, other: Damages): void {
    for (const { file, problem } of other.kept) this.add(join(place, file), problem);
    this.sum += other.sum - other.kept.length;
  }

  /** The first of them, in the order in which they were found. */
  get list(): readonly Damage[] {
    return this.kept;
  }

  get count(): number {
    return this.sum;
  }
}
