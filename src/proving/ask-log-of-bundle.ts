import { LogError } from '../errors.ts';
import { parseBaseUrl } from '../http/base-url.ts';
import { RekorV1View } from '../log-view/rekor-v1.ts';
import { RekorClient } from '../rekor/client.ts';
import type { RunContext } from '../run/context.ts';
import type { Asking } from '../services/service-request.ts';
import { TiledLog } from '../services/tiled-log.ts';
import type { ConsistencyProof } from '../tlog/consistency-proof.ts';
import type { TrustedLogKey } from '../trust/sigstore-trust.ts';
import type { SignedCheckpoint } from '../verification/signed-checkpoint.ts';

/**
 * The proof of a log that one of two heads of its tree extends the other: a Rekor v1 gives it, of a v2 it is made of tiles.
 * Where the log does not answer, or makes no sense, nobody is accused.
 * @throws UsageError if the trusted root names the log by something else than a URL
 */
export async function askLogOfBundle(
  key: TrustedLogKey,
  before: SignedCheckpoint,
  now: SignedCheckpoint,
  { http, deadline, random }: Asking & Pick<RunContext, 'random'>,
): Promise<ConsistencyProof> {
  const url = parseBaseUrl(key.url, 'the address of a log in the trusted root');
  try {
    if (key.origin !== undefined)
      return await new TiledLog(url.href, [key]).consistency(before, now, { http, deadline });
    return await new RekorV1View(new RekorClient(http, url, deadline), random).consistency(
      now.treeId,
      before,
      now,
    );
  } catch (error) {
    if (!(error instanceof LogError)) throw error;
    return { kind: 'not-asked', why: `the log does not answer: ${error.message}` };
  }
}
