import { execFile } from 'node:child_process';
import { resolve as absolute } from 'node:path';
import { cut, excerpt } from '../encoding.ts';
import { SigstoreError } from '../errors.ts';
import { parseJson } from '../shape.ts';
import type { Credential } from './auth-file.ts';

/** What a helper needs from its surroundings. */
export interface HelperSurroundings {
  /** In which the helper is looked for and run. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Milliseconds that it may take. */
  readonly time?: number;
  /** Ends it at once. */
  readonly interrupted: AbortSignal;
}

/**
 * What `docker-credential-NAME get` has for a registry; undefined if it has nothing. It is run without a shell, and gets the
 * registry on its standard input.
 * @param name letters, digits, dots, dashes and underscores alone
 * @throws SigstoreError `UNCHECKED` if it is missing, fails, gives something else, or does not end in time
 */
export async function askHelper(
  name: string,
  key: string,
  { env, time = HELPER_TIME, interrupted }: HelperSurroundings,
): Promise<Credential | undefined> {
  const program = `docker-credential-${name}`;
  const { failure, stdout, stderr } = await run(program, key, { env, time, interrupted });
  if (failure === undefined) return credentialFrom(stdout, program);
  if (NOTHING.test(stdout) || NOTHING.test(stderr)) return undefined;
  const words = excerpt(cut(failure.code === undefined ? '' : (stdout + stderr).trim(), 200), 200);
  throw new SigstoreError(
    'UNCHECKED',
    `the credential helper ${program} gives nothing for ${key}: ${whyFailed(failure, time, words)}`,
    `run it by itself to see why, or log in again: helm registry login ${key}`,
  );
}

const HELPER_TIME = 30_000;
const OUTPUT_LIMIT = 64 << 10;
/** What helpers say that know no credential. */
const NOTHING = /credentials not found/i;

type Failure = Error & { readonly code?: number | string | null; readonly killed?: boolean };
interface Outcome {
  readonly failure: Failure | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

async function run(
  program: string,
  input: string,
  { env, time, interrupted }: Required<HelperSurroundings>,
): Promise<Outcome> {
  return await new Promise((resolve) => {
    const options = {
      env: { ...env },
      // Windows looks for programs in the working directory first, and charts of others may lie there.
      cwd: absolute('/'),
      timeout: time,
      maxBuffer: OUTPUT_LIMIT,
      killSignal: 'SIGKILL',
      signal: interrupted,
    } as const;
    const child = execFile(program, ['get'], options, (error, stdout, stderr) => {
      resolve({ failure: error ?? undefined, stdout, stderr });
    });
    // A helper may end without reading what it is given.
    child.stdin?.on('error', () => undefined).end(input);
  });
}

function credentialFrom(stdout: string, program: string): Credential | undefined {
  const bytes = Buffer.from(stdout);
  const json = (() => {
    try {
      return parseJson(bytes);
    } catch {
      return undefined;
    }
  })();
  const { Username: user, Secret: secret } = (json ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof user !== 'string' || typeof secret !== 'string')
    throw new SigstoreError(
      'UNCHECKED',
      `expected ${program} to give a user and a secret in JSON, found something else`,
    );
  if (secret === '') return undefined;
  return user === '<token>'
    ? { kind: 'identity', token: secret }
    : { kind: 'password', user, password: secret };
}

function whyFailed({ code, killed }: Failure, time: number, words: string): string {
  if (code === 'ENOENT') return 'there is no such program';
  if (code === 'ABORT_ERR') return 'interrupted';
  if (code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') return `it wrote more than ${OUTPUT_LIMIT} bytes`;
  if (killed === true) return `it did not end within ${time / 1000} s`;
  return typeof code === 'number' ? `it ended with status ${code} and said ${words}` : 'it could not be run';
}
