import type { ChartMetadata } from '../chart/archive/metadata.ts';
import type { Sha256 } from '../digest.ts';
import { excerpt } from '../encoding.ts';
import type { BundleEvidence, SignedImage } from './bundle-evidence.ts';
import { failed, passed, type CheckResult, type FailedResult } from './checks.ts';
import { judgeSubject } from './statement-checks.ts';

/** Whether the manifest is what was signed, and its one archive is this one. */
export function judgeImage(
  evidence: BundleEvidence & { readonly archive: { readonly sha256: Sha256; readonly size: number } },
  { sha256, read, claim }: SignedImage,
): CheckResult<undefined> {
  const digest = judgeSubject(evidence);
  if (digest.outcome !== 'passed') return digest;
  const { archive: layer, sha256: found } = read();
  const named = claim?.().manifest;
  if (named !== undefined && named !== found)
    return failed('the text that was signed names another image manifest', {
      expected: `sha256:${named}`,
      found: `sha256:${found}`,
    });
  // What was signed was hashed for the signature; what was read out of it has to be of the same.
  if (found !== sha256 || (named ?? evidence.sha256) !== found)
    throw new Error('another manifest was read than was signed');
  const { archive } = evidence;
  if (layer.digest !== archive.sha256 || layer.size !== archive.size)
    return failed('the manifest that was signed is of another archive', {
      expected: `sha256:${layer.digest}, ${layer.size} bytes`,
      found: `sha256:${archive.sha256}, ${archive.size} bytes`,
    });
  return passed(
    `the image manifest sha256:${sha256} was signed, and its archive is this one: sha256:${archive.sha256}`,
  );
}

/**
 * How the annotations of the manifest that was signed, or the text that names it, differ from the Chart.yaml in its archive;
 * undefined: they agree. In which registry and where there the text says that the image is does not count: copies keep it.
 */
export function holdAgainstImage(
  packed: ChartMetadata,
  { read, claim }: SignedImage,
): FailedResult | undefined {
  const [image, claimed] = [read(), claim?.().name ?? ''];
  if (claimed !== '' && claimed !== packed.name)
    return failed('the text that was signed is of an image of another name', {
      expected: excerpt(packed.name),
      found: excerpt(claimed),
      hint: {
        consumer: 'ask the publisher: Helm pushes a chart to a repository of its own name',
        publisher: 'push the chart with helm push, and sign what that printed',
      },
    });
  for (const member of ['name', 'version'] as const) {
    const said = image[member];
    if (said === packed[member]) continue;
    return failed(`the manifest that was signed and Chart.yaml differ in the ${member} of the chart`, {
      expected: excerpt(packed[member]),
      found: said === undefined ? 'nothing' : excerpt(said),
      hint: {
        consumer: 'ask the publisher: Helm writes both alike',
        publisher: 'push the chart with helm push, which annotates its name and version, and sign that',
      },
    });
  }
  return undefined;
}
