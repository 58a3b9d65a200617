import { spawn, type ChildProcess } from 'node:child_process';
import { constants } from 'node:os';
import type { ChildProgram } from './child-program.ts';

/** Lets somebody else have the signals of this process. Returns a function that ends that. */
export type PassSignals = (receive: (signal: NodeJS.Signals) => void) => () => void;

/** A program that has the streams of this process. */
export type InheritingProgram = Omit<ChildProgram, 'platform'>;

/**
 * Runs a program in place of this one: it has the streams of this process, byte for byte, and its signals. Returns its exit
 * status; as a shell does, 128 and the number of the signal that ended it.
 * @throws the error of the system if it cannot be run
 */
export async function runInherited(
  { program, argv, env, descriptor }: InheritingProgram,
  passSignals: PassSignals,
): Promise<number> {
  let child: ChildProcess | undefined;
  // Before the program is there: a signal that comes while it starts is passed on as soon as it has started.
  const stop = passSignals((signal) => {
    child?.kill(signal);
  });
  try {
    const passed = descriptor === undefined ? [] : [descriptor];
    const started = spawn(program, argv, { env, stdio: ['inherit', 'inherit', 'inherit', ...passed] });
    child = started;
    return await new Promise<number>((resolve, reject) => {
      started.once('error', reject);
      started.once('close', (status, signal) => {
        resolve(status ?? 128 + (signal === null ? 0 : constants.signals[signal]));
      });
    });
  } finally {
    stop();
  }
}
