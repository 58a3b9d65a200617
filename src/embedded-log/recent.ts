/** What was used lately, by a name; what was not used for the longest time is forgotten. */
export class Recent<T> {
  private readonly values = new Map<string, T>();

  /** @param most how many are kept */
  constructor(private readonly most: number) {}

  /** The value of this name, made when it is not there. Nothing is kept of a `make` that throws. */
  get(name: string, make: () => T): T {
    const known = this.values.get(name);
    const value = known ?? make();
    this.values.delete(name);
    this.values.set(name, value);
    const [oldest] = this.values.keys();
    if (this.values.size > this.most && oldest !== undefined) this.values.delete(oldest);
    return value;
  }

  /** Forgets all. */
  clear(): void {
    this.values.clear();
  }
}
