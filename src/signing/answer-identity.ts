import type { ChartFiles } from '../chart/chart-files.ts';
import { parseChartYaml } from '../chart/metadata.ts';
import { isWithoutProvenance } from '../chart/no-provenance.ts';
import type { Answer } from '../cli/answer.ts';
import { answerForCharts } from '../cli/chart-results.ts';
import type { Printer } from '../cli/printer.ts';
import { sha256Hex } from '../digest.ts';
import { InputError, messageOf, RejectedError, UsageError } from '../errors.ts';
import { replaceFile } from '../files/replace-file.ts';
import { readOwnFile } from '../files/user-file.ts';
import { Deadline, limitsOf } from '../http/deadline.ts';
import { announcedLines } from '../identity/announced-lines.ts';
import type { ChartToSign } from '../identity/release-statement.ts';
import { judgeBundlesOf } from '../proving/chart-bundles.ts';
import { withCharts } from '../proving/named-charts.ts';
import { identitySignedMembers, identitySignedText } from '../render/identity-signed-text.ts';
import type { RunContext } from '../run/context.ts';
import { openHttp } from '../run/http.ts';
import { sigstoreTrustOf } from '../run/sigstore-trust.ts';
import type { SigningOption } from '../settings/option-groups.ts';
import { spellingOf, type OptionName } from '../settings/options.ts';
import type { Settings } from '../settings/settings.ts';
import { timeLimitOf } from '../settings/time-limit.ts';
import type { SigstoreTrust } from '../trust/sigstore-trust.ts';
import type { ProvenBundle } from '../verification/chart-bundle.ts';
import { BUNDLE_LIMIT } from '../evidence/sigstore-bundle.ts';
import { IdentitySigner } from './identity-signer.ts';

/** Options about OpenPGP signatures, which say nothing of an identity. */
const OF_GPG: readonly OptionName[] = [
  'signKey',
  'passphraseFile',
  'digest',
  'upload',
  'keyring',
  'publicKey',
  'fingerprint',
  'evidence',
  'noEvidence',
];

/**
 * Signs each of the charts that a command line names by the identity of a token. What was made is judged as `verify` judges
 * it, and only then written beside the chart. A bundle that is there and holds for the same identity is kept; another one is
 * not overwritten without --force.
 * @throws UsageError on options about gpg
 */
export async function answerByIdentity(
  operands: readonly string[],
  settings: Settings<SigningOption>,
  context: RunContext,
  show: Printer['show'],
): Promise<Answer> {
  const other = OF_GPG.find((name) => settings.isGiven(name));
  if (other !== undefined)
    throw new UsageError(
      `expected no ${spellingOf(other)} beside --identity, found one`,
      'it is about signatures by gpg; what an identity signs is logged when it is made',
    );
  const { trust } = await sigstoreTrustOf(settings, context);
  return await withCharts(operands, settings.lacking(), context, { accepted: 'files' }, async (charts) => {
    const http = await openHttp(context, settings.one('caFile'));
    try {
      const signer = signerOf(settings, context, http);
      const replaces = settings.has('force');
      return await answerForCharts(charts, context, show, {
        good: 'signed',
        wasThere: 'already signed',
        work: async (chart) => {
          const signed = await signOne(chart, { signer, trust, replaces, now: context.now });
          return {
            text: identitySignedText(signed),
            members: identitySignedMembers(signed),
            wasThere: signed.outcome === 'unchanged',
          };
        },
      });
    } finally {
      http.close();
    }
  });
}

function signerOf(
  settings: Settings<SigningOption>,
  context: RunContext,
  http: Awaited<ReturnType<typeof openHttp>>,
): IdentitySigner {
  const { env, interrupted, now, stderr } = context;
  const limits = limitsOf(timeLimitOf(settings));
  const options = {
    identityToken: settings.one('identityToken'),
    signingConfig: settings.one('signingConfig'),
    format: settings.one('signatureFormat') === 'message' ? ('message' as const) : ('statement' as const),
  };
  const stdin = readOnce(context.stdin);
  const deadline = () => new Deadline(limits, interrupted);
  return new IdentitySigner(options, { env, stdin, now, interrupted, http, deadline }, (announcement) => {
    stderr.print(announcedLines(announcement));
  });
}

/** Standard input, which can be read once, for those who may read it again. */
function readOnce(stdin: RunContext['stdin']): RunContext['stdin'] {
  const pieces: Uint8Array[] = [];
  let isRead = false;
  return async function* () {
    yield* pieces;
    if (isRead) return;
    isRead = true;
    for await (const piece of stdin()) {
      pieces.push(piece);
      yield piece;
    }
  };
}

/** What is done with each chart. */
interface SigningOne {
  readonly signer: IdentitySigner;
  readonly trust: SigstoreTrust;
  readonly replaces: boolean;
  readonly now: () => number;
}

/** A chart with a bundle that holds. */
export interface IdentitySigned {
  readonly archive: { readonly label: string; readonly sha256: string };
  readonly path: string;
  readonly outcome: 'written' | 'unchanged';
  readonly evidence: ProvenBundle;
}

async function signOne(chart: ChartFiles, run: SigningOne): Promise<IdentitySigned> {
  const { signer, replaces } = run;
  const found = await chart.archive();
  const opened = await found.open();
  const { name, version } = parseChartYaml(opened.metadata, `Chart.yaml in ${chart.label}`);
  const path = `${chart.label}.sigstore.json`;
  const present = replaces ? undefined : await readOwnFile(path, BUNDLE_LIMIT, path);
  const archive = { label: chart.label, sha256: opened.sha256 };
  if (present !== undefined) {
    const { identity, issuer } = await signer.who();
    const evidence = await judged(chart, present, path, { identity, issuer }, run);
    if (evidence !== undefined) return { archive, path, outcome: 'unchanged', evidence };
    throw new InputError(
      `${path} is there, and is no bundle of this chart by ${identity}`,
      'see whose it is with helm sigstore verify, or sign anew with --force',
    );
  }
  const provenance = await provenanceOf(chart);
  const toSign: ChartToSign = {
    ...{ name, version, sha256: opened.sha256, chunks: found.chunks },
    ...(provenance && { provenance: { sha256: sha256Hex(provenance) } }),
  };
  const { bundle } = await signer.sign(toSign);
  const bytes = Buffer.from(bundle, 'utf8');
  const evidence = await judged(chart, bytes, path, await signer.who(), run);
  if (evidence === undefined)
    throw new RejectedError(
      `what was signed of ${chart.label} does not hold, and was not written`,
      'name the trusted root of these servers with --trusted-root; if it is the right one, tell those who run them',
    );
  try {
    await replaceFile(path, bundle);
  } catch (error) {
    throw new InputError(`cannot write ${path}: ${messageOf(error)}`, undefined, { cause: error });
  }
  return { archive, path, outcome: 'written', evidence };
}

/** The bundle as evidence for the chart, by this identity; undefined: it does not hold. */
async function judged(
  chart: ChartFiles,
  bytes: Uint8Array,
  label: string,
  { identity, issuer }: { readonly identity: string; readonly issuer: string },
  { trust, now }: SigningOne,
): Promise<ProvenBundle | undefined> {
  const wanted = { words: identity, matches: (name: string) => name === identity, issuer };
  const { reports } = await judgeBundlesOf(
    chart,
    { signers: [], signedName: undefined, allowWeak: false, consistency: 'if-known' },
    {
      signers: { identities: [wanted], keys: [] },
      trust,
      predicateTypes: undefined,
      now: now(),
      bundles: [{ label, bytes }],
    },
  );
  const [report] = reports;
  return report?.kind === 'proven' ? report : undefined;
}

async function provenanceOf(chart: ChartFiles): Promise<Uint8Array | undefined> {
  try {
    return await chart.provenance();
  } catch (error) {
    if (isWithoutProvenance(error)) return undefined;
    throw error;
  }
}
