import { provenancePath } from '../chart/locate.ts';
import { openArchive } from '../chart/archive.ts';
import { parseChartYaml, type ChartMetadata } from '../chart/metadata.ts';
import { requireIndexed, type NamedChart } from '../chart/named-chart.ts';
import { readProvenance, readSignedChart } from '../chart/signed-chart.ts';
import { demandsFor, demandsOf, type Demands } from '../cli/chart-evidence.ts';
import { answerForCharts, type ChartResult } from '../cli/chart-results.ts';
import type { Answer, CommandDefinition } from '../cli/command.ts';
import type { Context } from '../cli/context.ts';
import { namedCharts, NAMING_CHARTS } from '../cli/named-charts.ts';
import type { Printer } from '../cli/printer.ts';
import type { Settings } from '../cli/settings.ts';
import { openUserKeyring } from '../cli/user-keyring.ts';
import type { Keyring } from '../keyring/keyring.ts';
import { keyIdOf } from '../openpgp/key-packet.ts';
import { rejection } from '../render/diagnosis.ts';
import { inspectionText } from '../render/inspection-text.ts';
import { inspectionMembers } from '../render/json.ts';
import { judgeInspection } from '../verification/inspection.ts';
import { firstFailure } from '../verification/verdict.ts';

export const inspect: CommandDefinition = {
  arguments: '[chart...]',
  description:
    'Judges each chart and its provenance (CHART.tgz.prov) without any log and without the network: archive,\n' +
    "name, signature, signer. The key is judged at the signature's own time, which only a log could\n" +
    `prove. Given a .prov file, judges that alone and does not look at the archive.\n\n${NAMING_CHARTS}`,
  examples: ['inspect hello-0.1.0.tgz', 'inspect hello-0.1.0.tgz.prov --keyring publisher.asc --output json'],
  options: [
    'keyring',
    'publicKey',
    'fingerprint',
    'allowWeak',
    'as',
    'fromFile',
    'chartsDir',
    'caFile',
    'timeout',
    'output',
  ],
  run: inspectCharts,
};

async function inspectCharts(
  operands: readonly string[],
  settings: Settings,
  context: Context,
  show: Printer['show'],
): Promise<Answer> {
  const demands = demandsOf(settings);
  const charts = await namedCharts(operands, settings, context);
  const keyring = await openUserKeyring(settings, context);
  return await answerForCharts(charts, context, show, {
    good: 'inspected',
    work: (chart) => inspectChart(chart, keyring, demandsFor(chart, demands), context.now()),
  });
}

async function inspectChart(
  named: NamedChart,
  keyring: Keyring,
  { fingerprints, signedName, allowWeak }: Demands,
  now: number,
): Promise<ChartResult> {
  const { path } = named;
  const { archive, provenance } = path.endsWith('.prov')
    ? { archive: undefined, provenance: await readProvenance(path) }
    : await readSignedChart(path);
  if (archive !== undefined) requireIndexed(named, archive);
  const provenanceFile = archive === undefined ? path : provenancePath(path);
  const { files, metadata } = provenance.document;
  const { name, version } = parseChartYaml(metadata, `the signed text of ${provenanceFile}`);
  const inspection = await judgeInspection(
    {
      ...(archive && { archive }),
      signedName: signedName ?? archive?.name ?? '',
      provenance,
      signers: {
        candidates: keyring.find(provenance.issuer),
        places: keyring.places,
        fingerprints,
        allowWeak,
      },
    },
    now,
  );
  const { signature, issuer } = provenance;
  const keyId = issuer.keyId ?? keyIdOf(issuer.fingerprint ?? '');
  const chart = { provenanceFile, name, version, files, signedAt: signature.created, keyId };
  const failure = firstFailure(inspection.checks);
  const differences = archive && failure === undefined ? await differencesFrom({ name, version }, path) : [];
  const found = { ...inspection, warnings: [...inspection.warnings, ...differences] };
  return {
    text: inspectionText(chart, found),
    members: inspectionMembers(chart, found),
    ...(failure && { diagnosis: rejection(failure, path) }),
  };
}

/** Where the Chart.yaml in the archive says something else than the signed text, in words. */
async function differencesFrom(signed: ChartMetadata, path: string): Promise<string[]> {
  const inside = parseChartYaml((await openArchive(path)).chartYaml, `Chart.yaml in ${path}`);
  return (['name', 'version'] as const)
    .filter((member) => inside[member] !== signed[member])
    .map((member) => `Chart.yaml has the ${member} ${inside[member]}, the signed text ${signed[member]}`);
}
