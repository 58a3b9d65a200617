import { endpoint, type BaseUrl } from '../http/base-url.ts';
import { Deadline, limitsOf } from '../http/deadline.ts';
import { RekorV1View } from '../log-view/rekor-v1.ts';
import { RekorClient } from '../rekor/client.ts';
import type { ConnectionOption } from '../settings/option-groups.ts';
import type { Settings } from '../settings/settings.ts';
import { timeLimitOf } from '../settings/time-limit.ts';
import type { RunContext } from './context.ts';
import { openHttp } from './http.ts';
import { logTokenFor } from './log-token.ts';

/** A way to talk to a log, without any trust in it. */
export interface Connection {
  /** A view whose requests together may take five times as long as one; connections are shared. */
  readonly connect: () => RekorV1View;
  /** Begins a connection, for a request to come. */
  readonly prepare: () => void;
}

/**
 * Does the work with a connection to the log at this address. It is always closed, also if the work fails.
 * @throws InputError on a bad file of authorities, or of a token
 * @throws UsageError on a bad time limit, or a token for a log that must not get one
 */
export async function withConnection<Result>(
  server: BaseUrl,
  settings: Settings<ConnectionOption>,
  context: RunContext,
  work: (connection: Connection) => Promise<Result>,
): Promise<Result> {
  const limits = limitsOf(timeLimitOf(settings));
  const token = await logTokenFor(() => server.href, settings, context);
  const http = await openHttp(context, settings.one('caFile'), context.begun, token);
  try {
    if (server.warning !== undefined) context.stderr.warn(server.warning);
    return await work({
      connect: () => {
        const client = new RekorClient(http, server, new Deadline(limits, context.interrupted));
        return new RekorV1View(client, context.random);
      },
      prepare: () => {
        http.prepare(endpoint(server, '/'));
      },
    });
  } finally {
    http.close();
  }
}
