/** What was used lately, by a name; what was not used for the longest time is forgotten. */
export class Recent<T, N = string> {
  private readonly values = new Map<N, T>();
  private sum = 0;

  /**
   * @param most how much is kept
   * @param sizeOf how much of that a value takes, always the same; by default each counts as one
   */
  constructor(
    private readonly most: number,
    private readonly sizeOf: (value: T) => number = () => 1,
  ) {}

  /** The value of this name, made when it is not there. Nothing is kept of a `make` that throws. */
  get(name: N, make: () => T): T {
    const known = this.find(name);
    if (known !== undefined) return known;
    const value = make();
    this.keep(name, value);
    return value;
  }

  /** The value of this name, if it is there. */
  find(name: N): T | undefined {
    const known = this.values.get(name);
    if (known === undefined) return undefined;
    this.values.delete(name);
    this.values.set(name, known);
    return known;
  }

  /** Keeps a value, in place of the one that has its name, unless it takes more than all may together. */
  keep(name: N, value: T): void {
    this.forget(name);
    const size = this.sizeOf(value);
    if (size > this.most) return;
    this.values.set(name, value);
    this.sum += size;
    for (const oldest of this.values.keys()) {
      if (this.sum <= this.most) break;
      this.forget(oldest);
    }
  }

  private forget(name: N): void {
    const value = this.values.get(name);
    if (value === undefined || !this.values.delete(name)) return;
    this.sum -= this.sizeOf(value);
  }
}
