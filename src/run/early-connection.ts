import { setImmediate } from 'node:timers/promises';
import { InputError, UsageError } from '../errors.ts';
import { authoritiesOf } from '../http/authorities.ts';
import { endpoint } from '../http/base-url.ts';
import { DirectTransport } from '../http/direct.ts';
import { proxyFor } from '../http/proxy-choice.ts';
import { rekorServerOf } from '../settings/addresses.ts';
import { Settings } from '../settings/settings.ts';
import type { Context } from './context.ts';
import { choicesOf } from './default-log.ts';
import { policyPlace } from './policy-place.ts';

/** What can be told of the connection before the command line is parsed. */
export interface ConnectionHints {
  /** The value of `--rekor-server`. */
  readonly server: string | undefined;
  /** Whether the command connects to a log, with no option that changes how. */
  readonly connectsPlainly: boolean;
}

/**
 * Begins to connect to the log while the command is still being loaded: both take about as long. Nothing is
 * sent. Undefined with a proxy, with options that change the connection or need none, and for a wrong command
 * line, which the parser will report.
 */
export async function connectEarly(
  { server, connectsPlainly }: ConnectionHints,
  context: Pick<Context, 'env' | 'home' | 'platform'>,
): Promise<DirectTransport | undefined> {
  if (!connectsPlainly) return undefined;
  const { env } = context;
  // A policy says which log it is, and is read later.
  if ((await policyPlace(new Settings<'policy'>({}, env), context)) !== undefined) return undefined;
  try {
    const given = server === undefined ? {} : { rekorServer: server };
    const url = endpoint(rekorServerOf(new Settings(given, env, await choicesOf(context))), '/');
    if (proxyFor(url, env) !== undefined) return undefined;
    const transport = new DirectTransport(authoritiesOf(env));
    transport.prepare(url);
    // Node makes the system call only after this turn of the event loop.
    await setImmediate();
    return transport;
  } catch (error) {
    if (error instanceof UsageError || error instanceof InputError) return undefined;
    throw error;
  }
}
