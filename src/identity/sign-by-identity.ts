import { decodeHex } from '../encoding.ts';
import { InputError } from '../errors.ts';
import type { Deadline } from '../http/deadline.ts';
import type { HttpClient } from '../http/request.ts';
import type { TrustedLogKey } from '../trust/sigstore-trust.ts';
import { chooseServices, type ChosenServices } from '../services/choose-services.ts';
import { EphemeralKey } from './ephemeral-key.ts';
import type { ContentToSign } from './fresh-signature.ts';
import type { IdentityToken } from './identity-token.ts';
import { publicIdentityOf, type PublicIdentity } from './public-identity.ts';
import { releaseStatement, STATEMENT_TYPE, type ChartToSign } from './release-statement.ts';
import { signContent, type SignedContentBundle } from './sign-content.ts';
import { requestCertificate, type SignersCertificate } from './signing-certificate.ts';
import { loadSigningConfig, type SigningConfig } from '../services/signing-config.ts';
import { findIdentityToken, type TokenSources } from './token-sources.ts';

/** What the user says about how charts are signed by an identity. */
export interface IdentityOptions {
  /** The path of a file with a token, or `-`; undefined: wherever else one is. */
  readonly identityToken: string | undefined;
  /** A signing config, or the path of one; undefined: that of the public Sigstore, as it comes with this version. */
  readonly signingConfig: SigningConfig | string | undefined;
  /** A statement about the chart, or a signature over the bytes of the archive alone. */
  readonly format: 'statement' | 'message';
}

/** What a run gives to those who sign. */
export interface IdentityContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: () => AsyncIterable<Uint8Array>;
  /** Seconds since 1970. */
  readonly now: () => number;
  readonly interrupted: AbortSignal;
  readonly http: HttpClient;
  /** Keys of logs that are trusted, of which entries are read that a log has already. */
  readonly trustedKeys: readonly TrustedLogKey[];
  /** Of the requests for one chart. */
  readonly deadline: () => Deadline;
  /** Is told once who will be named for ever, and where, before anything is sent there. */
  readonly announce: (announcement: Announcement) => void;
}

/** What becomes public, and the servers that make it so. */
export interface Announcement extends PublicIdentity, ChosenServices {}

/** A signature by an identity. */
export interface SignedByIdentity extends SignedContentBundle {
  readonly issuer: string;
}

/** Seconds for which a certificate still has to be valid when something is signed. */
const ENOUGH = 60;

/** Who will sign, and by which servers. Nothing was sent to them. */
export interface FoundSigner {
  readonly announcement: Announcement;
  readonly token: IdentityToken;
  readonly sources: TokenSources;
}

/**
 * Finds out who signs and which servers are asked. Nobody is told, and no server of a Sigstore is asked.
 * @throws UsageError without a token, InputError for a token or a signing config that cannot be used
 */
export async function findSigner(options: IdentityOptions, context: IdentityContext): Promise<FoundSigner> {
  const { env, stdin, interrupted, now, http } = context;
  const { signingConfig } = options;
  const config =
    typeof signingConfig === 'object' ? signingConfig : await loadSigningConfig(signingConfig, interrupted);
  const services = chooseServices(config, now());
  const sources = { file: options.identityToken, env, stdin, interrupted };
  const token = await findIdentityToken(sources, { http, deadline: context.deadline() });
  token.requireUsable(now());
  return { announcement: { ...publicIdentityOf(token.claims), ...services }, token, sources };
}

/**
 * Signs charts by the identity of a token, one after the other, each when the caller takes it: with a key that nobody
 * keeps, a certificate for it, an entry on a log and timestamps. Nothing is written. What the servers answered has the
 * right form and is about this key and this signature; whether it is to be trusted is for a judge. What becomes public is announced
 * when the first chart is taken.
 * @throws UsageError without a token, InputError for a token or a signing config that cannot be used
 * @throws LogError if a server does not do what it is asked for
 */
export async function* signByIdentity(
  charts: Iterable<ChartToSign> | AsyncIterable<ChartToSign>,
  { format, ...options }: IdentityOptions,
  context: IdentityContext,
): AsyncGenerator<SignedByIdentity, void, void> {
  yield* signAs(await findSigner({ format, ...options }, context), charts, format, context);
}

/** The same, by a signer who is found. */
export async function* signAs(
  { announcement, sources, token: found }: FoundSigner,
  charts: Iterable<ChartToSign> | AsyncIterable<ChartToSign>,
  format: IdentityOptions['format'],
  context: IdentityContext,
): AsyncGenerator<SignedByIdentity, void, void> {
  const { now, http, trustedKeys } = context;
  const key = new EphemeralKey();
  let token = found;
  let certificate: SignersCertificate | undefined;
  let isAnnounced = false;
  for await (const chart of charts) {
    if (!isAnnounced) context.announce(announcement);
    isAnnounced = true;
    const asking = { http, deadline: context.deadline() };
    if (certificate === undefined || certificate.validUntil - now() < ENOUGH) {
      if (token.isRenewable && token.claims.expires - now() < ENOUGH)
        token = sameIdentity(await findIdentityToken(sources, asking), announcement);
      token.requireUsable(now());
      certificate = await requestCertificate(announcement.authority, token, key, announcement, now(), asking);
    }
    const content = contentOf(chart, format);
    const means = { key, certificate, services: announcement, asking, trustedKeys };
    yield { ...(await signContent(content, means)), issuer: announcement.issuer };
  }
}

/** The token, if it names who was announced. */
function sameIdentity(token: IdentityToken, announced: PublicIdentity): IdentityToken {
  const { identity, issuer } = publicIdentityOf(token.claims);
  if (identity === announced.identity && issuer === announced.issuer) return token;
  throw new InputError(`the identity token of ${token.source} names somebody else than the one before`);
}

/** What of a chart is signed. */
function contentOf(chart: ChartToSign, format: IdentityOptions['format']): ContentToSign {
  if (format === 'message') return { kind: 'message', chunks: chart.chunks, digest: decodeHex(chart.sha256) };
  return { kind: 'statement', payload: releaseStatement(chart), payloadType: STATEMENT_TYPE };
}
