import { answerUploaded } from '../proving/answer-uploaded.ts';
import { NAMING_CHARTS, withCharts } from '../proving/named-charts.ts';
import { defineCommand } from '../run/command.ts';
import { PROVING_OPTIONS, REFERENCE_OPTIONS } from '../settings/option-groups.ts';

export const upload = defineCommand({
  arguments: '[chart...]',
  description:
    "Puts the provenance (CHART.tgz.prov) of each chart and the least of its signer's public key on the " +
    'transparency log, for good, and checks what the log answers. Uploading a chart again is harmless. ' +
    'What the log proved is kept beside the chart, as CHART.tgz.rekor.json. With --dry-run nothing is sent or written.\n\n' +
    'With --rekor-version 2 the signature of the provenance goes on a Rekor v2 by itself, which takes RSA and P-256 keys with SHA-256, P-384 with SHA-384 ' +
    'and P-521 with SHA-512. A timestamp authority dates it, and the bundle that proves both is kept as CHART.tgz.prov.sigstore.json.\n\n' +
    `${NAMING_CHARTS} A chart may also be in a registry: oci://HOST/PATH/NAME:VERSION; then the evidence needs a place: --evidence, or --attach, which puts it beside the chart there.`,
  examples: [
    'upload hello-0.1.0.tgz',
    'upload hello-0.1.0.tgz --dry-run',
    'upload *.tgz --rekor-server https://rekor.example.com',
    'upload *.tgz --rekor-version 2 --signing-config signing_config.json --trusted-root trusted_root.json',
  ],
  audience: 'publisher',
  options: [
    ...PROVING_OPTIONS,
    ...REFERENCE_OPTIONS,
    'rekorVersion',
    'signingConfig',
    'dryRun',
    'evidence',
    'attach',
    'noEvidence',
    'verbose',
    'output',
  ],
  run: async (operands, settings, context, show) => {
    // Loaded for those who attach.
    const attaching = settings.has('attach')
      ? await (await import('../proving/attach-uploaded.ts')).Attaching.open(operands, settings, context)
      : undefined;
    return await withCharts(operands, settings, context, { accepted: 'files and registries' }, (charts) =>
      answerUploaded(charts, settings, context, show, { attaching }),
    ).finally(() => attaching?.close());
  },
});
