/**
 * Admits requests, one in each turn of the event loop, while the work under way fits the capacity; work that
 * is larger is done alone. The request that has waited longest enters first. Then the lightest ones enter,
 * until together they cost as much as that one. So neither many heavy requests nor many light ones can block
 * the others.
 */
export class Gate {
  private free: number;
  private readonly waiting: Waiter[] = [];
  /** What the lightest requests may still cost before the one that has waited longest has its turn. */
  private credit = 0;
  private isTurnDue = false;

  constructor(private readonly capacity: number) {
    this.free = capacity;
  }

  /** Does the work when it is its turn. @throws what the work throws */
  async run<T>(bytes: number, work: () => T | Promise<T>): Promise<T> {
    const cost = Math.max(bytes, SMALLEST);
    const weight = Math.min(cost, this.capacity);
    await new Promise<void>((enter) => {
      this.waiting.push({ cost, weight, enter });
      this.awaitTurn();
    });
    try {
      return await work();
    } finally {
      this.free += weight;
      this.awaitTurn();
    }
  }

  private awaitTurn(): void {
    if (this.isTurnDue || this.waiting.length === 0) return;
    this.isTurnDue = true;
    setImmediate(() => {
      this.isTurnDue = false;
      this.takeTurn();
    });
  }

  private takeTurn(): void {
    const isOldest = this.credit <= 0;
    const next = isOldest ? this.waiting[0] : lightest(this.waiting);
    // If there is no room for it yet, all others wait as well.
    if (next === undefined || next.weight > this.free) return;
    this.waiting.splice(this.waiting.indexOf(next), 1);
    this.credit = isOldest ? next.cost : this.credit - next.cost;
    this.free -= next.weight;
    next.enter();
    this.awaitTurn();
  }
}

/** The least cost in bytes: all smaller requests cost this much, so they enter in order of arrival. */
const SMALLEST = 4096;

interface Waiter {
  readonly cost: number;
  /** The cost, but at most the capacity. */
  readonly weight: number;
  readonly enter: () => void;
}

/** The first of the lightest. */
function lightest(waiting: readonly Waiter[]): Waiter | undefined {
  return waiting.reduce<Waiter | undefined>(
    (found, each) => (found === undefined || each.cost < found.cost ? each : found),
    undefined,
  );
}
