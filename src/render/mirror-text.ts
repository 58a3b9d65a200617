import { formatTime } from '../encoding.ts';
import type { ProvenReport } from '../policy/decision.ts';
import { archiveLines, signerLines, type ReportedArchive } from './chart-text.ts';
import { bundleSignerLines } from './signed-bundle-text.ts';

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

/** The text of a chart that was proven and is now in the mirror. @param proofs all that were required */
export function copiedText(
  { path, wasThere }: ShownCopy,
  proofs: readonly ProvenReport[],
  archive: ReportedArchive,
): string[] {
  return [
    `${wasThere ? 'Chart Already Mirrored' : 'Chart Mirrored'}: ${path}`,
    ...archiveLines(archive),
    ...proofs.flatMap((each) => [...byWhom(each), ...each.warnings.map((warning) => `Warning: ${warning}`)]),
  ];
}

function byWhom(proof: ProvenReport): string[] {
  if (proof.profile === 'openpgp-rekor')
    return [...signerLines(proof.signer), `Logged At: ${formatTime(proof.entry.time.integratedTime)}`];
  return [
    ...(proof.profile === 'openpgp-bundle' ? signerLines(proof.signer) : bundleSignerLines(proof.signer)),
    `Signed At: ${formatTime(proof.time)}`,
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
