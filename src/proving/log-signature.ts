import type { LoggingServices } from '../services/choose-services.ts';
import { formatBundle } from '../services/bundle-json.ts';
import { logOnRekorV2 } from '../services/rekor-v2.ts';
import { requestTimestamp } from '../services/request-timestamp.ts';
import type { Asking } from '../services/service-request.ts';
import type { TiledLog } from '../services/tiled-log.ts';
import type { LoggableProvenance } from './loggable-provenance.ts';

/** The bundle of a signature that was logged. Nothing of it is judged. */
export interface LoggedProvenance {
  /** The bundle 0.3, for the file CHART.tgz.prov.sigstore.json. */
  readonly bundle: Uint8Array;
  /** Whether the log had the entry already. */
  readonly wasThere: boolean;
}

/**
 * Has the signature of a provenance logged and dated, which is asked for at the same time. What a log has already is read
 * from its tiles.
 * @throws LogError if a server does not do what it is asked for
 */
export async function logSignature(
  provenance: LoggableProvenance,
  log: TiledLog,
  { timestamps: authorities }: Pick<LoggingServices, 'timestamps'>,
  asking: Asking,
): Promise<LoggedProvenance> {
  const { digest, signature, keyHint } = provenance;
  const [{ entry, wasThere }, timestamps] = await Promise.all([
    logOnRekorV2(log, provenance, asking),
    Promise.all(authorities.map((authority) => requestTimestamp(authority, signature, asking))),
  ]);
  const content = {
    signature,
    signed: { kind: 'message', digest },
    verifier: { kind: 'key', hint: keyHint },
  } as const;
  return { bundle: Buffer.from(formatBundle(content, entry, timestamps), 'utf8'), wasThere };
}
