import { LogError } from '../errors.ts';
import { parseBaseUrl } from '../http/base-url.ts';
import { Deadline, limitsOf } from '../http/deadline.ts';
import type { HttpClient } from '../http/request.ts';
import type { ProveExtension } from '../history/bundle-history.ts';
import { RekorV1View } from '../log-view/rekor-v1.ts';
import { RekorClient } from '../rekor/client.ts';
import type { RunContext } from '../run/context.ts';
import { openHttp } from '../run/http.ts';
import { TiledLog } from '../services/tiled-log.ts';
import type { NetworkOption } from '../settings/option-groups.ts';
import type { Settings } from '../settings/settings.ts';
import { timeLimitOf } from '../settings/time-limit.ts';

/** Asks the logs of bundles for proofs that they grew: a Rekor v1 gives one, of a v2 it is made of tiles. */
export class LogsOfBundles {
  private constructor(
    private readonly http: HttpClient,
    private readonly settings: Settings<NetworkOption>,
    private readonly context: RunContext,
  ) {}

  /** @throws InputError on a bad file of authorities */
  static async open(settings: Settings<NetworkOption>, context: RunContext): Promise<LogsOfBundles> {
    return new LogsOfBundles(await openHttp(context, settings.one('caFile')), settings, context);
  }

  /**
   * Where the log does not answer, or makes no sense, nobody is accused.
   * @throws UsageError if the trusted root names the log by something else than a URL
   */
  readonly prove: ProveExtension = async (key, before, now) => {
    const { http, settings, context } = this;
    const url = parseBaseUrl(key.url, 'the address of a log in the trusted root');
    const deadline = new Deadline(limitsOf(timeLimitOf(settings)), context.interrupted);
    try {
      if (key.origin !== undefined)
        return await new TiledLog(url.href, [key]).consistency(before, now, { http, deadline });
      const view = new RekorV1View(new RekorClient(http, url, deadline), context.random);
      return await view.consistency(now.treeId, before, now);
    } catch (error) {
      if (!(error instanceof LogError)) throw error;
      return { kind: 'not-asked', why: `the log does not answer: ${error.message}` };
    }
  };

  close(): void {
    this.http.close();
  }
}
