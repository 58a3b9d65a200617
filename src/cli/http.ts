import { readCaFile } from '../http/ca-file.ts';
import type { DirectTransport } from '../http/direct.ts';
import type { Timeouts } from '../http/exchange.ts';
import { HttpClient } from '../http/request.ts';
import type { Context } from './context.ts';

/**
 * An HTTP client of this run.
 * @param caFile path of a file with the only certificate authorities to trust; absent: those of Node
 * @param begun where a connection was begun already; it is closed with the client, and not used with such a file
 * @throws InputError if that file cannot be read, or holds no certificates
 */
export async function openHttp(
  { version, random, env }: Context,
  timeouts: Timeouts,
  caFile: string | undefined,
  begun?: DirectTransport,
): Promise<HttpClient> {
  const ca = caFile === undefined ? begun && { begun } : { ca: await readCaFile(caFile) };
  return new HttpClient({ userAgent: `helm-sigstore/${version}`, timeouts, random, env, ...ca });
}
