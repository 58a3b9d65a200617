import { excerpt } from '../encoding.ts';
import { parseStatement } from '../evidence/in-toto-statement.ts';
import { MANIFEST_ENDING } from '../evidence/sigstore-bundle.ts';
import { holdAgainstDigest } from './archive-checks.ts';
import type { ChartBundleEvidence } from './bundle-evidence.ts';
import { failed, passed, type CheckResult } from './checks.ts';
import { check } from './make-checks.ts';
import { judgeSubject, subjectsOf } from './statement-checks.ts';

/** Whether the archive, or the manifest that it is in, is what was signed. */
export const bundledArchive = check([], async (evidence: ChartBundleEvidence) => {
  const { archive, expected, image } = evidence;
  const ofImage = image && (await import('./image-checks.ts')).judgeImage;
  const digest = image && ofImage ? ofImage(evidence, image) : withWay(judgeSubject(evidence), evidence);
  return holdAgainstDigest(archive.sha256, expected) ?? digest;
});

/** What may be missing where a bundle is about something else: cosign signs charts in registries without a file name. */
function withWay(
  result: CheckResult<undefined>,
  { bundle: { content } }: ChartBundleEvidence,
): CheckResult<undefined> {
  if (result.outcome !== 'failed' || content.kind === 'message') return result;
  if (parseStatement(content).subjects.some(({ name }) => name !== undefined)) return result;
  return {
    ...result,
    hint: {
      consumer: `a signature by cosign sign is on the image manifest of a chart in a registry: verify the chart there (oci://…), or put its manifest beside the archive as CHART.tgz${MANIFEST_ENDING}`,
      publisher: 'sign the archive as well, with helm sigstore sign --identity',
    },
  };
}

/** Whether the chart is the one that its name says. */
export const bundledName = check([], checkName);

/**
 * Whether the chart is the one that its name says. A statement names the file; of a signature over the file itself nobody
 * but its own Chart.yaml says it.
 */
async function checkName(evidence: ChartBundleEvidence): Promise<CheckResult<undefined>> {
  const { bundle, sha256, signedName, expected, packed, image } = evidence;
  const metadata = await packed();
  const failure = expected && (await import('./packed-checks.ts')).holdUnsigned(expected, metadata);
  if (failure !== undefined) return failure;
  const lie = image && (await import('./image-checks.ts')).holdAgainstImage(metadata, image);
  if (lie !== undefined) return lie;
  const own = `${metadata.name}-${metadata.version}.tgz`;
  const isByChartYaml = bundle.content.kind === 'message' || image !== undefined;
  const named = isByChartYaml ? own : nameIn(evidence);
  if (named === signedName) return passed(`what is signed is called ${signedName}`);
  return failed(
    isByChartYaml
      ? 'the Chart.yaml that is signed with the archive is that of another file name'
      : `the statement gives sha256:${sha256} another name`,
    {
      expected: signedName,
      found: excerpt(named, 200),
      hint: {
        consumer: 'if the archive was renamed, give the name that was signed with --as NAME-VERSION.tgz',
        publisher: 'give the archive the name that was signed',
      },
    },
  );
}

/** The last part of the name that the statement gives the archive. */
function nameIn({ bundle, sha256 }: ChartBundleEvidence): string {
  if (bundle.content.kind === 'message') return '';
  const [subject] = subjectsOf(parseStatement(bundle.content).subjects, sha256);
  const name = subject?.name ?? '';
  return name.slice(name.lastIndexOf('/') + 1);
}
