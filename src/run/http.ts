import { authoritiesOf, onlyThese } from '../http/authorities.ts';
import { readCaFile } from '../http/ca-file.ts';
import type { DirectTransport } from '../http/direct.ts';
import { HttpClient } from '../http/request.ts';
import type { ServerToken } from '../http/server-token.ts';
import type { Context } from './context.ts';

/**
 * An HTTP client of this run.
 * @param caFile path of a file with the only certificate authorities to trust; absent: those of Node and of
 * `SSL_CERT_FILE`
 * @param begun where a connection was begun already; it is closed with the client, and not used with such a file
 * @param token what shows one of the servers who asks
 * @throws InputError if that file cannot be read, or holds no certificates
 */
export async function openHttp(
  { version, random, env, interrupted }: Context,
  caFile: string | undefined,
  begun?: DirectTransport,
  token?: ServerToken,
): Promise<HttpClient> {
  const userAgent = `helm-sigstore/${version}`;
  if (caFile !== undefined)
    return new HttpClient({
      userAgent,
      random,
      env,
      token,
      authorities: onlyThese(await readCaFile(caFile, interrupted)),
    });
  const authorities = authoritiesOf(env);
  return new HttpClient({ userAgent, random, env, token, authorities, ...(begun && { begun }) });
}
