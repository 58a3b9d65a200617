import type { Position } from './policy-error.ts';

/** Finds the line and the column of any offset in a text. */
export class TextPositions {
  readonly #text: string;
  /** Where each line begins. */
  readonly #lines: number[] = [0];
  /** The last offset that was asked for, and its column: the next one on its line is counted from there. */
  #counted = { offset: 0, column: 1 };

  constructor(text: string) {
    this.#text = text;
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) this.#lines.push(at + 1);
  }

  /** @param offset in UTF-16 units, as JavaScript counts */
  at(offset: number): Position {
    let [low, high] = [0, this.#lines.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((this.#lines[middle] ?? 0) <= offset) low = middle;
      else high = middle;
    }
    return { line: low + 1, column: this.#columnAt(this.#lines[low] ?? 0, offset) };
  }

  #columnAt(line: number, offset: number): number {
    const isBehind = line <= this.#counted.offset && this.#counted.offset <= offset;
    const { offset: from, column } = isBehind ? this.#counted : { offset: line, column: 1 };
    let characters = 0;
    for (const character of this.#text.slice(from, offset))
      // A byte order mark is no character that an editor shows.
      if (character !== '\ufeff') characters++;
    this.#counted = { offset, column: column + characters };
    return this.#counted.column;
  }
}
