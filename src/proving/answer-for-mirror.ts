import type { ChartFiles } from '../chart/chart-files.ts';
import type { Answer } from '../cli/answer.ts';
import { statusOf } from '../cli/diagnose.ts';
import { worstStatus } from '../cli/exit-status.ts';
import type { Printer } from '../cli/printer.ts';
import type { Difference } from '../mirror/differences.ts';
import type { ListedChart } from '../mirror/helm-index.ts';
import type { FoundManifest } from '../mirror/read-mirror.ts';
import { verifyResult, type RenderedChart } from '../render/chart-result.ts';
import {
  diagnosesOf,
  differenceDiagnosis,
  verifiedMirrorMembers,
  verifiedMirrorText,
} from '../render/difference-text.ts';
import type { RunContext } from '../run/context.ts';
import { requireNoNetwork } from '../run/offline-log.ts';
import type { KeyringOption, LogOption } from '../settings/option-groups.ts';
import type { Settings } from '../settings/settings.ts';
import type { AskedOfCharts } from './answer-verified.ts';
import { evidenceOf } from './found-evidence.ts';
import { mirrorVerifier } from './mirror-verifier.ts';
import { answerOffline } from './answer-offline.ts';
import { MirrorDifferences } from './mirror-differences.ts';
import { mirrorToVerify, type MirrorSettings } from './mirror-to-verify.ts';
import { chartsOfMirror, differenceOfIndex, MirrorChart, openMirror, proveCopy } from './verify-mirror.ts';

/** What is read of settings. */
type VerifySettings = Settings<LogOption | KeyringOption | 'verbose' | 'requireKinds'> & MirrorSettings;

/**
 * Verifies all of a mirror without any network: that every file is what the manifest says and nothing else is there, and
 * every chart by the keys that the user names. Keys and roots in the mirror are data; nothing is believed because of them.
 * @throws UsageError as `mirrorToVerify` does
 * @throws InputError, RejectedError as `openMirror` does
 * @throws InputError as `answerOffline` does
 */
export async function answerForMirror(
  operands: readonly string[],
  asked: AskedOfCharts,
  settings: VerifySettings,
  context: RunContext,
  show: Printer['show'],
): Promise<Answer> {
  const { directory, manifestDigest } = mirrorToVerify(operands, settings);
  requireNoNetwork(settings);
  const { manifest, sha256 } = await openMirror(directory, manifestDigest);
  const differences = await MirrorDifferences.find(directory, manifest, context);
  const listed: ListedChart[] = [];
  const answer = await answerOffline(
    { charts: chartsOfMirror(directory, manifest), general: asked.general, findEvidence: evidenceOf },
    settings,
    context,
    show,
    (verifyByLog, server) => {
      const verifyChart = mirrorVerifier(verifyByLog, asked, settings, context);
      return {
        good: 'verified',
        work: async (chart: ChartFiles): Promise<RenderedChart> => {
          if (!(chart instanceof MirrorChart)) throw new Error(`${chart.label} is no chart of a mirror`);
          const difference = differences.ofChart(chart.manifested.archive);
          if (difference !== undefined) return damaged(chart, directory, difference);
          const proved = await proveCopy(chart, () => verifyChart(chart));
          if (proved.listed !== undefined) listed.push(proved.listed);
          return verifyResult(proved, { server }, settings.has('verbose'));
        },
      };
    },
  );
  return withMirror(answer, { directory, sha256, manifest, differences, listed });
}

/** A mirror whose charts were judged. */
interface JudgedMirror extends FoundManifest {
  readonly directory: string;
  readonly differences: MirrorDifferences;
  /** The charts that are proven, as an index lists them. */
  readonly listed: readonly ListedChart[];
}

/** The answer for the charts of a mirror, with what is wrong beside them: the index counts where all else is right. */
function withMirror(
  answer: Answer,
  { directory, sha256, manifest, differences, listed }: JudgedMirror,
): Answer {
  const isIndexKnown = answer.status === 0 && differences.all.length === 0;
  const ofIndex = isIndexKnown ? differenceOfIndex(manifest, listed) : undefined;
  const wrongIndex = ofIndex ? [ofIndex] : [];
  const besides = diagnosesOf([...differences.besides(manifest), ...wrongIndex], directory);
  const status = worstStatus([answer.status, ...besides.map(statusOf)]);
  const shown = {
    ...{ directory, sha256, charts: manifest.charts.length, files: manifest.files.length },
    ...{ isVerified: status === 0, notShown: differences.notShown },
    differences: [...differences.all, ...wrongIndex],
  };
  return {
    ...answer,
    status,
    text: verifiedMirrorText(shown),
    document: { ...answer.document, ...verifiedMirrorMembers(shown) },
    diagnoses: [...(answer.diagnoses ?? []), ...besides],
  };
}

/** The result of a chart whose files are not those of the manifest: it is not judged. */
function damaged({ label }: ChartFiles, directory: string, difference: Difference): RenderedChart {
  return {
    text: [`Chart Not Verified: ${label}`],
    members: { difference },
    diagnosis: differenceDiagnosis(difference, directory),
  };
}
