/** What a world of tests has started: it ends in the opposite order, also if starting the rest fails. */
export class Started {
  readonly #ends: (() => Promise<unknown>)[] = [];

  /** Starts things one after the other; if one of them fails, those before it end. @throws the error of `start` */
  static async whole<World>(start: (started: Started) => Promise<World>): Promise<World> {
    const started = new Started();
    try {
      return await start(started);
    } catch (error) {
      await started.end();
      throw error;
    }
  }

  /** Waits for what starts, and remembers how it ends. */
  async add<Thing>(starting: Thing | Promise<Thing>, end: (thing: Thing) => unknown): Promise<Thing> {
    const thing = await starting;
    this.#ends.push(async () => await end(thing));
    return thing;
  }

  /** Ends all, also if one of them fails. @throws the first error, when all have ended */
  async end(): Promise<void> {
    const errors: unknown[] = [];
    for (let end = this.#ends.pop(); end !== undefined; end = this.#ends.pop())
      await end().catch((error: unknown) => errors.push(error));
    if (errors.length > 0) throw errors[0];
  }
}
