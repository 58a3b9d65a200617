import { runProgram, type Ran, type Surroundings } from '../program.ts';

/** Somebody who runs the program: with a home, keyrings, keys of a log that they believe, and a clock. */
export class User {
  /** Further options of commands that talk to a log. */
  options: string[] = [];
  /** How answers come; as the program thinks best, if it is not said. */
  output: 'json' | 'text' | undefined;
  #now: number | undefined;

  constructor(
    readonly home: string,
    /** The files with their keys. */
    public keyrings: string[],
    /** The options that say which keys of the log to believe. */
    public trust: string[],
  ) {}

  /** Seconds since 1970: the real time, until it is set. */
  get now(): number {
    return this.#now ?? Math.floor(Date.now() / 1000);
  }

  set now(seconds: number) {
    this.#now = seconds;
  }

  /** The options that name a log, or a server before it, and make its key trusted. */
  trusting({ url }: { readonly url: string }): string[] {
    return ['--rekor-server', url, ...this.trust];
  }

  /** The same, and the keyrings. */
  knowing(server: { readonly url: string }): string[] {
    return [...this.trusting(server), ...this.keyrings.flatMap((path) => ['--keyring', path])];
  }

  /** The options that say how answers come, and the further ones; what stood before them, they override. */
  settings(output = this.output): string[] {
    return [...(output === undefined ? [] : ['--output', output]), ...this.options];
  }

  /** Runs the program; what may work a moment later is tried again at once. */
  async run(argv: readonly string[], surroundings: Surroundings = {}): Promise<Ran> {
    const { home, now } = this;
    return await runProgram(argv, { home, now, random: () => 0, ...surroundings });
  }
}
