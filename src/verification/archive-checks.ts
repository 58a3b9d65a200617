import type { ChartMetadata } from '../chart/archive/metadata.ts';
import type { ExpectedChart } from '../chart/chart-files.ts';
import type { Sha256 } from '../digest.ts';
import type { Provenance } from '../provenance/provenance.ts';
import { failed, passed, skipped, type CheckResult, type FailedResult } from './checks.ts';
import { check } from './make-checks.ts';

/** What is compared about an archive. */
export interface ArchiveEvidence {
  /** Undefined: nobody looked at it. */
  readonly archive?: { readonly name: string; readonly sha256: Sha256 };
  /** The file name that the provenance must sign: the archive's own, or the one it had before it was renamed. */
  readonly signedName: string;
  readonly provenance: Pick<Provenance, 'document'>;
  /** What the index, the reference or the lock that names the archive says of it, if one does. */
  readonly expected?: ExpectedChart | undefined;
  /**
   * Reads the Chart.yaml in the archive, if it counts. Called only where every other check passed: that an
   * archive cannot be opened says less than a failed check.
   */
  readonly packed?: (() => Promise<ChartMetadata>) | undefined;
}

/** Whether the archive is the one that was signed, and the one that the index names. */
export const archiveDigest = check([], checkDigest);

/** Whether the signed text names this archive alone, and signed text, index and Chart.yaml name one chart. */
export const archiveName = { ...check([], checkName), lookCloser: lookIntoArchive };

/** How an archive differs from the one that an index names; undefined: it is the same, or an index names none. */
export function holdAgainstDigest(
  sha256: Sha256,
  expected: Pick<ExpectedChart, 'sha256'> | undefined,
): FailedResult | undefined {
  if (expected?.sha256 === undefined || expected.sha256 === sha256) return undefined;
  return failed('the archive is not the one that the index names', {
    expected: asDigest(expected.sha256),
    found: asDigest(sha256),
    hint: {
      consumer: 'get archive and index again, from where the publisher puts them',
      publisher: 'make the index again with helm repo index',
    },
  });
}

function checkDigest({ archive, provenance, expected }: ArchiveEvidence): CheckResult<undefined> {
  if (archive === undefined) return NOT_LOOKED_AT;
  const digests = provenance.document.files.map(({ sha256 }) => sha256);
  if (!digests.includes(archive.sha256))
    return failed('the archive is not the one that was signed', {
      expected: inWords(digests.map(asDigest), ' or '),
      found: asDigest(archive.sha256),
    });
  const failure = holdAgainstDigest(archive.sha256, expected);
  if (failure !== undefined) return failure;
  return passed(`the archive is the one that was signed: ${asDigest(archive.sha256)}`);
}

async function checkName({
  archive,
  signedName,
  provenance,
  expected,
}: ArchiveEvidence): Promise<CheckResult<undefined>> {
  if (archive === undefined) return NOT_LOOKED_AT;
  const { files, metadata } = provenance.document;
  const names = files.map(({ name }) => name);
  if (names.length !== 1)
    return failed('the provenance signs more than one file', {
      expected: signedName,
      found: inWords(names, ', '),
    });
  if (names[0] !== signedName)
    return failed('the provenance signs a file of another name', {
      expected: signedName,
      found: names.join(', '),
      hint: {
        consumer: 'if the archive was renamed, give the name that was signed with --as NAME-VERSION.tgz',
        publisher: 'give the archive the name that was signed',
      },
    });
  // YAML is read only where it has to be.
  const failure = expected && (await import('./packed-checks.ts')).holdAgainstIndex(metadata, expected);
  return failure ?? passed(`the provenance signs ${signedName} and nothing else`);
}

async function lookIntoArchive(evidence: ArchiveEvidence): Promise<FailedResult | undefined> {
  const packed = await evidence.packed?.();
  return packed && (await import('./packed-checks.ts')).holdAgainstPacked(evidence, packed);
}

const NOT_LOOKED_AT = skipped('the archive was not looked at');

function asDigest(sha256: Sha256): string {
  return `sha256:${sha256}`;
}

/** The first of a list that a stranger wrote, and how many more there are. */
function inWords(all: readonly string[], separator: string): string {
  const shown = all.slice(0, SHOWN).join(separator);
  return all.length > SHOWN ? `${shown} and ${all.length - SHOWN} more` : shown;
}

const SHOWN = 3;
