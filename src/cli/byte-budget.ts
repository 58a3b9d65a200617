/**
 * Bounds the bytes that are in work at a time. Work that needs more than is left waits. Work that alone needs
 * more than the whole budget starts when nothing else is in work. Order of arrival counts, so nothing waits
 * for ever.
 */
export class ByteBudget {
  #left: number;
  readonly #all: number;
  readonly #waiting: { readonly bytes: number; readonly start: () => void }[] = [];

  constructor(bytes: number) {
    this.#all = bytes;
    this.#left = bytes;
  }

  /** Waits for room, does the work, and gives the room back. */
  async spend<Result>(bytes: number, work: () => Promise<Result>): Promise<Result> {
    const taken = Math.min(bytes, this.#all);
    if (this.#waiting.length > 0 || taken > this.#left)
      await new Promise<void>((start) => this.#waiting.push({ bytes: taken, start }));
    else this.#left -= taken;
    try {
      return await work();
    } finally {
      this.#left += taken;
      this.#admit();
    }
  }

  #admit(): void {
    for (
      let [first] = this.#waiting;
      first !== undefined && first.bytes <= this.#left;
      [first] = this.#waiting
    ) {
      this.#waiting.shift();
      this.#left -= first.bytes;
      first.start();
    }
  }
}
