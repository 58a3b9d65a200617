import type { Sha256 } from '../digest.ts';
import { encodeUtf8, formatTime } from '../encoding.ts';
import { evidencePath } from '../evidence/evidence.ts';
import { byCharacters } from './text-order.ts';

/** What is in a mirror, and what each chart came to when it was put there. It finds accidents, not attackers. */
export interface Manifest {
  readonly charts: readonly MirroredChart[];
  /** Every file but the manifest itself. */
  readonly files: readonly MirroredFile[];
}

/** A chart that was verified when it was copied. Its provenance and its evidence are beside its archive. */
export interface MirroredChart {
  /** The path of its archive. */
  readonly archive: string;
  /** As its Chart.yaml has them. */
  readonly name: string;
  readonly version: string;
  /** When it was verified, in seconds since 1970. */
  readonly time: number;
  /** The fingerprint of the primary key that signed it, in lower-case hexadecimal. */
  readonly signer: string;
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
/** Three of each chart, and those of its signer and its log. */
export const MAX_FILES = 5 * MAX_CHARTS;

/** All that is said of a chart which was put into a mirror: no other one is. */
export const VERDICT = 'verified';

/** The paths of a chart: its archive, its provenance and its evidence. */
export function filesOf(archive: string): readonly [string, string, string] {
  return [archive, `${archive}.prov`, evidencePath(archive)];
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

function chartMembers({ archive, name, version, time, signer }: MirroredChart): [string, object] {
  return [archive, { archive, name, version, verdict: VERDICT, time: formatTime(time), signer }];
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
