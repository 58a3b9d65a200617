import * as z from '../zod.ts';
import { InputError, MalformedError, UsageError } from '../errors.ts';
import { readUserFile } from '../files/user-file.ts';
import { parseBaseUrl } from '../http/base-url.ts';
import { checkShape, lateSchema } from '../shape.ts';
import { parseStrictJson } from '../strict-json.ts';
import { parseTimestamp } from '../trust/timestamp.ts';

/** A server of a signing config (sigstore_trustroot.proto, `Service`). */
export interface SigstoreService {
  /** Without a slash at its end. */
  readonly url: string;
  /** Of its API. */
  readonly version: number;
  /** Seconds since 1970. */
  readonly validFrom: number;
  readonly validUntil?: number;
  /** Who runs it; several services of one operator stand for one another. */
  readonly operator: string;
}

/** How many services of a kind are used (`ServiceConfiguration`). */
export type ServiceSelection =
  { readonly selector: 'ANY' | 'ALL' } | { readonly selector: 'EXACT'; readonly count: number };

/** Which servers a signer asks: a signing config 0.2 (sigstore_trustroot.proto, `SigningConfig`). */
export interface SigningConfig {
  readonly authorities: readonly SigstoreService[];
  readonly logs: readonly SigstoreService[];
  readonly logSelection: ServiceSelection;
  readonly timestamps: readonly SigstoreService[];
  readonly timestampSelection: ServiceSelection;
}

const LIMIT = 1 << 18;
const MAX_SERVICES = 50;

const serviceSchema = lateSchema(() =>
  z.strictObject({
    url: z.string(),
    majorApiVersion: z.int('a whole number').check(z.gte(1, 'a version from 1')),
    validFor: z.strictObject({ start: z.string(), end: z.optional(z.string()) }),
    operator: z.optional(z.string().check(z.maxLength(500, 'at most 500 characters'))),
  }),
);
const servicesSchema = lateSchema(() =>
  z.optional(z.array(serviceSchema()).check(z.maxLength(MAX_SERVICES, `at most ${MAX_SERVICES} services`))),
);
const selectionSchema = lateSchema(() =>
  z.optional(
    z.union([
      z.strictObject({ selector: z.literal('ANY') }),
      z.strictObject({ selector: z.literal('ALL') }),
      z.strictObject({
        selector: z.literal('EXACT'),
        count: z.int('a whole number').check(z.gte(1, 'a number from 1')),
      }),
    ]),
  ),
);
const configSchema = lateSchema(() =>
  z.strictObject({
    mediaType: z.literal('application/vnd.dev.sigstore.signingconfig.v0.2+json'),
    caUrls: servicesSchema(),
    oidcUrls: servicesSchema(),
    rekorTlogUrls: servicesSchema(),
    rekorTlogConfig: selectionSchema(),
    tsaUrls: servicesSchema(),
    tsaConfig: selectionSchema(),
  }),
);

/**
 * The signing config 0.2 that JSON bytes hold. Members that are not of that version are refused: they could change what
 * the others mean.
 * @throws MalformedError on anything else, and if a server would be asked without encryption over a network
 */
export function parseSigningConfig(bytes: Uint8Array): SigningConfig {
  const config = checkShape(configSchema(), parseStrictJson(bytes));
  return {
    authorities: servicesOf('caUrls', config.caUrls),
    logs: servicesOf('rekorTlogUrls', config.rekorTlogUrls),
    logSelection: config.rekorTlogConfig ?? { selector: 'ANY' },
    timestamps: servicesOf('tsaUrls', config.tsaUrls),
    timestampSelection: config.tsaConfig ?? { selector: 'ANY' },
  };
}

/**
 * The signing config of a file; undefined: that of the public Sigstore, as it comes with this version.
 * @throws InputError if it cannot be read, or is none
 */
export async function loadSigningConfig(
  file: string | undefined,
  interrupted: AbortSignal,
): Promise<SigningConfig> {
  if (file === undefined) {
    const { default: builtIn } = await import('./public-good-signing-config.json', {
      with: { type: 'json' },
    });
    return parseSigningConfig(Buffer.from(JSON.stringify(builtIn.signingConfig)));
  }
  const bytes = await readUserFile(file, { limit: LIMIT, interrupted });
  try {
    return parseSigningConfig(bytes);
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    throw new InputError(
      `${file} is no signing config: ${error.message}`,
      'give a signing_config.json of version 0.2, such as cosign signing-config create makes',
    );
  }
}

function servicesOf(
  member: string,
  services: z.output<ReturnType<typeof servicesSchema>> = [],
): SigstoreService[] {
  return services.map(({ url, majorApiVersion, validFor: { start, end }, operator = '' }) => ({
    url: addressOf(member, url),
    version: majorApiVersion,
    validFrom: parseTimestamp(start),
    ...(end !== undefined && { validUntil: parseTimestamp(end) }),
    operator,
  }));
}

function addressOf(member: string, url: string): string {
  try {
    const { href, warning } = parseBaseUrl(url, `a URL of ${member}`);
    if (warning === undefined) return href;
  } catch (error) {
    if (error instanceof UsageError) throw new MalformedError(error.message);
    throw error;
  }
  throw new MalformedError(`expected a URL of ${member} to begin with https://`);
}
