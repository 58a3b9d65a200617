import type { KeyObject } from 'node:crypto';
import { equalBytes } from '../encoding.ts';
import { messageOf } from '../errors.ts';
import type { Validity } from '../tlog/log-key.ts';
import type { CertificateAuthority, SigstoreTrust, TrustedLogKey } from '../trust/sigstore-trust.ts';
import type { LibraryVerdict, SignatureFacts } from './library-verdict.ts';
import { QuickElement } from './quick-element.ts';
import { Certificates } from './remembered-certificates.ts';
import type { SigstoreBundle } from './sigstore-bundle.ts';
import {
  bundleFromJSON,
  RFC3161Timestamp,
  toSignedEntity,
  VerificationError,
  Verifier,
  type TrustMaterial,
} from './sigstore-parts.ts';

/**
 * What Sigstore's own library says of a bundle: of its timestamps, the chain and the log of its certificate, the entry of
 * the log, the signature. It asks nobody. What it leaves open is judged elsewhere: who the signer is, what a statement says,
 * whether the key of a v2 log counted at that time.
 * @param signed what was found out about the signed bytes, which are not read again
 * @param key the key that the user gave, for a bundle without a certificate
 */
export function judgeByLibrary(
  bundle: SigstoreBundle,
  signed: SignatureFacts,
  trust: SigstoreTrust,
  key: KeyObject | undefined,
): LibraryVerdict {
  let timestamps: readonly number[] = [];
  try {
    const entity = toSignedEntity(bundleFromJSON(bundle.json));
    const times = entity.timestamps.map(quickTimestamp);
    timestamps = times.flatMap((each) =>
      each.$case === 'timestamp-authority' ? [secondsOf(each.timestamp.signingTime)] : [],
    );
    new Verifier(materialOf(trust, bundle, key)).verify({
      ...entity,
      timestamps: times,
      ...(bundle.verifier.kind === 'certificate' && {
        key: {
          $case: 'certificate',
          certificate: rootMaterialOf(trust).certificates.of(bundle.verifier.der),
        },
      }),
      signature: {
        signature: Buffer.from(bundle.content.signature),
        compareSignature: (signature) => equalBytes(signature, bundle.content.signature),
        compareDigest: (digest) =>
          signed.payloadDigest !== undefined && equalBytes(digest, signed.payloadDigest),
        compareSignedDigest: (digest) => equalBytes(digest, signed.digest),
        verifySignature: (signer) => signed.holds && signed.key.equals(signer),
      },
    });
    return { kind: 'agrees', timestamps };
  } catch (error) {
    return { kind: 'disagrees', at: placeOf(error), reason: reasonOf(error), timestamps };
  }
}

type SignedTime = ReturnType<typeof toSignedEntity>['timestamps'][number];

/** The same timestamp. What its signature is over is DER that the library writes anew. */
function quickTimestamp(each: SignedTime): SignedTime {
  if (each.$case !== 'timestamp-authority') return each;
  return { ...each, timestamp: new RFC3161Timestamp(QuickElement.of(each.timestamp.root)) };
}

function secondsOf(time: Date): number {
  return Math.floor(time.getTime() / 1000);
}

/** At which of its checks the library stopped; undefined: that cannot be told. */
function placeOf(error: unknown): (LibraryVerdict & { kind: 'disagrees' })['at'] {
  const code = error instanceof VerificationError ? error.code : '';
  if (code === 'TIMESTAMP_ERROR') return 'signed-time';
  if (code === 'CERTIFICATE_ERROR' || code === 'PUBLIC_KEY_ERROR') return 'certificate';
  if (code.startsWith('TLOG_')) return 'entry';
  return code === 'SIGNATURE_ERROR' ? 'signature' : undefined;
}

/** The library throws errors of many kinds. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : '';
  return `${messageOf(error)}${cause}`;
}

/** What is the same for every bundle that is judged by a trusted root. */
interface RootMaterial extends Pick<
  TrustMaterial,
  'certificateAuthorities' | 'timestampAuthorities' | 'ctlogs'
> {
  readonly certificates: Certificates;
}

/** A trusted root is read once in a run, and never changed. */
const MATERIALS = new WeakMap<SigstoreTrust, RootMaterial>();

function rootMaterialOf(trust: SigstoreTrust): RootMaterial {
  const known = MATERIALS.get(trust);
  if (known !== undefined) return known;
  const certificates = new Certificates();
  const made = {
    certificates,
    certificateAuthorities: trust.certificateAuthorities.map((each) => authority(each, certificates)),
    timestampAuthorities: trust.timestampAuthorities.map((each) => authority(each, certificates)),
    ctlogs: trust.certificateLogs.map((each) => logOf(each)),
  };
  MATERIALS.set(trust, made);
  return made;
}

function materialOf(trust: SigstoreTrust, bundle: SigstoreBundle, key: KeyObject | undefined): TrustMaterial {
  return {
    ...rootMaterialOf(trust),
    tlogs: trust.logs.map((each) => logOf(each, namesIn(bundle))),
    publicKey: () => {
      if (key === undefined) throw new Error('there is no key to verify with');
      return { publicKey: key, validFor: () => true };
    },
  };
}

function authority(
  { chain, ...validity }: CertificateAuthority,
  certificates: Certificates,
): TrustMaterial['certificateAuthorities'][number] {
  return { certChain: chain.map((der) => certificates.of(der)), validFor: span(validity) };
}

/**
 * The library wants the name on a checkpoint to be part of the log's URL. Which name a private log of Rekor v1 has is
 * chosen by whoever runs it; its key is what counts.
 */
function logOf(
  { url, logId, publicKey, origin, ...validity }: TrustedLogKey,
  names: readonly string[] = [],
): TrustMaterial['tlogs'][number] {
  const baseURL = origin ?? [url, ...names].join(' ');
  return { baseURL, logID: Buffer.from(logId, 'hex'), publicKey, validFor: span(validity) };
}

function namesIn({ entry }: SigstoreBundle): readonly string[] {
  const lines = entry.proof?.checkpoint.split('\n') ?? [];
  return lines.flatMap((line) => /^\u2014 (\S+) \S+$/u.exec(line)?.slice(1) ?? []);
}

function span({ validFrom = 0, validUntil = END_OF_TIME }: Validity): { start: Date; end: Date } {
  return { start: new Date(validFrom * 1000), end: new Date(validUntil * 1000) };
}

/** The last moment that a Date has. */
const END_OF_TIME = 8_640_000_000_000;
