import type { Sha256 } from '../digest.ts';
import type { ArchiveEvidence } from './archive-checks.ts';
import type { SignatureEvidence } from './signature-check.ts';

/** A chart's archive and provenance, and whose signature on them counts. */
export interface ChartEvidence extends ArchiveEvidence, SignatureEvidence {
  readonly archive: { readonly name: string; readonly sha256: Sha256 };
  readonly provenance: SignatureEvidence['provenance'];
}
