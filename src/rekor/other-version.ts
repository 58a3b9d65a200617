import { decodeUtf8 } from '../encoding.ts';
import { LogError, MalformedError } from '../errors.ts';
import { endpoint, type BaseUrl } from '../http/base-url.ts';
import type { HttpAnswer, HttpRequest } from '../http/request.ts';
import { parseJson } from '../shape.ts';
import { parseCheckpoint } from '../tlog/checkpoint.ts';

/** Asks the server of a log. */
export type AskServer = (request: Omit<HttpRequest, 'deadline'>) => Promise<HttpAnswer>;

/**
 * The answer, if it is not that of a Rekor v2 to what only the first version knows. A path that is not there is answered with
 * a body, an entry that is not there with none.
 * @throws RekorV2Error of a Rekor v2
 */
export async function requireVersion1(
  answer: HttpAnswer,
  base: BaseUrl,
  ask: AskServer,
): Promise<HttpAnswer> {
  if (answer.status !== 404 || answer.body.length === 0) return answer;
  const url = endpoint(base, '/api/v2/checkpoint');
  const other = await ask({ method: 'GET', url, maxBytes: 1 << 16 }).catch(() => undefined);
  if (other !== undefined && isOfRekorV2(other)) throw noVersion1(base.href);
  return answer;
}

/** gRPC's `Unimplemented` (google.rpc.Code). */
const UNIMPLEMENTED = 12;

/** Whether it shows a checkpoint. A server without what shows tiles says that it does not know how. */
function isOfRekorV2({ status, body }: HttpAnswer): boolean {
  try {
    if (status === 200) return parseCheckpoint(decodeUtf8(body)).size >= 0;
    const json = status === 501 ? parseJson(body) : undefined;
    return typeof json === 'object' && json !== null && 'code' in json && json.code === UNIMPLEMENTED;
  } catch (error) {
    if (error instanceof MalformedError) return false;
    throw error;
  }
}

/** A log of the second version was asked for what only the first one knows. */
export class RekorV2Error extends LogError {}

/** @param url of the log */
function noVersion1(url: string): RekorV2Error {
  return new RekorV2Error(
    'LOG_REFUSED',
    `${url} is a Rekor v2: it has no index, and is not asked for entries, trees or keys`,
    {
      consumer:
        'what such a log has is proven by the bundle beside a chart, CHART.tgz.prov.sigstore.json or CHART.tgz.sigstore.json, which helm sigstore verify takes; name a Rekor v1 with --rekor-server for the rest',
      publisher: 'upload to it with --rekor-version 2, or name a Rekor v1 with --rekor-server',
    },
  );
}
