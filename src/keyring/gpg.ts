import { execFile } from 'node:child_process';
import { parse, resolve } from 'node:path';
import { promisify } from 'node:util';
import { InputError, messageOf } from '../errors.ts';

/** Limits of a run of gpg. */
export interface GpgLimits {
  /** Milliseconds. */
  readonly time: number;
  /** Bytes of output. */
  readonly output: number;
}

/** The folder in which a GnuPG keeps its files. */
export interface GnupgHome {
  readonly path: string;
  /** Whether it is the user's, and not one that was merely named. */
  readonly isOwn: boolean;
}

/**
 * All public keys of a GnuPG home whose keys are kept by a keyboxd, which nobody but gpg can ask. If there is no
 * keyboxd yet, gpg starts one and leaves it behind; this ends it. That happens only in the user's own home: the files
 * of another may name any program as the keyboxd.
 * @param env in which gpg and gpgconf are looked for and run
 * @param interrupted ends it at once
 * @throws InputError if gpg is missing, fails, or does not end within the limits
 */
export async function exportKeys(
  home: GnupgHome,
  env: Readonly<Record<string, string | undefined>>,
  limits: GpgLimits = { time: 10_000, output: 256 * 1024 * 1024 },
  interrupted?: AbortSignal,
): Promise<Uint8Array> {
  const path = resolve(home.path);
  const run: Run = async (program, args) => {
    const { stdout } = await execute(program, ['--homedir', path, ...args], {
      // Messages in English, should they be shown.
      env: { ...env, LC_ALL: 'C' },
      // Windows looks for programs in the working directory first, and charts of others may lie there.
      cwd: parse(path).root,
      timeout: limits.time,
      maxBuffer: limits.output,
      encoding: 'buffer',
      killSignal: 'SIGKILL',
      // What was started has to be ended all the same.
      signal: program === 'gpg' ? interrupted : undefined,
    });
    return stdout;
  };
  try {
    return await run('gpg', [...EXPORT, '--no-autostart', '--export']).catch(async (error: unknown) => {
      if (!isExit(error) || !home.isOwn) throw error;
      return await exportWithOwnKeyboxd(run);
    });
  } catch (error) {
    throw new InputError(
      `cannot read the keys of ${home.path}, which are kept by a GnuPG keyboxd: ${whyFailed(error, limits)}`,
      home.isOwn || !isExit(error)
        ? 'give a file of keys with --keyring, such as gpg --export writes'
        : 'give a file of keys such as gpg --export writes, or, if the folder is yours, name it in GNUPGHOME: no keyboxd is started for others',
      { cause: error },
    );
  }
}

/** The error for a GnuPG home whose keys cannot be had without a connection to its keyboxd. */
export function notAsked(path: string): InputError {
  return new InputError(
    `the keys of ${path} are kept by a GnuPG keyboxd, which is not asked with --offline: gpg connects to it`,
    'write them into a file with gpg --export, and give that with --keyring',
  );
}

const execute = promisify(execFile);

/** Without the options of the user's configuration, which could write files. */
const EXPORT = ['--no-options', '--batch', '--no-tty', '--quiet'];

type Run = (program: string, args: readonly string[]) => Promise<Uint8Array>;

async function exportWithOwnKeyboxd(run: Run): Promise<Uint8Array> {
  try {
    return await run('gpg', [...EXPORT, '--export']);
  } finally {
    await run('gpgconf', ['--kill', 'keyboxd']).catch(() => undefined);
  }
}

/** Whether gpg ran to its end and reported a failure. */
function isExit(error: unknown): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'number';
}

function whyFailed(error: unknown, { time, output }: GpgLimits): string {
  const { code, killed } = error as { code?: unknown; killed?: boolean };
  if (code === 'ENOENT') return 'there is no gpg to ask for them';
  if (code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') return `gpg wrote more than ${output} bytes`;
  if (code === 'ABORT_ERR') return 'interrupted';
  if (killed) return `gpg did not end within ${time / 1000} s`;
  const lines = messageOf(error).slice(0, MESSAGE_LIMIT).split('\n');
  return lines
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join('; ');
}

/** What gpg says of each key that it dislikes can fill pages. */
const MESSAGE_LIMIT = 1000;
