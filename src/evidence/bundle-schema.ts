import * as z from '../zod.ts';
import { lateSchema } from '../shape.ts';
import { ENTRY_LIMITS } from '../tlog/logged-entry.ts';
import { HASH_BYTES } from '../tlog/merkle.ts';
import { MAX_TIMESTAMPS } from './sigstore-bundle.ts';

/**
 * The JSON form of bundles, strictly: no member that is not known. What has its default value may be left out, as
 * protobuf does.
 */

/** A number of 64 bits, as protobuf writes one; absent: 0. */
const count = lateSchema(() =>
  z.optional(z.string().check(z.regex(/^(?:0|[1-9][0-9]{0,15})$/, 'a string of decimal digits'))),
);
const base64 = (limit: number) =>
  z
    .string()
    .check(z.maxLength(limit, `at most ${limit} characters`), z.regex(/^[A-Za-z0-9+/]+={0,2}$/, 'base64'));
const hash = lateSchema(() =>
  z.string().check(z.regex(/^[A-Za-z0-9+/]{43}=$/, `base64 of ${HASH_BYTES} bytes`)),
);
const word = () => z.string().check(z.maxLength(100, 'at most 100 characters'));

/** Characters of base64. A certificate of a workflow has some thousands. */
const CERTIFICATE = 64 * 1024;
/** Characters of base64, for what is as long as the file allows. */
const ANY = 6 * 1024 * 1024;

const certificate = lateSchema(() => z.strictObject({ rawBytes: base64(CERTIFICATE) }));

const entry = lateSchema(() =>
  z.strictObject({
    logIndex: count(),
    logId: z.strictObject({ keyId: hash() }),
    kindVersion: z.strictObject({ kind: word(), version: word() }),
    integratedTime: count(),
    inclusionPromise: z.optional(
      z.nullable(z.strictObject({ signedEntryTimestamp: base64(ENTRY_LIMITS.signature) })),
    ),
    inclusionProof: z.optional(
      z.nullable(
        z.strictObject({
          logIndex: count(),
          rootHash: hash(),
          treeSize: count(),
          hashes: z.optional(
            z.array(hash()).check(z.maxLength(ENTRY_LIMITS.hashes, `at most ${ENTRY_LIMITS.hashes} hashes`)),
          ),
          checkpoint: z.strictObject({
            envelope: z
              .string()
              .check(z.maxLength(ENTRY_LIMITS.checkpoint, `at most ${ENTRY_LIMITS.checkpoint} characters`)),
          }),
        }),
      ),
    ),
    canonicalizedBody: base64(ANY),
  }),
);

const timestamps = lateSchema(() =>
  z.strictObject({
    rfc3161Timestamps: z.optional(
      z
        .array(z.strictObject({ signedTimestamp: base64(CERTIFICATE) }))
        .check(z.maxLength(MAX_TIMESTAMPS, `at most ${MAX_TIMESTAMPS} timestamps`)),
    ),
  }),
);

/** `verificationMaterial`, `messageSignature` and `dsseEnvelope` of a bundle, whatever its version. */
export const bundleSchema = lateSchema(() =>
  z.strictObject({
    mediaType: z.string(),
    verificationMaterial: z.strictObject({
      certificate: z.optional(certificate()),
      x509CertificateChain: z.optional(
        z.strictObject({
          certificates: z
            .array(certificate())
            .check(z.minLength(1, 'one certificate or more'), z.maxLength(10, 'at most 10 certificates')),
        }),
      ),
      publicKey: z.optional(z.strictObject({ hint: z.optional(word()) })),
      // Which of several entries would count nobody says.
      tlogEntries: z
        .array(entry())
        .check(z.minLength(1, 'one entry of a log'), z.maxLength(1, 'one entry of a log')),
      timestampVerificationData: z.optional(z.nullable(timestamps())),
    }),
    messageSignature: z.optional(
      z.strictObject({
        messageDigest: z.optional(
          z.strictObject({
            algorithm: z.union([z.literal('SHA2_256'), z.literal('SHA2_384'), z.literal('SHA2_512')]),
            digest: base64(100),
          }),
        ),
        signature: base64(ENTRY_LIMITS.signature),
      }),
    ),
    dsseEnvelope: z.optional(
      z.strictObject({
        payload: base64(ANY),
        payloadType: word(),
        signatures: z
          .array(z.strictObject({ sig: base64(ENTRY_LIMITS.signature), keyid: z.optional(word()) }))
          .check(z.minLength(1, 'one signature'), z.maxLength(1, 'one signature')),
      }),
    ),
  }),
);

export type BundleJson = z.output<ReturnType<typeof bundleSchema>>;

/** What cosign 2 wrote of the word of a Rekor v1. */
export const rekorBundleSchema = lateSchema(() =>
  z.strictObject({
    SignedEntryTimestamp: base64(ENTRY_LIMITS.signature),
    Payload: z.strictObject({
      body: base64(ANY),
      integratedTime: z.int().check(z.gte(0, 'a number of seconds')),
      logIndex: z.int().check(z.gte(0, 'a number from 0')),
      logID: z.string().check(z.regex(/^[0-9a-f]{64}$/, '64 hexadecimal digits')),
    }),
  }),
);

/** What cosign 2 wrote for `sign-blob --bundle`. */
export const cosignSchema = lateSchema(() =>
  z.strictObject({
    base64Signature: base64(ENTRY_LIMITS.signature),
    cert: z.optional(base64(CERTIFICATE)),
    rekorBundle: rekorBundleSchema(),
  }),
);

export type CosignJson = z.output<ReturnType<typeof cosignSchema>>;
