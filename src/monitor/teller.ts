import type { ExitStatus } from '../cli/exit-status.ts';
import { worstStatus } from '../cli/exit-status.ts';
import type { Printer } from '../cli/printer.ts';
import { messageOf, type Diagnosis } from '../errors.ts';
import { isFileSystemError } from '../files/error-code.ts';
import { runProgram } from '../files/child-program.ts';
import { Deadline, limitsOf } from '../http/deadline.ts';
import { ExchangeFailure } from '../http/failure.ts';
import { eventDiagnosis, eventMembers, eventText } from '../render/monitor-text.ts';
import { printableJson } from '../render/printable.ts';
import type { Context } from '../run/context.ts';
import { withoutLogToken } from '../run/log-token.ts';
import { cut } from '../encoding.ts';
import { EVENT_STATUS, type MonitorEvent } from './event.ts';

/** How events are told. */
export interface TellingOptions {
  /** Of the log. */
  readonly server: string;
  readonly show: Printer['show'];
  /** The program that is told of each event; undefined: none is. */
  readonly program: string | undefined;
  /** Of the program, in milliseconds. */
  readonly timeLimit: number;
}

/** Tells events, each to people and then to a program, and counts them. */
export class Teller {
  readonly counts: Record<MonitorEvent['event'], number> = {
    published: 0,
    unknown: 0,
    unlogged: 0,
    conflict: 0,
    behind: 0,
  };
  /** What went wrong with the program. */
  readonly failures: Diagnosis[] = [];
  readonly #options: TellingOptions;
  readonly #context: Pick<Context, 'env' | 'platform' | 'interrupted'>;

  constructor(options: TellingOptions, context: Pick<Context, 'env' | 'platform' | 'interrupted'>) {
    this.#options = options;
    this.#context = context;
  }

  /** Of the events so far, and of the program. */
  get status(): ExitStatus {
    const names = Object.keys(this.counts) as MonitorEvent['event'][];
    const told = names.filter((name) => this.counts[name] > 0).map((name) => EVENT_STATUS[name]);
    return worstStatus([...told, ...(this.failures.length > 0 ? [5 as const] : [])]);
  }

  /** Tells an event. @returns whether the program took it: an event that it did not take has to be told again */
  async tell(event: MonitorEvent): Promise<boolean> {
    this.counts[event.event] += 1;
    const status = EVENT_STATUS[event.event];
    const diagnosis = eventDiagnosis(event, this.#options.server);
    const members = eventMembers(event);
    await this.#options.show({ status, text: eventText(event), members, ...(diagnosis && { diagnosis }) });
    const { program, server } = this.#options;
    if (program === undefined) return true;
    const told = { schema: 'helm-sigstore/2', status, command: 'monitor', log: { url: server }, ...members };
    return await this.#give(program, Buffer.from(`${printableJson(told)}\n`));
  }

  async #give(program: string, input: Uint8Array): Promise<boolean> {
    const failure = await this.#run(program, input);
    if (failure === undefined) return true;
    this.failures.push({
      code: 'UNCHECKED',
      message: `${program} did not take an event: ${failure}`,
      hint: 'the pass ended there; the next one tells the event again',
    });
    return false;
  }

  /** Why it failed; undefined: it did not. */
  async #run(program: string, input: Uint8Array): Promise<string | undefined> {
    const { env, platform, interrupted } = this.#context;
    const deadline = new Deadline(limitsOf(this.#options.timeLimit), interrupted);
    try {
      const { status, said } = await deadline.hold((wait) =>
        runProgram({ program, argv: [], env: withoutLogToken(env), platform, input }, MOST_SAID, wait.signal),
      );
      if (status === 0) return undefined;
      const words = said.trim() === '' ? '' : `: ${cut(said.trim(), MOST_QUOTED)}`;
      return status === undefined ? `a signal ended it${words}` : `it ended with status ${status}${words}`;
    } catch (error) {
      if (error instanceof ExchangeFailure || isFileSystemError(error)) return messageOf(error);
      throw error;
    }
  }
}

/** Bytes of the outputs of a program. */
const MOST_SAID = 4096;
/** Characters. */
const MOST_QUOTED = 500;
