import { requirementsOf } from '../proving/chart-evidence.ts';
import { NAMING_CHARTS, withCharts } from '../proving/named-charts.ts';
import { answerWithLog } from '../proving/proving-run.ts';
import { uploadChart } from '../proving/upload-chart.ts';
import { evidencePlaceOf } from '../proving/evidence-place.ts';
import { inDoubt } from '../render/diagnosis.ts';
import { uploadResult } from '../render/upload-result.ts';
import { defineCommand } from '../run/command.ts';
import { whatChoseLog } from '../settings/addresses.ts';
import { PROVING_OPTIONS, REFERENCE_OPTIONS } from '../settings/option-groups.ts';

export const upload = defineCommand({
  arguments: '[chart...]',
  description:
    "Puts the provenance (CHART.tgz.prov) of each chart and the least of its signer's public key on the " +
    'transparency log, for good, and checks what the log answers. Uploading a chart again is harmless. ' +
    'What the log proved is kept beside the chart, as CHART.tgz.rekor.json. With --dry-run nothing is sent or written.\n\n' +
    `${NAMING_CHARTS} A chart may also be in a registry: oci://HOST/PATH/NAME:VERSION; then the evidence needs a place: --evidence, or --attach, which puts it beside the chart there.`,
  examples: [
    'upload hello-0.1.0.tgz',
    'upload hello-0.1.0.tgz --dry-run',
    'upload *.tgz --rekor-server https://rekor.example.com',
  ],
  audience: 'publisher',
  options: [
    ...PROVING_OPTIONS,
    ...REFERENCE_OPTIONS,
    'dryRun',
    'evidence',
    'attach',
    'noEvidence',
    'verbose',
    'output',
  ],
  run: async (operands, settings, context, show) => {
    const requirements = requirementsOf(settings);
    // Loaded for those who attach.
    const attaching = settings.has('attach')
      ? await (await import('../proving/attach-uploaded.ts')).Attaching.open(operands, settings, context)
      : undefined;
    return await withCharts(
      operands,
      settings,
      context,
      { accepted: 'files and registries' },
      async (charts) => {
        const [isRehearsal, isVerbose] = [settings.has('dryRun'), settings.has('verbose')];
        const place = evidencePlaceOf(settings, charts);
        const evidencePlace = isRehearsal || settings.has('noEvidence') ? () => undefined : place;
        return await answerWithLog(charts, settings, context, show, (run) => {
          const sent = new Set<string>();
          const rehearsedOn = isRehearsal ? whatChoseLog(settings) : undefined;
          const uploading = {
            ...run,
            sent,
            rehearsedOn,
            evidencePlace,
            attaching: isRehearsal ? undefined : attaching,
          };
          return {
            good: isRehearsal ? 'fit for upload' : 'logged',
            wasThere: 'already there',
            ...(!isRehearsal && { unchecked: 'not known to be logged' }),
            work: async (chart) => {
              const uploaded = await uploadChart(chart, requirements, uploading);
              const shownTo = { server: run.log.server.href, audience: context.audience };
              return uploadResult(uploaded, shownTo, isVerbose);
            },
            whenStopped: ({ label }) => (sent.has(label) ? inDoubt(label) : undefined),
          };
        });
      },
    ).finally(() => attaching?.close());
  },
});
