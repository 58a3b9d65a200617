import type { IncomingMessage, ServerResponse } from 'node:http';

/** How a registry of a test knows who asks. */
export type AuthMode = 'none' | 'basic' | 'token' | 'identity';

/** The user of such a registry. */
export const USER = { name: 'ann', password: 'pass:w0rd', identityToken: 'identity-of-ann' };

/** What `Authorization` a user of such a registry sends with a password. */
export const BASIC = `Basic ${Buffer.from(`${USER.name}:${USER.password}`).toString('base64')}`;

/** Whether anybody may read, as in most registries. */
export interface AuthSettings {
  mode: AuthMode;
  anonymousPull: boolean;
  /** Where tokens are given, if not by this registry. */
  realm?: string;
  /** A challenge in place of the right one. */
  challenge?: string;
  /** In which member of the answer the token is. */
  tokenMember: 'token' | 'access_token';
  /** How many tokens are taken before others are wanted. */
  usesOfToken: number;
}

/** The tokens that a registry gave, and what they are for. */
export class TokenService {
  readonly #tokens = new Map<string, { scope: string; uses: number }>();
  readonly settings: AuthSettings = {
    mode: 'none',
    anonymousPull: false,
    tokenMember: 'token',
    usesOfToken: Infinity,
  };

  /** Answers a request for a token. Distribution's "Token Authentication Specification". */
  give(request: IncomingMessage, body: string, response: ServerResponse): void {
    const { mode, anonymousPull, tokenMember, usesOfToken } = this.settings;
    const query = new URL(request.url ?? '', 'http://h').searchParams;
    const form = new URLSearchParams(body);
    const asked = request.method === 'POST' ? form : query;
    const scope = asked.get('scope') ?? '';
    const isKnown =
      mode === 'identity'
        ? request.method === 'POST' &&
          form.get('grant_type') === 'refresh_token' &&
          form.get('refresh_token') === USER.identityToken
        : request.headers.authorization === BASIC;
    const isAnonymous =
      anonymousPull && request.headers.authorization === undefined && scope.endsWith(':pull');
    if (asked.get('service') !== 'test registry' || !(isKnown || isAnonymous)) {
      response.writeHead(401).end('{"errors":[{"code":"UNAUTHORIZED","message":"who are you"}]}');
      return;
    }
    const token = `token-${this.#tokens.size}`;
    this.#tokens.set(token, { scope, uses: usesOfToken });
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ [tokenMember]: token }));
  }

  /** Whether a request may do what it wants; else it is answered with a challenge. */
  admits(request: IncomingMessage, repository: string, origin: string, response: ServerResponse): boolean {
    const { mode, anonymousPull, realm = `${origin}/token`, challenge } = this.settings;
    const isPull = request.method === 'GET' || request.method === 'HEAD';
    const sent = request.headers.authorization ?? '';
    if (mode === 'none') return true;
    if (mode === 'basic' && (sent === BASIC || (anonymousPull && isPull))) return true;
    const given = this.#tokens.get(sent.replace('Bearer ', ''));
    const scopes = [
      `repository:${repository}:pull,push`,
      ...(isPull ? [`repository:${repository}:pull`] : []),
    ];
    if (mode !== 'basic' && given !== undefined && scopes.includes(given.scope) && given.uses-- > 0)
      return true;
    const usual =
      mode === 'basic' ? 'Basic realm="test registry"' : `Bearer realm="${realm}",service="test registry"`;
    response.writeHead(401, { 'www-authenticate': challenge ?? usual });
    response.end('{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}');
    return false;
  }
}
