import { encodeUtf8 } from '../encoding.ts';
import { MalformedError, SigstoreError } from '../errors.ts';
import { isLoopback } from '../http/base-url.ts';
import { basicAuthorization } from '../http/basic.ts';
import type { Deadline } from '../http/deadline.ts';
import { collect, type Incoming } from '../http/exchange.ts';
import type { HttpClient } from '../http/request.ts';
import { asUnchecked } from '../http/unchecked.ts';
import { parseJson } from '../shape.ts';
import type { Credential } from './auth-file.ts';
import type { Challenge } from './challenge.ts';
import { badRegistryAnswer, registryRefusal } from './refusal.ts';

/** What is asked of a repository; a registry gives tokens for each. */
export type Scope = `repository:${string}:${'pull' | 'pull,push'}`;

/** A request for a token. */
export interface TokenRequest {
  readonly realm: URL;
  readonly service: string | undefined;
  readonly scope: Scope;
  readonly credential: Credential | undefined;
  readonly deadline: Deadline;
}

/**
 * A token of the authorization service of a registry: by GET, or by POST for an identity token (Docker's "Token
 * Authentication Specification" and "OAuth2"). Redirects are not followed.
 * @throws SigstoreError `UNCHECKED` if it gives none
 */
export async function fetchToken(request: TokenRequest, http: HttpClient): Promise<string> {
  const { realm, deadline } = request;
  const outgoing = outgoingFor(request);
  const answer = await http
    .send({ ...outgoing, maxBytes: ANSWER_LIMIT, deadline }, collect)
    .catch((error: unknown) => {
      throw asUnchecked(error);
    });
  if (answer.status !== 200) throw refused(answer, request);
  const token = tokenIn(answer.body);
  if (token === undefined) throw badRegistryAnswer(realm, 'expected JSON with a token');
  return token;
}

/**
 * Where a registry wants tokens to be asked for. The credentials of the registry go there: not over plain http to another
 * machine.
 * @throws SigstoreError `UNCHECKED` if it is nowhere, or a place where credentials must not go
 */
export function realmOf({ parameters }: Challenge, host: string, mayBePlain: boolean): URL {
  const text = parameters.get('realm') ?? '';
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isPlain = url?.protocol === 'http:' && (mayBePlain || isLoopback(url.hostname));
  if (
    url !== undefined &&
    (url.protocol === 'https:' || isPlain) &&
    url.username === '' &&
    url.password === ''
  ) {
    url.hash = '';
    return url;
  }
  const place = url === undefined ? 'nowhere' : `${url.protocol}//${url.host}`;
  throw new SigstoreError(
    'UNCHECKED',
    `the registry ${host} wants a token from ${place}, where no credentials may go`,
    url?.protocol === 'http:'
      ? 'credentials go over https alone, unless --insecure-plain-http is given'
      : undefined,
  );
}

const ANSWER_LIMIT = 256 << 10;

function outgoingFor({ realm, service, scope, credential }: TokenRequest) {
  const parameters = { ...(service !== undefined && { service }), scope };
  if (credential?.kind === 'identity') {
    const form = new URLSearchParams({
      grant_type: 'refresh_token',
      ...parameters,
      refresh_token: credential.token,
      client_id: 'helm-sigstore',
    });
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    return { method: 'POST', url: realm, headers, body: encodeUtf8(form.toString()) } as const;
  }
  const url = new URL(realm);
  for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value);
  const headers =
    credential?.kind === 'password'
      ? { authorization: basicAuthorization(credential.user, credential.password) }
      : {};
  return { method: 'GET', url, headers } as const;
}

function refused(answer: Incoming, { realm, credential }: TokenRequest): SigstoreError {
  const isRefusal =
    answer.status === 401 || answer.status === 403 || (answer.status === 400 && credential !== undefined);
  const hint =
    credential === undefined
      ? 'log in first, with helm registry login'
      : 'log in again, with helm registry login';
  return registryRefusal({ ...answer, url: realm }, isRefusal ? hint : undefined);
}

function tokenIn(body: Uint8Array): string | undefined {
  try {
    const { token, access_token: accessToken } = (parseJson(body) ?? {}) as Readonly<Record<string, unknown>>;
    return [token, accessToken].find((each): each is string => typeof each === 'string' && each !== '');
  } catch (error) {
    // Its message would show a part of what came.
    if (error instanceof MalformedError) return undefined;
    throw error;
  }
}
