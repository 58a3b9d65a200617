import type { ChartFiles } from '../chart/chart-files.ts';
import { requirementsWithConsistency } from '../proving/chart-evidence.ts';
import { evidenceFinder } from '../proving/found-evidence.ts';
import { NAMING_CHARTS, REFERRING_TO_CHARTS, withCharts, type Naming } from '../proving/named-charts.ts';
import { answerWithLog } from '../proving/proving-run.ts';
import { chartVerifier, type ChartVerifier } from '../proving/verify-chart.ts';
import { verifyResult } from '../render/chart-result.ts';
import { defineCommand } from '../run/command.ts';
import { PROVING_OPTIONS, REFERENCE_OPTIONS } from '../settings/option-groups.ts';

export const verify = defineCommand({
  arguments: '[chart...]',
  description:
    'Proves that each archive, its signature (CHART.tgz.prov) and its signer are on the transparency log, ' +
    "and that the signer's key was good when the log took them. Evidence beside a chart (CHART.tgz.rekor.json) is used " +
    `in place of a search in the log.\n\n${NAMING_CHARTS}\n\n${REFERRING_TO_CHARTS}`,
  examples: [
    'verify hello-0.1.0.tgz',
    'verify hello-0.1.0.tgz --keyring publisher.asc --fingerprint F1225FFFEF327BE2C6E6C3C5C010E9C64672197F',
    'verify hello-0.1.0.tgz --rekor-server https://rekor.example.com --output json',
    'verify *.tgz --output jsonl',
    'verify oci://registry.example.com/charts/hello:0.1.0',
    'verify example/hello --version 0.1.0',
    'verify index.yaml --charts-dir ./mirror',
    'verify hello-0.1.0.tgz --offline',
    'verify ./hello --dependencies',
    'verify --mirror ./site --keyring publisher.asc',
  ],
  options: [
    ...PROVING_OPTIONS,
    ...REFERENCE_OPTIONS,
    'as',
    'evidence',
    'offline',
    'dependencies',
    'mirror',
    'manifestDigest',
    'requireConsistency',
    'policy',
    'verbose',
    'output',
  ],
  run: async (operands, settings, context, show) => {
    const signedName = settings.one('as');
    const requirements = requirementsWithConsistency(settings, signedName);
    if (settings.has('mirror') || settings.has('manifestDigest')) {
      const { answerForMirror } = await import('../proving/answer-for-mirror.ts');
      return await answerForMirror(operands, requirements, settings, context, show);
    }
    const isOffline = settings.has('offline');
    const accepted = isOffline ? 'files' : 'all';
    const inDepth = settings.has('dependencies')
      ? await import('../proving/verify-dependencies.ts')
      : undefined;
    const naming: Naming = { signedName, accepted, takesUnpacked: inDepth !== undefined };
    return await withCharts(operands, settings, context, naming, async (charts) => {
      const findEvidence = evidenceFinder(settings, charts, context);
      const workOf = (verifyChart: ChartVerifier, server: string) => ({
        good: 'verified',
        work: async (chart: ChartFiles) => {
          const verified = await verifyChart(chart);
          const result = verifyResult(verified, { server }, settings.has('verbose'));
          if (result.warning !== undefined) context.stderr.warn(result.warning);
          return (await inDepth?.withSubcharts(result, verified)) ?? result;
        },
      });
      const looksInside = inDepth && 'subcharts';
      if (!isOffline)
        return await answerWithLog(charts, settings, context, show, (run) =>
          workOf(chartVerifier({ ...run, looksInside }, requirements, findEvidence), run.log.server.href),
        );
      const { answerOffline } = await import('../proving/answer-offline.ts');
      return await answerOffline(
        charts,
        settings,
        context,
        show,
        requirements,
        findEvidence,
        workOf,
        looksInside,
      );
    });
  },
});
