import { answerForNamed, type Showing } from '../proving/answer-verified.ts';
import { requirementsWithConsistency } from '../proving/chart-evidence.ts';
import { givenBundleFlags } from '../proving/given-bundle-flags.ts';
import { NAMING_CHARTS, REFERRING_TO_CHARTS } from '../proving/named-charts.ts';
import { verifyResult } from '../render/chart-result.ts';
import { UsageError } from '../errors.ts';
import { spellingOf } from '../settings/options.ts';
import { defineCommand } from '../run/command.ts';
import { CHART_BUNDLE_OPTIONS, VERIFYING_OPTIONS } from '../settings/option-groups.ts';

export const verify = defineCommand({
  arguments: '[chart...]',
  description:
    'Proves that each archive, its signature (CHART.tgz.prov) and its signer are on the transparency log, ' +
    "and that the signer's key was good when the log took them. Evidence beside a chart (CHART.tgz.rekor.json, or a bundle of the provenance, CHART.tgz.prov.sigstore.json) is used " +
    `in place of a search in the log. Where you name a signer of Sigstore bundles (CHART.tgz.sigstore.json), that has to hold.\n\n${NAMING_CHARTS}\n\n${REFERRING_TO_CHARTS}`,
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
    ...VERIFYING_OPTIONS,
    ...CHART_BUNDLE_OPTIONS,
    'dependencies',
    'mirror',
    'manifestDigest',
    'verbose',
    'output',
  ],
  run: async (operands, settings, context, show) => {
    const given = CHART_BUNDLE_OPTIONS.filter((name) => settings.isGiven(name)).map(spellingOf);
    const [flag] = given;
    const inDepth = settings.has('dependencies') ? await import('../proving/with-subcharts.ts') : undefined;
    if (flag !== undefined && inDepth)
      throw new UsageError(
        `expected no ${flag} beside --dependencies, found one`,
        'the charts that a chart needs are verified by OpenPGP',
      );
    const bundles = await givenBundleFlags(settings, context);
    if (settings.has('mirror') || settings.has('manifestDigest')) {
      const general = { ...requirementsWithConsistency(settings, settings.one('as')), ...bundles?.required };
      const { answerForMirror } = await import('../proving/answer-for-mirror.ts');
      return await answerForMirror(operands, { general, bundles, isOffline: true }, settings, context, show);
    }
    const showing: Showing = {
      good: 'verified',
      bundles,
      looksInside: inDepth && 'subcharts',
      resultOf: async (verified, { server }) => {
        const result = verifyResult(verified, { server }, settings.has('verbose'));
        if (result.warning !== undefined) context.stderr.warn(result.warning);
        return (await inDepth?.withSubcharts(result, verified)) ?? result;
      },
    };
    const takesUnpacked = inDepth !== undefined;
    return await answerForNamed(operands, { ...showing, takesUnpacked }, settings, context, show);
  },
});
