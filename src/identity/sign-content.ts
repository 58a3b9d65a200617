import { createHash } from 'node:crypto';
import { preAuthEncoding } from '../dsse.ts';
import { equalBytes, formatTime } from '../encoding.ts';
import { InputError, LogError } from '../errors.ts';
import { formatBundle } from '../services/bundle-json.ts';
import type { ChosenServices } from '../services/choose-services.ts';
import type { EphemeralKey } from './ephemeral-key.ts';
import {
  bundleContentOf,
  digestToSign,
  loggableOf,
  type ContentToSign,
  type FreshSignature,
} from './fresh-signature.ts';
import type { LogEntryJson } from '../services/log-entry.ts';
import { logOnRekorV1 } from './rekor-v1.ts';
import { logOnRekorV2, PresentEntryError } from '../services/rekor-v2.ts';
import { TiledLog } from '../services/tiled-log.ts';
import type { SigstoreService } from '../services/signing-config.ts';
import type { TrustedLogKey } from '../trust/sigstore-trust.ts';
import { requestTimestamp, type SignatureTimestamp } from '../services/request-timestamp.ts';
import type { Asking } from '../services/service-request.ts';
import type { SignersCertificate } from './signing-certificate.ts';

/** What is signed with, and where it is made public. */
export interface SigningMeans {
  readonly key: EphemeralKey;
  /** For that key. */
  readonly certificate: SignersCertificate;
  readonly services: Pick<ChosenServices, 'log' | 'timestamps'>;
  readonly asking: Asking;
  /** Of logs, by which an entry is read that a log has already. */
  readonly trustedKeys: readonly TrustedLogKey[];
}

/** A bundle, and what was said of it when it was made. */
export interface SignedContentBundle {
  /** The bundle 0.3, for the file CHART.tgz.sigstore.json. */
  readonly bundle: string;
  readonly certificate: SignersCertificate;
  readonly logged: { readonly url: string; readonly logIndex: string };
  /** When it was signed, by each authority of timestamps; seconds since 1970. */
  readonly times: readonly number[];
}

/** How often a signature is made, where a log has it already. */
const TRIES = 2;

/**
 * Signs, and has the signature logged and dated, which is asked for at the same time.
 * @throws InputError if the archive is another than it was
 * @throws LogError if a server does not do what it is asked for
 */
export async function signContent(
  content: ContentToSign,
  { key, certificate, services, asking, trustedKeys }: SigningMeans,
): Promise<SignedContentBundle> {
  const { log, timestamps: authorities } = services;
  for (let tries = 1; tries <= TRIES; tries++) {
    const signature = await signatureOver(content, key);
    const fresh: FreshSignature = { content, digest: digestToSign(content), signature, certificate };
    const [entry, timestamps] = await Promise.all([
      logOn(log, fresh, asking, trustedKeys),
      Promise.all(authorities.map((authority) => requestTimestamp(authority, signature, asking))),
    ]);
    requireWhileValid(certificate, timestamps, entry);
    // A log has it already if it took it, and its answer was lost. Where it cannot be read, another signature is another entry.
    if (entry === undefined) continue;
    return {
      bundle: formatBundle(bundleContentOf(fresh), entry, timestamps),
      certificate,
      logged: { url: log.url, logIndex: entry.logIndex },
      times: timestamps.map(({ time }) => time),
    };
  }
  throw new LogError(
    'LOG_ANSWER',
    `${log.url}: the transparency log says of each new signature that it has it already`,
    'tell those who run the log',
  );
}

/** Undefined: the log has that very entry, and does not show it. */
async function logOn(
  log: SigstoreService,
  fresh: FreshSignature,
  asking: Asking,
  trustedKeys: readonly TrustedLogKey[],
): Promise<LogEntryJson | undefined> {
  if (log.version === 1) return await logOnRekorV1(log, fresh, asking);
  try {
    return (await logOnRekorV2(new TiledLog(log.url, trustedKeys), loggableOf(fresh), asking)).entry;
  } catch (error) {
    if (error instanceof PresentEntryError) return undefined;
    throw error;
  }
}

/** A signature over the content, which is read while it is hashed once more. */
async function signatureOver(content: ContentToSign, key: EphemeralKey): Promise<Uint8Array> {
  if (content.kind === 'statement') return await key.sign([preAuthEncoding(content)]);
  const hash = createHash('sha256');
  const signature = await key.sign(hashed(content.chunks(), (chunk) => hash.update(chunk)));
  if (equalBytes(hash.digest(), content.digest)) return signature;
  throw new InputError('the archive changed while it was signed', {
    publisher: 'sign it again when nobody writes it',
  });
}

async function* hashed(
  chunks: AsyncIterable<Uint8Array>,
  take: (chunk: Uint8Array) => void,
): AsyncGenerator<Uint8Array, void, void> {
  for await (const chunk of chunks) {
    take(chunk);
    yield chunk;
  }
}

/** What was signed outside the time of the certificate would be proven to nobody. */
function requireWhileValid(
  { validFrom, validUntil }: SignersCertificate,
  timestamps: readonly SignatureTimestamp[],
  entry: LogEntryJson | undefined,
): void {
  const integrated = entry?.integratedTime === undefined ? [] : [Number(entry.integratedTime)];
  for (const time of [...timestamps.map((each) => each.time), ...integrated])
    if (time < validFrom || time > validUntil)
      throw new LogError(
        'LOG_ANSWER',
        `expected the signature to be dated between ${formatTime(validFrom)} and ${formatTime(validUntil)}, as long as its certificate is valid, found ${formatTime(time)}`,
        'the clocks of the certificate authority and of the log or the timestamp authority disagree: try again, or tell those who run them',
      );
}
