import { setImmediate } from 'node:timers/promises';
import { UsageError } from '../errors.ts';
import { endpoint, parseBaseUrl } from '../http/base-url.ts';
import { DirectTransport } from '../http/direct.ts';
import { proxyFor } from '../http/proxy-choice.ts';
import { OPTIONS } from './options.ts';
import type { Context } from './context.ts';

/**
 * Begins to connect to the log that a command line names, before the command is loaded that will ask it: loading takes
 * as long as connecting. Nothing is sent. Undefined where a proxy or authorities of one's own are in between, or the
 * command line is wrong, which others will say.
 */
export async function connectEarly(
  argv: readonly string[],
  { env }: Pick<Context, 'env'>,
): Promise<DirectTransport | undefined> {
  if (argv.some((word) => word === '--help' || word === '-h' || word.startsWith('--ca-file')))
    return undefined;
  const { variable, default: preset } = OPTIONS.rekorServer;
  try {
    const server = parseBaseUrl(serverIn(argv) ?? (env[variable] || preset), '--rekor-server');
    const url = endpoint(server, '/');
    if (proxyFor(url, env) !== undefined) return undefined;
    const transport = new DirectTransport();
    transport.prepare(url);
    // Only now does Node call the system.
    await setImmediate();
    return transport;
  } catch (error) {
    if (error instanceof UsageError) return undefined;
    throw error;
  }
}

/** The value of the last `--rekor-server`. */
function serverIn(argv: readonly string[]): string | undefined {
  const at = argv.findLastIndex((word) => /^--rekor-server(=|$)/.test(word));
  const [option, next] = at < 0 ? [] : argv.slice(at);
  return option?.includes('=') ? option.replace(/^.*?=/, '') : next;
}
