import * as z from '../zod.ts';
import { decodeUtf8 } from '../encoding.ts';
import { InputError, MalformedError, UsageError } from '../errors.ts';
import { readUserFile } from '../files/user-file.ts';
import { isLoopback } from '../http/base-url.ts';
import { checkShape, lateSchema } from '../shape.ts';
import { IdentityToken, TOKEN_AUDIENCE } from './identity-token.ts';
import { Secret } from '../services/secret.ts';
import { askService, readAnswer, type Asking, type ServiceRequest } from '../services/service-request.ts';
import { TOKEN_LIMIT } from './token-claims.ts';

/** Where tokens may come from. */
export interface TokenSources {
  /** The path of a file, or `-` for standard input; undefined: not given. */
  readonly file: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdin: () => AsyncIterable<Uint8Array>;
  readonly interrupted: AbortSignal;
}

/**
 * The identity token: of the file, else of `SIGSTORE_ID_TOKEN`, else what GitHub Actions gives to a job that may ask for
 * one.
 * @throws UsageError if there is none
 * @throws InputError if what is there is no token
 * @throws LogError if GitHub gives none
 */
export async function findIdentityToken(sources: TokenSources, asking: Asking): Promise<IdentityToken> {
  const { file, env } = sources;
  if (file === '-') return IdentityToken.parse(await textOf(sources.stdin()), 'standard input');
  if (file !== undefined) return IdentityToken.parse(await readTokenFile(file, sources.interrupted), file);
  const variable = env['SIGSTORE_ID_TOKEN'];
  if (variable) return IdentityToken.parse(variable.trim(), 'SIGSTORE_ID_TOKEN');
  const address = env['ACTIONS_ID_TOKEN_REQUEST_URL'];
  const key = env['ACTIONS_ID_TOKEN_REQUEST_TOKEN'];
  if (address && key) return await askGitHub(address, new Secret(key), asking);
  throw new UsageError(
    'there is no identity token that says who signs',
    env['GITHUB_ACTIONS'] === 'true'
      ? 'give the job the permission "id-token: write", so that it may ask GitHub for one'
      : 'give a file with --identity-token, or set SIGSTORE_ID_TOKEN; in GitHub Actions, the permission "id-token: write" is enough',
  );
}

async function readTokenFile(file: string, interrupted: AbortSignal): Promise<string> {
  return textIn(await readUserFile(file, { limit: TOKEN_LIMIT, interrupted }), file);
}

async function textOf(stdin: AsyncIterable<Uint8Array>): Promise<string> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of stdin) {
    size += piece.length;
    if (size > TOKEN_LIMIT)
      throw new InputError(
        `expected an identity token on standard input, found more than ${TOKEN_LIMIT} bytes`,
      );
    pieces.push(piece);
  }
  return textIn(Buffer.concat(pieces), 'standard input');
}

function textIn(bytes: Uint8Array, source: string): string {
  try {
    return decodeUtf8(bytes).trim();
  } catch (error) {
    if (error instanceof MalformedError)
      throw new InputError(`expected ${source} to hold an identity token, found no text`);
    throw error;
  }
}

const answerSchema = lateSchema(() =>
  z.object({ value: z.string().check(z.maxLength(TOKEN_LIMIT, 'a token')) }),
);

/** Asks as GitHub documents it: the address that the job was given, with an audience. */
async function askGitHub(address: string, key: Secret, asking: Asking): Promise<IdentityToken> {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  const isSafe = url && (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname)));
  if (!isSafe || url.username !== '' || url.password !== '')
    throw new InputError('expected ACTIONS_ID_TOKEN_REQUEST_URL to be an https URL without credentials');
  if (!/^[\x21-\x7e]+$/.test(key.reveal()))
    throw new InputError('expected ACTIONS_ID_TOKEN_REQUEST_TOKEN to be a token, found other characters');
  url.searchParams.set('audience', TOKEN_AUDIENCE);
  const request: ServiceRequest = {
    who: "GitHub's issuer of tokens",
    url,
    headers: { authorization: `bearer ${key.reveal()}` },
    maxBytes: 2 * TOKEN_LIMIT,
    secret: key,
  };
  const answer = await askService(asking, request);
  // What it sends in place of a token may be one.
  const { value } = readAnswer(request, answer, (json) => {
    try {
      return checkShape(answerSchema(), json);
    } catch {
      throw new MalformedError('there is no "value" in it');
    }
  });
  return IdentityToken.parse(value, "GitHub's answer", true);
}
