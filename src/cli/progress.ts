import type { Outputs } from './output.ts';

/** A line on the terminal that says how far a long piece of work has come. */
export interface Progress {
  /** Shows the text in place of what it showed before; at most once a second, and nothing during the first. */
  readonly show: (text: string) => void;
  /** Removes the line, if there is one. */
  readonly clear: () => void;
}

/** Where progress is shown, and the clock that limits how often. */
export interface Watched extends Pick<Outputs, 'stderr'> {
  /** Seconds since 1970. */
  readonly now: () => number;
}

/** Begins the work now. Only a person at a terminal is told of progress; a file or a pipe is not. */
export function startProgress({ stderr, now }: Watched): Progress {
  // The clock has whole seconds: only after two of them has more than one gone by.
  let next = now() + 2;
  return {
    show: (text) => {
      if (!stderr.isTerminal || now() < next) return;
      next = now() + 1;
      stderr.showLine(text);
    },
    clear: () => {
      stderr.eraseLine();
    },
  };
}
