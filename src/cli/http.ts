import { readCaFile } from '../http/ca-file.ts';
import type { Timeouts } from '../http/exchange.ts';
import { HttpClient } from '../http/request.ts';
import type { Context } from './context.ts';

/**
 * An HTTP client of this run.
 * @param caFile path of a file with the only certificate authorities to trust; absent: those of Node
 * @throws InputError if that file cannot be read, or holds no certificates
 */
export async function openHttp(
  { version, random, env }: Context,
  timeouts: Timeouts,
  caFile: string | undefined,
): Promise<HttpClient> {
  const ca = caFile === undefined ? {} : { ca: await readCaFile(caFile) };
  return new HttpClient({ userAgent: `helm-sigstore/${version}`, timeouts, random, env, ...ca });
}
