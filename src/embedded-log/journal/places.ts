/** The places of records in a file. Plain numbers take a fifth of the memory of an object for each place. */
export class Places {
  private readonly numbers: number[] = [];

  /** @param length in bytes, without the newline, as is `offset` */
  add(offset: number, length: number): void {
    this.numbers.push(offset, length);
  }

  /** Offset and length of the record that was added as the one with this number, from 0. */
  at(index: number): readonly [offset: number, length: number] | undefined {
    const [offset, length] = [this.numbers[2 * index], this.numbers[2 * index + 1]];
    return offset === undefined || length === undefined ? undefined : [offset, length];
  }

  get count(): number {
    return this.numbers.length / 2;
  }

  /** Forgets all but the first. */
  truncate(count: number): void {
    this.numbers.length = 2 * count;
  }

  /** Forgets the first so many, and moves the others so many bytes towards the start. */
  shift(count: number, bytes: number): void {
    this.numbers.splice(0, 2 * count);
    for (let at = 0; at < this.numbers.length; at += 2) this.numbers[at] = (this.numbers[at] ?? 0) - bytes;
  }
}
