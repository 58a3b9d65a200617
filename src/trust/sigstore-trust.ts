import * as z from '../zod.ts';
import { createHash, createPublicKey, type KeyObject } from 'node:crypto';
import { requireSimpleDer } from '../simple-der.ts';
import { decodeBase64, encodeHex, equalBytes, excerpt } from '../encoding.ts';
import { MalformedError, messageOf } from '../errors.ts';
import { checkShape, lateSchema } from '../shape.ts';
import { noteKeyDigest, type LogKey, type Validity } from '../tlog/log-key.ts';
import { rootLogMembers, timeRange, trustedRootType, validityOf } from './root-schema.ts';

/**
 * What vouches for the signatures of identities: all of a trusted root (Sigstore's trusted_root.json,
 * sigstore_trustroot.proto). Times are in seconds since 1970.
 */
export interface SigstoreTrust {
  /** Logs of signatures: Rekor v1, and v2, whose keys are named with the origin of the log. */
  readonly logs: readonly TrustedLogKey[];
  /** Those who certify identities: Fulcio. */
  readonly certificateAuthorities: readonly CertificateAuthority[];
  readonly timestampAuthorities: readonly CertificateAuthority[];
  /** Logs of certificates. */
  readonly certificateLogs: readonly TrustedLogKey[];
}

/** A key of a log, and the log's address. */
export interface TrustedLogKey extends LogKey {
  readonly url: string;
}

/** A chain of certificates, DER, the root last, and the time for which it counts. */
export interface CertificateAuthority extends Validity {
  readonly chain: readonly Uint8Array[];
}

const log = lateSchema(() =>
  z.object({ ...rootLogMembers(), checkpointKeyId: z.optional(z.object({ keyId: z.string() })) }),
);
const authority = lateSchema(() =>
  z.object({
    certChain: z.object({
      certificates: z
        .array(z.object({ rawBytes: z.string() }))
        .check(z.minLength(1, 'one certificate or more'), z.maxLength(10, 'at most 10 certificates')),
    }),
    validFor: timeRange(),
  }),
);
const list = <Item extends z.ZodMiniType>(item: Item) =>
  z.optional(z.array(item).check(z.maxLength(MAX_ITEMS, `at most ${MAX_ITEMS} of each kind`)));
const rootSchema = lateSchema(() =>
  z.object({
    mediaType: trustedRootType(),
    tlogs: list(log()),
    certificateAuthorities: list(authority()),
    timestampAuthorities: list(authority()),
    ctlogs: list(log()),
  }),
);

const MAX_ITEMS = 100;

/**
 * The trusted root that a JSON value spells. A log whose key has no beginning of its validity vouches for nothing, and is
 * left out; so is one that is named neither by its key alone nor by its key and host.
 * @throws MalformedError if it is not a trusted root, or a key in it is damaged
 */
export function parseSigstoreTrust(json: unknown): SigstoreTrust {
  const root = checkShape(rootSchema(), json);
  return {
    logs: (root.tlogs ?? []).flatMap((each) => logKeyOf(each)),
    certificateAuthorities: (root.certificateAuthorities ?? []).map(authorityOf),
    timestampAuthorities: (root.timestampAuthorities ?? []).map(authorityOf),
    certificateLogs: (root.ctlogs ?? []).flatMap((each) => logKeyOf(each)),
  };
}

function logKeyOf({
  baseUrl,
  publicKey,
  logId,
  checkpointKeyId,
}: z.output<ReturnType<typeof log>>): TrustedLogKey[] {
  const validity = validityOf(publicKey.validFor);
  const der = decodeBase64(publicKey.rawBytes);
  const key = importKey(der, baseUrl);
  const id = logIdOf(decodeBase64(logId.keyId), checkpointKeyId && decodeBase64(checkpointKeyId.keyId));
  const named = { url: baseUrl, logId: encodeHex(id), publicKey: key, ...validity };
  if (validity.validFrom === undefined) return [];
  if (equalBytes(id, createHash('sha256').update(der).digest())) return [named];
  const origin = hostOf(baseUrl);
  const inNotes = origin === undefined ? undefined : noteKeyDigest(origin, key);
  return origin !== undefined && inNotes !== undefined && equalBytes(id, inNotes)
    ? [{ ...named, origin }]
    : [];
}

/** What entries call the log. In notes the first four bytes are enough, and a root may have these alone. */
function logIdOf(logId: Uint8Array, inNotes: Uint8Array | undefined): Uint8Array {
  return inNotes?.length === logId.length ? inNotes : logId;
}

/**
 * The keys of a trusted root that are of the log at this address: another log that is trusted as well must not pass for it.
 * @param isNamed whether the user named the root for this log. Of other roots only logs of Rekor v2 count, which are named
 * with their origin: of the others such a root says nothing
 */
export function keysOfLogAt(
  { logs }: SigstoreTrust,
  href: string,
  isNamed: boolean,
): readonly TrustedLogKey[] {
  return logs.filter(({ url, origin }) => hostOf(url) === hostOf(href) && (isNamed || origin !== undefined));
}

/** Clients take the host without its port for the origin of a log. @returns undefined if it is no URL */
export function hostOf(url: string): string | undefined {
  return URL.canParse(url) ? new URL(url).hostname : undefined;
}

function importKey(der: Uint8Array, url: string): KeyObject {
  try {
    return createPublicKey({ key: Buffer.from(der), format: 'der', type: 'spki' });
  } catch (error) {
    throw new MalformedError(`the key of ${excerpt(url)}: ${messageOf(error)}`);
  }
}

function authorityOf({ certChain, validFor }: z.output<ReturnType<typeof authority>>): CertificateAuthority {
  return {
    chain: certChain.certificates.map(({ rawBytes }) => certificateOf(rawBytes)),
    ...validityOf(validFor),
  };
}

function certificateOf(base64: string): Uint8Array {
  const der = decodeBase64(base64);
  requireSimpleDer(der);
  return der;
}
