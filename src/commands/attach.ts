import type { Answer } from '../cli/answer.ts';
import { diagnose, statusOf } from '../cli/diagnose.ts';
import { UsageError } from '../errors.ts';
import { attachToChart } from '../proving/attach-to-chart.ts';
import { attachedMembers, attachedText } from '../render/attached-text.ts';
import { defineCommand } from '../run/command.ts';
import type { RunContext } from '../run/context.ts';
import { REGISTRY_OPTIONS, type RegistryOption } from '../settings/option-groups.ts';
import type { Settings } from '../settings/settings.ts';

export const attachEvidence = defineCommand({
  arguments: '<reference>',
  description:
    'Puts the evidence of a chart beside it in its registry, where verify finds it: as an artifact whose subject is the chart. ' +
    'The evidence has to be that of the archive, or the bundle (CHART.tgz.prov.sigstore.json) that of the provenance, which is in the registry. Attaching it again changes nothing. ' +
    'Credentials are those of helm registry login.',
  examples: [
    'attach oci://registry.example.com/charts/hello:0.1.0 --evidence hello-0.1.0.tgz.rekor.json',
    'attach oci://registry.example.com/charts/hello:0.1.0 --evidence hello-0.1.0.tgz.prov.sigstore.json',
    'attach oci://registry.example.com/charts/hello:0.1.0 --bundle hello-0.1.0.tgz.sigstore.json',
    'attach oci://registry.example.com/charts/hello:0.1.0 --evidence hello-0.1.0.tgz.rekor.json --bundle hello-0.1.0.tgz.sigstore.json',
  ],
  audience: 'publisher',
  options: ['attached', 'bundle', ...REGISTRY_OPTIONS, 'output'],
  run: attachFiles,
});

async function attachFiles(
  [reference = '']: readonly string[],
  settings: Settings<'attached' | 'bundle' | RegistryOption>,
  context: RunContext,
): Promise<Answer> {
  const [evidence, bundle] = [settings.one('attached'), settings.one('bundle')];
  if (evidence === undefined && bundle === undefined)
    throw new UsageError(
      'expected --evidence or --bundle, found neither',
      'helm sigstore evidence CHART.tgz makes CHART.tgz.rekor.json, helm sigstore sign CHART.tgz --identity CHART.tgz.sigstore.json',
    );
  const attached = await attachToChart(reference, { evidence, bundle }, settings, context);
  const failure = attached.failure && diagnose(attached.failure, false, context.audience);
  return {
    status: failure === undefined ? 0 : statusOf(failure),
    text: attachedText(attached),
    document: attachedMembers(attached),
    ...(failure && { diagnoses: [failure] }),
  };
}
