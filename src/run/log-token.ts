import { InputError, UsageError } from '../errors.ts';
import { readUserFile } from '../files/user-file.ts';
import { isLoopback } from '../http/base-url.ts';
import { isBearerToken, tokenForm } from '../http/bearer-token.ts';
import { ServerToken } from '../http/server-token.ts';
import type { Settings } from '../settings/settings.ts';
import { PUBLIC_LOG } from '../trust/public-good.ts';
import type { Context } from './context.ts';

/** The variable that holds a token itself; `--log-token-file` replaces it. */
const VARIABLE = 'HELM_SIGSTORE_LOG_TOKEN';

/**
 * The token for a log, by `--log-token-file` or the variable. It is not shown from now on, whoever repeats it.
 * Undefined: there is none, or it is the public log, which asks for none.
 * @param serverOf says the URL of the log; called where there is a token
 * @throws UsageError if it would be sent without encryption to another machine, or the option names one for the public log
 * @throws InputError if the file cannot be read, or holds no token
 */
export async function logTokenFor(
  serverOf: () => string,
  settings: Settings<'logTokenFile'>,
  context: Pick<Context, 'env' | 'interrupted' | 'stdout' | 'stderr'>,
): Promise<ServerToken | undefined> {
  const path = settings.one('logTokenFile');
  const given = context.env[VARIABLE];
  if (path === undefined && !given) return undefined;
  const server = serverOf();
  const setting = path === undefined ? VARIABLE : '--log-token-file';
  if (isPublicLog(server)) {
    if (path === undefined) return undefined;
    throw new UsageError(
      `expected no token for ${server}, found --log-token-file: that log asks for none`,
      'name the log that gave you the token with --rekor-server',
    );
  }
  requirePrivacy(server, setting);
  const text = path === undefined ? (given ?? '') : await firstLine(path, context.interrupted);
  const token = text.trim();
  if (!isBearerToken(token, SHORTEST)) throw notAToken(path);
  for (const output of [context.stdout, context.stderr]) output.conceal(token);
  return new ServerToken(server, token);
}

/** The environment for a program that has no business with a log, and may leave others behind, as gpg does its agent. */
export function withoutLogToken(env: Context['env']): Context['env'] {
  return { ...env, [VARIABLE]: undefined };
}

/** In characters: a shorter one could not be hidden in what is printed. */
const SHORTEST = 8;
const FILE_LIMIT = 64 << 10;

function isPublicLog(server: string): boolean {
  return new URL(server).host === new URL(PUBLIC_LOG).host;
}

function requirePrivacy(server: string, setting: string): void {
  const { protocol, hostname } = new URL(server);
  if (protocol === 'https:' || isLoopback(hostname)) return;
  throw new UsageError(
    `expected an https URL for a log that is sent a token, found ${server} with ${setting}: others on the way could read it`,
    `name the log by its https URL, or leave out ${setting}`,
  );
}

async function firstLine(path: string, interrupted: AbortSignal): Promise<string> {
  const bytes = await readUserFile(path, { limit: FILE_LIMIT, interrupted });
  return Buffer.from(bytes).toString('latin1').split('\n', 1)[0] ?? '';
}

/** The error shows nothing of what is there: it may be a password. */
function notAToken(path: string | undefined): InputError | UsageError {
  const what = tokenForm(SHORTEST);
  return path === undefined
    ? new UsageError(`expected ${VARIABLE} to be ${what}, found something else`)
    : new InputError(`expected the first line of ${path} to be ${what}, found something else`);
}
