import type { MadeChart } from './charts.ts';
import { EMPTY, MANIFEST, type RawRepository } from './raw-registry.ts';

/** The type of what proves that a chart was logged. */
export const EVIDENCE = 'application/vnd.helm-sigstore.evidence.v1+json';

/** The digest of nothing that is there. */
export const NOWHERE = `sha256:${'0'.repeat(64)}`;

/** What a liar has. */
export interface Lie {
  readonly repository: RawRepository;
  readonly chart: MadeChart;
  /** The digest of the manifest that the list is for. */
  readonly subject: string;
}

/** Pushes evidence of a chart as anybody can; returns how a list would name it. */
export async function attachEvidence(
  repository: RawRepository,
  { evidence = Buffer.of() }: MadeChart,
  { subject, artifactType = EVIDENCE }: { readonly subject?: string; readonly artifactType?: string },
): Promise<{ readonly mediaType: string; readonly digest: string; readonly size: number }> {
  const manifest = {
    schemaVersion: 2,
    mediaType: MANIFEST,
    artifactType,
    config: await repository.putBlob(EMPTY, Buffer.from('{}')),
    layers: [await repository.putBlob(artifactType, evidence)],
    ...(subject && { subject: { mediaType: MANIFEST, digest: subject, size: 1 } }),
  };
  const digest = await repository.putManifest('', manifest);
  const size = Buffer.byteLength(JSON.stringify(manifest));
  return { mediaType: MANIFEST, digest, size, ...{ artifactType: EVIDENCE } };
}

/** Well-formed evidence that the log did not sign. */
export function evidenceAtAnotherTime({ evidence = Buffer.of() }: MadeChart): Uint8Array {
  const text = Buffer.from(evidence).toString();
  const changed = text.replace(/("integratedTime": *")([0-9]+)/, (_, before: string, time: string) => {
    return before + String(Number(time) - 1);
  });
  if (changed === text) throw new Error('no time in the evidence');
  return Buffer.from(changed);
}
