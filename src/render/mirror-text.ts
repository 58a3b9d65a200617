import type { ProvenEntry } from '../verification/entry-report.ts';
import { formatTime } from '../encoding.ts';
import { archiveLines, signerLines, type ReportedArchive } from './chart-text.ts';

/** A chart that is in a mirror. */
export interface ShownCopy {
  /** Where its archive is. */
  readonly path: string;
  /** Whether all of its files were there before. */
  readonly wasThere: boolean;
}

/** A mirror at the end of a run. */
export interface ShownMirror {
  readonly directory: string;
  /** Of the manifest. */
  readonly sha256: string;
  readonly charts: number;
  readonly files: number;
  /** Whether the run changed anything in it. */
  readonly isChanged: boolean;
}

/** The text of a chart that was proven and is now in the mirror. */
export function copiedText(
  { path, wasThere }: ShownCopy,
  { entry, signer, warnings }: ProvenEntry,
  archive: ReportedArchive,
): string[] {
  return [
    `${wasThere ? 'Chart Already Mirrored' : 'Chart Mirrored'}: ${path}`,
    ...archiveLines(archive),
    ...signerLines(signer),
    `Logged At: ${formatTime(entry.time.integratedTime)}`,
    ...warnings.map((warning) => `Warning: ${warning}`),
  ];
}

/** The text of the whole mirror. */
export function mirrorText({ directory, sha256, charts, files, isChanged }: ShownMirror): string[] {
  return [
    `${isChanged ? 'Mirror Written' : 'Mirror Unchanged'}: ${directory}`,
    `Charts: ${charts}`,
    `Files: ${files}`,
    `Manifest: sha256:${sha256}`,
  ];
}

/** The same, for JSON. */
export function mirrorMembers({
  directory,
  sha256,
  charts,
  files,
  isChanged,
}: ShownMirror): Record<string, unknown> {
  return { mirror: { directory, manifest: { sha256 }, charts, files, changed: isChanged } };
}
