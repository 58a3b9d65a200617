import * as z from '../zod.ts';
import { lateSchema } from '../shape.ts';
import type { Validity } from '../tlog/log-key.ts';
import { parseTimestamp } from './timestamp.ts';

/** The time for which something in a trusted root counts (sigstore_common.proto, `TimeRange`). */
export const timeRange = lateSchema(() =>
  z.optional(z.object({ start: z.optional(z.string()), end: z.optional(z.string()) })),
);

/** The members of a log that all who read a trusted root need (sigstore_trustroot.proto, `TransparencyLogInstance`). */
export const rootLogMembers = lateSchema(() => ({
  baseUrl: z.string(),
  publicKey: z.object({ rawBytes: z.string(), keyDetails: z.string(), validFor: timeRange() }),
  logId: z.object({ keyId: z.string() }),
}));

/** What a trusted root says that it is. */
export const trustedRootType = lateSchema(() =>
  z
    .string()
    .check(z.regex(/^application\/vnd\.dev\.sigstore\.trustedroot[.+]/, 'the media type of a trusted root')),
);

/**
 * That time, in seconds since 1970. Without a beginning or an end it is open there.
 * @throws MalformedError if one of them is no time
 */
export function validityOf({ start, end }: z.output<ReturnType<typeof timeRange>> = {}): Validity {
  return {
    ...(start !== undefined && { validFrom: parseTimestamp(start) }),
    ...(end !== undefined && { validUntil: parseTimestamp(end) }),
  };
}
