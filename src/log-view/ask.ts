import { LogError } from '../errors.ts';
import type { NotAsked } from '../tlog/consistency-proof.ts';
import type { LogView } from './log-view.ts';

/**
 * Asks a log a question that may stay open: its answer, or why it was not asked.
 * @param about what the question is about, such as a tree
 */
export type Ask = <Answer>(
  about: string,
  question: (view: LogView) => Promise<Answer>,
) => Promise<Answer | NotAsked>;

/** Asks nobody: the run is offline. */
export const askNobody: Ask = () => Promise.resolve({ kind: 'not-asked', why: OFFLINE });

const OFFLINE = 'offline, so the log was not asked for a proof that it extends what was seen before';

/**
 * Asks a log until it does not answer: then it is not asked again, as each question would wait as long. Where it answers,
 * and what it says makes no sense, it is not asked again about that alone: who chose the question must not choose which
 * others are asked.
 * @param connect gives a view for each question, with the time that it may take
 * @param onSilence told once that it does not answer, and why
 */
export function askWhileItAnswers(connect: () => LogView, onSilence: (why: string) => void): Ask {
  const silences = new Map<string, NotAsked>();
  const fallSilent = (about: string, { code, message }: LogError): NotAsked => {
    if (silences.size === 0) onSilence(message);
    const silence: NotAsked = { kind: 'not-asked', why: `the log does not answer: ${message}` };
    silences.set(code === 'LOG_UNREACHABLE' ? EVERYTHING : about, silence);
    return silence;
  };
  return async (about, question) => {
    const silence = silences.get(EVERYTHING) ?? silences.get(about);
    if (silence !== undefined) return silence;
    try {
      return await question(connect());
    } catch (error) {
      if (error instanceof LogError) return fallSilent(about, error);
      throw error;
    }
  };
}

/** No tree has this name. */
const EVERYTHING = '*';
