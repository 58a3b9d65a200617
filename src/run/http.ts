import { authoritiesOf, onlyThese } from '../http/authorities.ts';
import { readCaFile } from '../http/ca-file.ts';
import type { DirectTransport } from '../http/direct.ts';
import { HttpClient } from '../http/request.ts';
import type { Context } from './context.ts';

/**
 * An HTTP client of this run.
 * @param caFile path of a file with the only certificate authorities to trust; absent: those of Node and of
 * `SSL_CERT_FILE`
 * @param begun where a connection was begun already; it is closed with the client, and not used with such a file
 * @throws InputError if that file cannot be read, or holds no certificates
 */
export async function openHttp(
  { version, random, env, interrupted }: Context,
  caFile: string | undefined,
  begun?: DirectTransport,
): Promise<HttpClient> {
  const userAgent = `helm-sigstore/${version}`;
  if (caFile !== undefined)
    return new HttpClient({
      userAgent,
      random,
      env,
      authorities: onlyThese(await readCaFile(caFile, interrupted)),
    });
  return new HttpClient({ userAgent, random, env, authorities: authoritiesOf(env), ...(begun && { begun }) });
}
