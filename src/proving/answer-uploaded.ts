import type { ChartFiles, NamedCharts } from '../chart/chart-files.ts';
import type { Answer } from '../cli/answer.ts';
import type { Printer } from '../cli/printer.ts';
import { SigstoreError } from '../errors.ts';
import type { Keyring } from '../keyring/keyring.ts';
import type { RenderedChart } from '../render/chart-result.ts';
import { inDoubt } from '../render/diagnosis.ts';
import { uploadResult } from '../render/upload-result.ts';
import type { RunContext } from '../run/context.ts';
import { whatChoseLog } from '../settings/addresses.ts';
import type { KeyringOption, LogOption, SignerOption } from '../settings/option-groups.ts';
import type { Settings } from '../settings/settings.ts';
import type { Attaching } from './attach-uploaded.ts';
import { requirementsOf } from './chart-evidence.ts';
import { evidencePlaceOf } from './evidence-place.ts';
import { answerWithLog } from './proving-run.ts';
import { uploadChart } from './upload-chart.ts';

/** The options that decide how charts are uploaded. */
export type UploadOption =
  LogOption | KeyringOption | SignerOption | 'dryRun' | 'evidence' | 'noEvidence' | 'verbose';

/** What a command adds to an upload. */
export interface UploadAdditions {
  /** Takes what the log proved of charts in registries. */
  readonly attaching?: Attaching | undefined;
  /** Opens the keys whose signatures count; by default those that the settings name. */
  readonly openKeyring?: (() => Promise<Keyring>) | undefined;
  /** Done with each chart before it is uploaded; what it says stands before what the upload says. */
  readonly prepare?: ((chart: ChartFiles) => Promise<Pick<RenderedChart, 'text' | 'members'>>) | undefined;
}

/**
 * Uploads each chart to the log that the settings name, or says what would be sent, and answers.
 * @throws UsageError or InputError as `answerWithLog` does
 */
export async function answerUploaded(
  charts: NamedCharts,
  settings: Settings<UploadOption>,
  context: RunContext,
  show: Printer['show'],
  { attaching, openKeyring, prepare }: UploadAdditions,
): Promise<Answer> {
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
        work: async (chart) =>
          prepare === undefined
            ? await upload(chart)
            : await uploadPrepared(await prepare(chart), () => upload(chart)),
        whenStopped: ({ label }) => (sent.has(label) ? inDoubt(label) : undefined),
      };
    },
    openKeyring,
  );
}

/** What was done before an upload is said, whatever becomes of that. */
async function uploadPrepared(
  prepared: Pick<RenderedChart, 'text' | 'members'>,
  upload: () => Promise<RenderedChart>,
): Promise<RenderedChart> {
  try {
    const { text, members, ...rest } = await upload();
    return { ...rest, text: [...prepared.text, ...text], members: { ...prepared.members, ...members } };
  } catch (error) {
    if (error instanceof SigstoreError) return { ...prepared, error };
    throw error;
  }
}
