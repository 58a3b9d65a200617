/**
 * Gathers items to commit. All items that come during a commit share the next commit and its fsync. An item
 * that comes twice is committed once.
 */
export class CommitQueue<T, R> {
  private waiting = new Map<string, Waiting<T, R>>();
  /** The items of the commit that is under way. */
  private committing = new Map<string, Waiting<T, R>>();
  private running: Promise<void> | undefined;

  /** @param commit makes all of the items durable, and returns what became of each; or fails and makes none */
  constructor(private readonly commit: (items: readonly T[]) => Promise<readonly R[]>) {}

  /**
   * Fulfilled when the item with this name is committed, with what became of it, and whether this call added it or an
   * earlier one did.
   * @throws the error of the commit
   */
  async add(name: string, item: T): Promise<{ readonly result: R; readonly isNew: boolean }> {
    const same = this.waiting.get(name) ?? this.committing.get(name);
    if (same !== undefined) return { result: await same.done, isNew: false };
    const added = new Waiting<T, R>(item);
    this.waiting.set(name, added);
    this.running ??= this.run();
    return { result: await added.done, isNew: true };
  }

  /** Fulfilled when nothing is waiting. */
  async idle(): Promise<void> {
    await this.running;
  }

  private async run(): Promise<void> {
    while (this.waiting.size > 0) {
      // Waits for items that are added in the same turn of the event loop.
      await Promise.resolve();
      this.committing = this.waiting;
      this.waiting = new Map();
      const batch = [...this.committing.values()];
      try {
        const results = await this.commit(batch.map(({ item }) => item));
        batch.forEach(({ resolve }, at) => {
          resolve(results[at] as R);
        });
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
      this.committing = new Map();
    }
    this.running = undefined;
  }
}

class Waiting<T, R> {
  resolve!: (result: R) => void;
  reject!: (error: unknown) => void;
  readonly done: Promise<R>;

  constructor(readonly item: T) {
    this.done = new Promise<R>((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }
}
