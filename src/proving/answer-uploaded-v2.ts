import type { ChartFiles, NamedCharts } from '../chart/chart-files.ts';
import type { Answer } from '../cli/answer.ts';
import { answerForCharts } from '../cli/chart-results.ts';
import type { Printer } from '../cli/printer.ts';
import { UsageError } from '../errors.ts';
import { Deadline, limitsOf } from '../http/deadline.ts';
import { inDoubt } from '../render/diagnosis.ts';
import { uploadedSignatureResult } from '../render/uploaded-signature.ts';
import type { RunContext } from '../run/context.ts';
import { openHttp } from '../run/http.ts';
import { logTokenFor } from '../run/log-token.ts';
import { sigstoreTrustOf } from '../run/sigstore-trust.ts';
import { openUserKeyring } from '../run/user-keyring.ts';
import { chooseLoggingServices } from '../services/choose-services.ts';
import { loadSigningConfig } from '../services/signing-config.ts';
import { TiledLog } from '../services/tiled-log.ts';
import { requireTrustedLogAt } from '../services/trusted-log-server.ts';
import { rekorServerOf } from '../settings/addresses.ts';
import { spellingOf, type OptionName } from '../settings/options.ts';
import type { Settings } from '../settings/settings.ts';
import { timeLimitOf } from '../settings/time-limit.ts';
import { bundlePlaceOf } from './bundle-place.ts';
import { requirementsOf } from './chart-evidence.ts';
import { prepared, type UploadAdditions, type UploadOption } from './upload-additions.ts';
import { uploadSignature, type SignatureUploading } from './upload-signature.ts';

/** Options about Rekor v1, or about evidence that another kind of file holds. */
const OF_V1: Readonly<Partial<Record<OptionName, string>>> = {
  rekorPublicKey: 'name the trusted root of the log and of the timestamp authority with --trusted-root',
  firstUse: 'name the trusted root of the log and of the timestamp authority with --trusted-root',
  evidence: 'the bundle that proves the chart is kept beside it, as CHART.tgz.prov.sigstore.json',
  noEvidence: 'a log of version 2 cannot be searched: without the bundle nobody could prove the chart',
};

/**
 * Puts the signature of each provenance on a Rekor v2, keeps the bundle that proves it, or says what would be sent, and
 * answers.
 * @throws UsageError on options about Rekor v1, and without a trusted root that names the log
 * @throws InputError if the signing config or the trusted root cannot be read, or names too few servers
 */
export async function answerUploadedOnV2(
  charts: NamedCharts,
  settings: Settings<UploadOption | 'force'>,
  context: RunContext,
  show: Printer['show'],
  { attaching, openKeyring = () => openUserKeyring(settings, context), prepare }: UploadAdditions,
): Promise<Answer> {
  const requirements = requirementsOf(settings);
  for (const [name, hint] of Object.entries(OF_V1) as [OptionName, string][])
    if (settings.isGiven(name))
      throw new UsageError(`${spellingOf(name)} says nothing of an upload to Rekor v2, but was given`, hint);
  const { now, interrupted, audience } = context;
  const named = namedLog(settings, context);
  const config = await loadSigningConfig(settings.one('signingConfig'), interrupted);
  const services = chooseLoggingServices(config, now(), named?.url);
  const { trust } = await sigstoreTrustOf(settings, context);
  requireTrustedLogAt(services.log.url, trust.logs);
  const limits = limitsOf(timeLimitOf(settings));
  const [isRehearsal, isVerbose] = [settings.has('dryRun'), settings.has('verbose')];
  const token = await logTokenFor(() => services.log.url, settings, context);
  const http = await openHttp(context, settings.one('caFile'), undefined, token);
  const run: SignatureUploading = {
    keyring: await openKeyring(),
    trust,
    log: new TiledLog(services.log.url, trust.logs),
    services,
    http,
    deadline: () => new Deadline(limits, interrupted),
    context,
    rehearsedOn: isRehearsal ? (named?.chosenBy ?? chosenByConfig(settings)) : undefined,
    sent: new Set(),
    placeOf: (chart) => bundlePlaceOf(chart, attaching, settings.has('force')),
  };
  const upload = async (chart: ChartFiles) =>
    uploadedSignatureResult(
      await uploadSignature(chart, requirements, run),
      { server: run.log.url, audience },
      isVerbose,
    );
  try {
    const answer = await answerForCharts(charts, context, show, {
      good: isRehearsal ? 'fit for upload' : 'logged',
      wasThere: 'already there',
      ...(!isRehearsal && { unchecked: 'not known to be logged' }),
      work: prepared(upload, prepare),
      whenStopped: ({ label }) => (run.sent.has(label) ? inDoubt(label) : undefined),
    });
    const log = { url: run.log.url, version: 2, timestamps: services.timestamps.map(({ url }) => url) };
    return { ...answer, document: { log, ...answer.document } };
  } finally {
    http.close();
  }
}

/** The log that the user names for this run. What `log use` chose is another one: it knows the keys of Rekor v1. */
function namedLog(
  settings: Settings<'rekorServer'>,
  { stderr }: Pick<RunContext, 'stderr'>,
): { readonly url: string; readonly chosenBy: string } | undefined {
  const { from } = settings.given('rekorServer');
  if (from !== 'flag' && from !== 'variable') return undefined;
  const { href, warning } = rekorServerOf(settings);
  if (warning !== undefined) stderr.warn(warning);
  return { url: href, chosenBy: from === 'flag' ? spellingOf('rekorServer') : 'REKOR_SERVER' };
}

function chosenByConfig(settings: Settings<'signingConfig'>): string {
  return settings.one('signingConfig') === undefined
    ? "Sigstore's signing config"
    : spellingOf('signingConfig');
}
