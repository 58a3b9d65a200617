import { join } from 'node:path';
import { chartAnswer, type ChartAnswer } from '../../verification/verdicts.ts';
import { runProgram, type Ran } from '../program.ts';
import { HostileWorld } from './hostile-world.ts';
import { Memory } from './memory.ts';
import type { User } from './user.ts';

/** What a run said of the chart, what it said beside, and what it asked the log. */
export interface Round extends ChartAnswer {
  readonly stderr: string;
  /** `METHOD /path` of each request. */
  readonly asked: readonly string[];
  readonly conflicts: readonly Conflict[] | undefined;
}

interface Conflict {
  readonly reason: string;
  readonly before: string;
  readonly now: string;
  readonly path?: string;
}

/** The user of a world who looks at its chart again and again, and remembers what the log showed. */
export class ReturningUser extends Memory {
  constructor(
    readonly world: HostileWorld,
    state = join(world.directory, 'state'),
  ) {
    super(state, world.log);
  }

  /** A user of a log that has the chart, and whose server has the user's time. */
  static async open(): Promise<ReturningUser> {
    const world = await HostileWorld.open();
    world.later = 0;
    world.logChart();
    world.log.fill(5);
    world.server.intercept = (_, response) => {
      response.setHeader('date', new Date(world.user.now * 1000).toUTCString());
      return false;
    };
    return new ReturningUser(world);
  }

  /** What the user has, knows and wants. */
  get settings(): User {
    return this.world.user;
  }

  /** Runs a command over the chart. */
  async run(command: 'verify' | 'upload' = 'verify', ...options: readonly string[]): Promise<Round> {
    const { chart, server } = this.world;
    const asked = server.seen.length;
    const ran = await this.#run([command, chart.path, '--keyring', chart.keyring, ...options]);
    const { conflicts } = JSON.parse(ran.stdout) as Partial<Round>;
    const seen = server.seen.slice(asked);
    return { ...chartAnswer(ran), stderr: ran.stderr, asked: seen, conflicts };
  }

  /** Searches for the chart. */
  async search(): Promise<Ran> {
    return await this.#run(['search', this.world.chart.path]);
  }

  /** Asks for the trees of the log. */
  async info(...options: readonly string[]): Promise<Ran> {
    return await this.#run(['log', 'info', ...options]);
  }

  /** Has the installation examined, with the answer as text or as JSON. */
  async doctor(output: 'text' | 'json' = 'json'): Promise<Ran> {
    return await this.#run(['doctor'], output);
  }

  /** Forgets what was seen. */
  async clear(): Promise<Ran> {
    return await runProgram(['state', 'clear'], { env: { HELM_SIGSTORE_HOME: this.state } });
  }

  async #run(argv: readonly string[], output: 'text' | 'json' = 'json'): Promise<Ran> {
    const { settings: user, world } = this;
    const words = [...argv, ...user.trusting(world.server), ...user.settings(output)];
    return await user.run(words, { home: '/nonexistent', env: { HELM_SIGSTORE_HOME: this.state } });
  }
}
