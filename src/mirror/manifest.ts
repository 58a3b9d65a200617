import type { Sha256 } from '../digest.ts';
import { encodeUtf8, formatTime } from '../encoding.ts';
import { evidencePath } from '../evidence/evidence.ts';
import {
  BUNDLE_ENDINGS,
  CLAIM_ENDING,
  MANIFEST_ENDING,
  PROVENANCE_BUNDLE_ENDING,
} from '../evidence/sigstore-bundle.ts';
import { byCharacters } from './text-order.ts';

/** What is in a mirror, and what each chart came to when it was put there. It finds accidents, not attackers. */
export interface Manifest {
  readonly charts: readonly MirroredChart[];
  /** Every file but the manifest itself. */
  readonly files: readonly MirroredFile[];
}

/** Who vouched for a chart that was verified: by OpenPGP, by a Sigstore bundle, or both. */
export interface MirroredSigners {
  /** The fingerprint of the primary key that signed its provenance, in lower-case hexadecimal. */
  readonly signer?: string | undefined;
  /** Who signed its Sigstore bundle, with a certificate, and who vouched for that name. */
  readonly identity?: string | undefined;
  readonly issuer?: string | undefined;
  /** The key that signed its Sigstore bundle: SHA-256 of the DER SubjectPublicKeyInfo, in lower-case hexadecimal. */
  readonly key?: string | undefined;
}

/** A chart that was verified when it was copied. What proves it is beside its archive. */
export interface MirroredChart extends MirroredSigners {
  /** The path of its archive. */
  readonly archive: string;
  /** As its Chart.yaml has them. */
  readonly name: string;
  readonly version: string;
  /** When it was verified, in seconds since 1970. */
  readonly time: number;
}

/** Whether a chart is by the same signers. */
export function haveSameSigners(one: MirroredSigners, other: MirroredSigners): boolean {
  return (['signer', 'identity', 'issuer', 'key'] as const).every((member) => one[member] === other[member]);
}

/** A file of a mirror. */
export interface MirroredFile {
  /** Below the directory, with slashes: see `isPortablePath`. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  readonly sha256: Sha256;
}

/** The name of the manifest in its directory. */
export const MANIFEST = 'manifest.json';

/** Names the format. Another version of it is another media type. */
export const MANIFEST_TYPE = 'application/vnd.helm-sigstore.mirror.v1+json';

/** Bytes. As many charts as there may be have less. */
export const MANIFEST_LIMIT = 64 << 20;
/** As many as an index may name. */
export const MAX_CHARTS = 50_000;
/** Seven of each chart, and those of its signer and its log. */
export const MAX_FILES = 8 * MAX_CHARTS;

/** All that is said of a chart which was put into a mirror: no other one is. */
export const VERDICT = 'verified';

/** Where the files of a chart are, as far as it has them. */
export interface ChartPaths {
  readonly archive: string;
  readonly provenance: string;
  /** Of its entry in a log. */
  readonly evidence: string;
  /** Shows the signature of the provenance on a log. */
  readonly provenanceBundle: string;
  /** A Sigstore bundle of the archive, or of the image manifest, which is beside it then. */
  readonly bundle: string;
  readonly manifest: string;
  /** The text that names this manifest, where the bundle is of that. */
  readonly claim: string;
}

export function pathsOf(archive: string): ChartPaths {
  return {
    archive,
    provenance: `${archive}.prov`,
    evidence: evidencePath(archive),
    provenanceBundle: archive + PROVENANCE_BUNDLE_ENDING,
    bundle: archive + BUNDLE_ENDINGS[0],
    manifest: archive + MANIFEST_ENDING,
    claim: archive + CLAIM_ENDING,
  };
}

/** The paths that a chart with this archive may have. */
export function filesOf(archive: string): readonly string[] {
  return Object.values(pathsOf(archive)) as string[];
}

/** Those of a chart with these signers: each of the first has to be there, one of the second, and any of the third may be. */
export function pathsNeeded(
  archive: string,
  { signer, identity, key }: MirroredSigners,
): { readonly all: readonly string[]; readonly one: readonly string[]; readonly any: readonly string[] } {
  const { provenance, evidence, provenanceBundle, bundle, manifest, claim } = pathsOf(archive);
  const isBundled = identity !== undefined || key !== undefined;
  return {
    all: [archive, ...(signer === undefined ? [] : [provenance]), ...(isBundled ? [bundle] : [])],
    one: signer === undefined ? [] : [evidence, provenanceBundle],
    any: isBundled ? [manifest, claim] : [],
  };
}

/** The text in front of the charts, between them and the files, and behind those. */
export const FRAME = [
  `{\n  "mediaType": "${MANIFEST_TYPE}",\n  "charts": [\n`,
  '  ],\n  "files": [\n',
  '  ]\n}\n',
] as const;

/**
 * The bytes of a manifest: JSON with each chart and each file on a line of its own, in the order of their paths. The
 * same content gives the same bytes, in whatever order it comes.
 */
export function formatManifest({ charts, files }: Manifest): Uint8Array {
  const [before, between, behind] = FRAME;
  const text = [before, linesOf(charts, chartMembers), between, linesOf(files, fileMembers), behind];
  return encodeUtf8(text.join(''));
}

function chartMembers({ archive, name, version, time, ...signers }: MirroredChart): [string, object] {
  const { signer, identity, issuer, key } = signers;
  const by = { signer, identity, issuer, key };
  return [archive, { archive, name, version, verdict: VERDICT, time: formatTime(time), ...by }];
}

function fileMembers({ path, size, sha256 }: MirroredFile): [string, object] {
  return [path, { path, size, sha256 }];
}

function linesOf<Item>(items: readonly Item[], membersOf: (item: Item) => [string, object]): string {
  const lines = items
    .map(membersOf)
    .sort(([a], [b]) => byCharacters(a, b))
    .map(([, members]) => `    ${JSON.stringify(members)}`);
  return lines.length === 0 ? '' : `${lines.join(',\n')}\n`;
}
