import type { ChartFiles, NamedCharts } from '../chart/chart-files.ts';
import type { Answer } from '../cli/answer.ts';
import type { Printer } from '../cli/printer.ts';
import { inDoubt } from '../render/diagnosis.ts';
import { uploadResult } from '../render/upload-result.ts';
import type { RunContext } from '../run/context.ts';
import { whatChoseLog } from '../settings/addresses.ts';
import type { Settings } from '../settings/settings.ts';
import { requirementsOf } from './chart-evidence.ts';
import { evidencePlaceOf } from './evidence-place.ts';
import { answerWithLog } from './proving-run.ts';
import { rekorVersionOf } from './rekor-version.ts';
import { prepared, type UploadAdditions, type UploadOption } from './upload-additions.ts';
import { uploadChart } from './upload-chart.ts';

/**
 * Uploads each chart to the log that the settings name, or says what would be sent, and answers.
 * @throws UsageError or InputError as `answerWithLog` and `answerUploadedOnV2` do
 */
export async function answerUploaded(
  charts: NamedCharts,
  settings: Settings<UploadOption>,
  context: RunContext,
  show: Printer['show'],
  additions: UploadAdditions,
): Promise<Answer> {
  if ((await rekorVersionOf(settings, context)) === 2) {
    // Loaded for those who use that.
    const { answerUploadedOnV2 } = await import('./answer-uploaded-v2.ts');
    return await answerUploadedOnV2(charts, settings.lacking(), context, show, additions);
  }
  const { attaching, openKeyring, prepare } = additions;
  const requirements = requirementsOf(settings);
  const [isRehearsal, isVerbose] = [settings.has('dryRun'), settings.has('verbose')];
  const place = evidencePlaceOf(settings, charts);
  const evidencePlace = isRehearsal || settings.has('noEvidence') ? () => undefined : place;
  return await answerWithLog(
    charts,
    settings,
    context,
    show,
    (run) => {
      const sent = new Set<string>();
      const rehearsedOn = isRehearsal ? whatChoseLog(settings) : undefined;
      const uploading = {
        ...run,
        sent,
        rehearsedOn,
        evidencePlace,
        attaching: isRehearsal ? undefined : attaching,
      };
      const upload = async (chart: ChartFiles) => {
        const uploaded = await uploadChart(chart, requirements, uploading);
        const shownTo = { server: run.log.server.href, audience: context.audience };
        return uploadResult(uploaded, shownTo, isVerbose);
      };
      return {
        good: isRehearsal ? 'fit for upload' : 'logged',
        wasThere: 'already there',
        ...(!isRehearsal && { unchecked: 'not known to be logged' }),
        work: prepared(upload, prepare),
        whenStopped: ({ label }) => (sent.has(label) ? inDoubt(label) : undefined),
      };
    },
    openKeyring,
  );
}
