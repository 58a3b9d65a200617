import type { Answer } from '../cli/answer.ts';
import { InputError, SigstoreError } from '../errors.ts';
import { runInherited } from '../files/inherited-program.ts';
import { whyNotRun, type UsersHelm } from '../files/users-helm.ts';
import type { RunContext } from '../run/context.ts';

/**
 * Lets Helm answer in place of this program.
 * @param descriptor of a directory that the words name as the fourth of Helm; undefined: they name none
 * @throws InputError if Helm cannot be run
 * @throws SigstoreError `UNCHECKED` if the run was interrupted before
 */
export async function passOn(
  helm: UsersHelm,
  argv: readonly string[],
  { passSignals, interrupted }: RunContext,
  descriptor?: number,
): Promise<Answer> {
  requireTime(interrupted);
  const passedOn = await orExplained(helm, () => runInherited({ ...helm, argv, descriptor }, passSignals));
  return { status: 0, passedOn, text: [], document: {} };
}

/** Runs Helm. @throws InputError, which names it, if it cannot be run */
export async function orExplained<Result>(
  helm: Pick<UsersHelm, 'program'>,
  run: () => Promise<Result>,
): Promise<Result> {
  try {
    return await run();
  } catch (error) {
    const why = whyNotRun(helm, error);
    throw why === undefined ? error : new InputError(why);
  }
}

/** @throws SigstoreError `UNCHECKED` if the run was interrupted */
export function requireTime({ aborted }: AbortSignal): void {
  if (aborted) throw new SigstoreError('UNCHECKED', 'interrupted before Helm was called');
}
