import { messageOf, UsageError } from '../errors.ts';
import type { ChildProgram } from './child-program.ts';

/** The Helm of the user, which `HELM_BIN` names: a path, or a name that is looked up in `PATH`. */
export type UsersHelm = Omit<ChildProgram, 'argv' | 'descriptor'>;

/** Where Helm, which starts this program, says which it is. */
type Surroundings = Pick<UsersHelm, 'env' | 'platform'>;

/** The Helm that started this program; undefined: none did. */
export function usersHelm({ env, platform }: Surroundings): UsersHelm | undefined {
  const program = env['HELM_BIN'];
  return program ? { program, env, platform } : undefined;
}

/**
 * The Helm that started this program.
 * @param forWhat what it has to do, for the message
 * @param otherwise what else people can do
 * @throws UsageError if none did
 */
export function requireHelm(surroundings: Surroundings, forWhat: string, otherwise = ''): UsersHelm {
  const helm = usersHelm(surroundings);
  if (helm !== undefined) return helm;
  throw new UsageError(
    `expected HELM_BIN to name the Helm ${forWhat}, found it unset`,
    `run it as helm sigstore, which sets it${otherwise}`,
  );
}

/** Why a Helm could not be run; undefined: it was run, and the error is about something else. */
export function whyNotRun({ program }: Pick<UsersHelm, 'program'>, error: unknown): string | undefined {
  if (!(error instanceof Error && 'syscall' in error)) return undefined;
  return `cannot run ${program}, which HELM_BIN names: ${messageOf(error)}`;
}
