import type { ExitStatus } from '../../../src/cli/exit-status.ts';
import type { Audience } from '../../../src/errors.ts';
import { CHART, type WorkingDirectory } from '../../support/world/working-directory.ts';

/** The commands that a bad input is given to. */
export type Command = 'upload' | 'verify' | 'search' | 'inspect' | 'log pin';

/** Who runs a command. */
export function audienceOf(command: Command): Audience {
  return command === 'upload' ? 'publisher' : 'consumer';
}

/** Something that no command can work with, and what the program says of it. */
export interface BadInput {
  readonly input: string;
  readonly commands: readonly Command[];
  /** Makes the good input of a site bad. */
  readonly stage: (site: WorkingDirectory) => unknown;
  readonly status: ExitStatus;
  /** The whole error, but for `Error: `. */
  readonly error: RegExp;
  /** The whole hint, or that for each reader; none: there is no line with one. */
  readonly hint?: RegExp | Readonly<Record<Audience, RegExp>>;
}

/** The command over what is in the directory. */
export function commandLine(command: Command, { user, server }: WorkingDirectory): readonly string[] {
  const log = user.trusting({ url: server });
  const withKeys = user.knowing({ url: server });
  const keys = user.keyrings.flatMap((path) => ['--keyring', path]);
  return {
    upload: ['upload', CHART, ...withKeys, ...user.options],
    verify: ['verify', CHART, ...withKeys, ...user.options],
    search: ['search', CHART, ...log, ...user.options],
    inspect: ['inspect', CHART, ...keys],
    'log pin': ['log', 'pin', server, ...user.options],
  }[command];
}
