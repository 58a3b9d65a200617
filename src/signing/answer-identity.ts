import type { Answer } from '../cli/answer.ts';
import { answerForCharts } from '../cli/chart-results.ts';
import type { Printer } from '../cli/printer.ts';
import { UsageError } from '../errors.ts';
import { Deadline, limitsOf } from '../http/deadline.ts';
import { announcedLines } from '../identity/announced-lines.ts';
import type { IdentityOptions } from '../identity/sign-by-identity.ts';
import { withCharts } from '../proving/named-charts.ts';
import { identitySignedMembers, identitySignedText } from '../render/identity-signed-text.ts';
import type { RunContext } from '../run/context.ts';
import { openHttp } from '../run/http.ts';
import { logTokenFor } from '../run/log-token.ts';
import { sigstoreTrustOf } from '../run/sigstore-trust.ts';
import { rekorServerOf } from '../settings/addresses.ts';
import type { SigningOption } from '../settings/option-groups.ts';
import { spellingOf, type OptionName } from '../settings/options.ts';
import type { Settings } from '../settings/settings.ts';
import { timeLimitOf } from '../settings/time-limit.ts';
import type { SigstoreTrust } from '../trust/sigstore-trust.ts';
import { requireTrustedLogAt } from '../services/trusted-log-server.ts';
import { IdentitySigner } from './identity-signer.ts';
import { signOneByIdentity } from './sign-chart-by-identity.ts';
import { refreshedSigningConfig } from './which-servers.ts';

/** Options about OpenPGP signatures, which say nothing of an identity. */
const OF_GPG: readonly OptionName[] = [
  'signKey',
  'passphraseFile',
  'digest',
  'upload',
  'rekorVersion',
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
  const { now, interrupted } = context;
  const { trust } = await sigstoreTrustOf(settings, context);
  const signingConfig = settings.one('signingConfig') ?? (await refreshedSigningConfig(context));
  return await withCharts(operands, settings.lacking(), context, { accepted: 'files' }, async (charts) => {
    // The servers are those of the signing config; only the one that is also named as the log gets the token.
    const token = await logTokenFor(() => rekorServerOf(settings).href, settings, context);
    const http = await openHttp(context, settings.one('caFile'), undefined, token);
    try {
      const signer = signerOf(settings, signingConfig, context, http, trust.logs);
      const replaces = settings.has('force');
      return await answerForCharts(charts, context, show, {
        good: 'signed',
        wasThere: 'already signed',
        work: async (chart) => {
          const signed = await signOneByIdentity(chart, { signer, trust, replaces, now, interrupted });
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
  signingConfig: IdentityOptions['signingConfig'],
  context: RunContext,
  http: Awaited<ReturnType<typeof openHttp>>,
  trustedKeys: SigstoreTrust['logs'],
): IdentitySigner {
  const { env, interrupted, now, stderr } = context;
  const limits = limitsOf(timeLimitOf(settings));
  const options = {
    identityToken: settings.one('identityToken'),
    signingConfig,
    format: settings.one('signatureFormat') === 'message' ? ('message' as const) : ('statement' as const),
  };
  const stdin = readOnce(context.stdin);
  const deadline = () => new Deadline(limits, interrupted);
  return new IdentitySigner(
    options,
    { env, stdin, now, interrupted, http, trustedKeys, deadline },
    (announcement) => {
      requireTrustedLogAt(announcement.log.url, trustedKeys);
      stderr.print(announcedLines(announcement));
    },
  );
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
