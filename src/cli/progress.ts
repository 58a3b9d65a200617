import type { Context } from './context.ts';

/** A line on the terminal that says how far a long piece of work has come. */
export interface Progress {
  /** Shows the text in place of what it showed before; at most once a second, and nothing during the first. */
  readonly show: (text: string) => void;
  /** Removes the line, if there is one. */
  readonly clear: () => void;
}

/** Begins the work now. Only a person at a terminal is told of progress; a file or a pipe is not. */
export function startProgress({ stderr, now }: Pick<Context, 'stderr' | 'now'>): Progress {
  // The clock has whole seconds: only after two of them has more than one gone by.
  let next = now() + 2;
  let isShown = false;
  return {
    show: (text) => {
      if (!stderr.isTerminal || now() < next) return;
      next = now() + 1;
      isShown = true;
      stderr.write(ERASE_LINE + text + START_OF_LINE);
    },
    clear: () => {
      if (isShown) stderr.write(ERASE_LINE);
      isShown = false;
    },
  };
}

const ERASE_LINE = '\r\u001b[K';
/** Back there, so that a message of somebody else does not begin behind the text. */
const START_OF_LINE = '\r';
