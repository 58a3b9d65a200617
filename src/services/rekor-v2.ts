import { encodeBase64, parseDecimal } from '../encoding.ts';
import { LogError, MalformedError } from '../errors.ts';
import type { HttpAnswer } from '../http/request.ts';
import type { LogEntryJson } from './log-entry.ts';
import type { LoggableSignature } from './loggable-signature.ts';
import { readRekorV2Entry } from './rekor-v2-entry.ts';
import { askService, readAnswer, type Asking, type ServiceRequest } from './service-request.ts';
import type { TiledLog } from './tiled-log.ts';

/** What became of a signature that a log was given. */
export interface LoggedSignature {
  readonly entry: LogEntryJson;
  /** Whether the log had it already. */
  readonly wasThere: boolean;
}

/** A log has the entry already, and it cannot be had from there. */
export class PresentEntryError extends LogError {}

/**
 * Puts a signature on a Rekor v2, as a hashedrekord 0.0.2; of an envelope too, whose preimage is what is hashed. The log
 * answers when a checkpoint covers the entry. One that it has already is read from its tiles.
 * @throws PresentEntryError if it has that very entry, and its tiles do not show it
 * @throws LogError if it does not take it, or answers with another entry
 */
export async function logOnRekorV2(
  log: TiledLog,
  signature: LoggableSignature,
  asking: Asking,
): Promise<LoggedSignature> {
  const request: ServiceRequest = {
    who: 'the transparency log',
    url: new URL(`${log.url}/api/v2/log/entries`),
    json: { hashedRekordRequestV002: requestOf(signature) },
    maxBytes: 1 << 20,
    statuses: [404, 409],
  };
  const answer = await askService(asking, request);
  if (answer.status === 404)
    throw new LogError(
      'LOG_REFUSED',
      `${log.url} answered with status 404: it has no API of version 2`,
      'name a Rekor v2 with --rekor-server, by the address before "/api/v2", or with --signing-config',
    );
  if (answer.status !== 409) {
    const entry = readAnswer(request, answer, (json) => readRekorV2Entry(json, signature));
    return { entry, wasThere: false };
  }
  try {
    return { entry: await log.entryAt(indexIn(answer, log.url), signature, asking), wasThere: true };
  } catch (error) {
    if (!(error instanceof LogError)) throw error;
    const message = `the log ${log.url} has that entry already, and it cannot be read there: ${error.message}`;
    throw new PresentEntryError(error.code as 'LOG_ANSWER', message, error.hint, { cause: error });
  }
}

function requestOf({ digest, signature, verifier }: LoggableSignature): object {
  const rawBytes = encodeBase64(verifier.der);
  return {
    digest: encodeBase64(digest.value),
    signature: {
      content: encodeBase64(signature),
      verifier: {
        ...(verifier.kind === 'certificate'
          ? { x509Certificate: { rawBytes } }
          : { publicKey: { rawBytes } }),
        keyDetails: verifier.keyDetails,
      },
    },
  };
}

/** The index of the entry that a log says it has. The text of the answer says it as well, and has no form that is promised. */
function indexIn({ headers }: HttpAnswer, url: string): number {
  try {
    return parseDecimal(headers['x-log-index'] ?? '');
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    throw new LogError(
      'LOG_ANSWER',
      `${url} does not say where: there is no index in the header x-log-index`,
      'ask those who run the log whether a proxy in front of it drops headers',
    );
  }
}
