import { join } from 'node:path';
import { UsageError } from '../errors.ts';
import { requirementsWithConsistency } from '../proving/chart-evidence.ts';
import { mirrorChart } from '../proving/mirror-chart.ts';
import { evidenceForMirror } from '../proving/mirrored-evidence.ts';
import { answerWithMirror } from '../proving/mirror-run.ts';
import { NAMING_CHARTS, REFERRING_TO_CHARTS, withCharts } from '../proving/named-charts.ts';
import { refuseSameNames } from '../proving/same-names.ts';
import { orByBundles } from '../proving/answer-verified.ts';
import { givenBundleFlags } from '../proving/given-bundle-flags.ts';
import { chartVerifier } from '../proving/verify-chart.ts';
import { mirrorResult } from '../render/mirror-result.ts';
import { defineCommand } from '../run/command.ts';
import { CHART_BUNDLE_OPTIONS, PROVING_OPTIONS, REFERENCE_OPTIONS } from '../settings/option-groups.ts';

export const mirror = defineCommand({
  arguments: '[chart...]',
  description:
    'Verifies charts and copies those that are proven into a directory, with provenance and evidence or Sigstore bundles, ' +
    'the keys that counted, a manifest, and an index.yaml for helm repo add. Running it again is harmless, and goes on where ' +
    `an earlier run was stopped.\n\n${NAMING_CHARTS}\n\n${REFERRING_TO_CHARTS}`,
  examples: [
    'mirror hello-0.1.0.tgz --to ./site',
    'mirror ./charts --to ./site --keyring publisher.asc',
    'mirror index.yaml --charts-dir ./charts --to ./site --output json',
    'mirror hello-0.1.0.tgz --to ./site --certificate-identity release@example.com --certificate-oidc-issuer https://accounts.example.com',
  ],
  options: [
    ...PROVING_OPTIONS,
    ...REFERENCE_OPTIONS,
    ...CHART_BUNDLE_OPTIONS,
    'as',
    'to',
    'requireConsistency',
    'policy',
    'verbose',
    'output',
  ],
  run: async (operands, settings, context, show) => {
    const directory = settings.one('to');
    if (directory === undefined)
      throw new UsageError(
        'expected --to with the directory of the mirror, found none',
        'the charts come without an option, and --to names the directory that they are copied into',
      );
    const signedName = settings.one('as');
    const bundles = await givenBundleFlags(settings, context);
    const general = { ...requirementsWithConsistency(settings, signedName), ...bundles?.required };
    return await withCharts(operands, settings, context, { signedName }, async (named) => {
      const charts = await refuseSameNames(named, signedName);
      return await answerWithMirror(directory, charts, settings, context, show, (run) => {
        const findEvidence = evidenceForMirror(run.mirror, general);
        const verifyByLog = chartVerifier({ ...run, looksInside: 'chart' }, general, findEvidence);
        const verifyChart = orByBundles(
          verifyByLog,
          { general, bundles, isOffline: false },
          settings,
          context,
        );
        return {
          good: 'mirrored',
          wasThere: 'already there',
          work: async (chart) => {
            const { kept, ...proved } = await mirrorChart(chart, verifyChart, run);
            if (kept !== undefined) run.kept.push(kept);
            const copy = kept && { path: join(directory, kept.chart.archive), wasThere: kept.wasThere };
            return mirrorResult(
              { ...proved, copy },
              { server: run.log.server.href },
              settings.has('verbose'),
            );
          },
        };
      });
    });
  },
});
