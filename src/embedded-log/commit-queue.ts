/**
 * Gathers items to commit. All items that come during a commit share the next commit and its fsync. An item
 * that comes twice is committed once.
 */
export class CommitQueue<T> {
  private waiting = new Map<string, Waiting<T>>();
  /** The items of the commit that is under way. */
  private committing = new Map<string, Waiting<T>>();
  private running: Promise<void> | undefined;

  /** @param commit makes all of the items durable, or fails and makes none */
  constructor(private readonly commit: (items: readonly T[]) => Promise<void>) {}

  /**
   * Fulfilled when the item with this name is committed: true if this call added it, false if an earlier one
   * did.
   * @throws the error of the commit
   */
  async add(name: string, item: T): Promise<boolean> {
    const same = this.waiting.get(name) ?? this.committing.get(name);
    if (same !== undefined) {
      await same.done;
      return false;
    }
    const added = new Waiting(item);
    this.waiting.set(name, added);
    this.running ??= this.run();
    await added.done;
    return true;
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
        await this.commit(batch.map(({ item }) => item));
        for (const { resolve } of batch) resolve();
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
      this.committing = new Map();
    }
    this.running = undefined;
  }
}

class Waiting<T> {
  resolve!: () => void;
  reject!: (error: unknown) => void;
  readonly done: Promise<void>;

  constructor(readonly item: T) {
    this.done = new Promise<void>((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
  }
}
