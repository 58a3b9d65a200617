import { randomUUID, sign, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { selfSignedCertificate, type TlsIdentity } from '../../support/tls-certificate.ts';
import { basicAuthorization, type Credentials } from './registry-server.ts';

/** A question for a token. */
export interface TokenRequest {
  readonly method: string;
  readonly service: string;
  /** Such as `repository:charts/hello:pull`. */
  readonly scopes: readonly string[];
  /** Who asked, by whichever means; undefined for an anonymous client, and for one with other credentials. */
  readonly user: string | undefined;
}

/** How long a token counts, in seconds. */
const LIFETIME = 300;
/** Below this name everybody may pull. */
const PUBLIC = 'public/';

/**
 * The service that gives out tokens for a registry (distribution's token authentication), on loopback: to one user
 * for everything, by Basic, by password or by identity token; to everybody for pulling what is below `public/`.
 */
export class TokenService {
  readonly service = 'registry of a test';
  readonly issuer = 'token service of a test';
  /** All that was asked, in order. */
  readonly requests: TokenRequest[] = [];

  private constructor(
    private readonly server: Server,
    readonly credentials: Credentials,
    /** What `docker login` keeps in place of a password where the service gives one. */
    readonly identityToken: string,
    private readonly signer: TlsIdentity,
  ) {}

  static async start(credentials: Credentials): Promise<TokenService> {
    const server = createServer();
    const tokens = new TokenService(server, credentials, randomUUID(), selfSignedCertificate());
    server.on('request', (request: IncomingMessage, response) => {
      void tokens.answer(request).then(({ status, body }) => {
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return tokens;
  }

  /** Where clients are sent. */
  get realm(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/token`;
  }

  /** Vouches for its tokens, in PEM. */
  get certificate(): string {
    return this.signer.cert;
  }

  async stop(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }

  private async answer(request: IncomingMessage): Promise<{ status: number; body: object }> {
    const { method = 'GET', url = '/', headers } = request;
    const isForm = method === 'POST';
    const asked = isForm ? new URLSearchParams(await text(request)) : new URL(url, this.realm).searchParams;
    const user = isForm ? this.userOfForm(asked) : this.userOfHeader(headers.authorization);
    const scopes = asked.getAll('scope').flatMap((scope) => scope.split(' '));
    this.requests.push({ method, service: asked.get('service') ?? '', scopes, user });
    // Wrong credentials are not those of an anonymous client.
    if (user === undefined && (isForm || headers.authorization !== undefined))
      return { status: 401, body: { errors: [{ code: 'UNAUTHORIZED', message: 'not these credentials' }] } };
    const token = this.token(
      user,
      scopes.flatMap((scope) => accessTo(scope, user !== undefined)),
    );
    return { status: 200, body: { [isForm ? 'access_token' : 'token']: token, expires_in: LIFETIME } };
  }

  private userOfHeader(authorization: string | undefined): string | undefined {
    return authorization === basicAuthorization(this.credentials) ? this.credentials.user : undefined;
  }

  private userOfForm(form: URLSearchParams): string | undefined {
    const { user, password } = this.credentials;
    const isHim =
      form.get('grant_type') === 'refresh_token'
        ? form.get('refresh_token') === this.identityToken
        : form.get('username') === user && form.get('password') === password;
    return isHim ? user : undefined;
  }

  /** A JWT (RFC 7519) with its certificate in the header (RFC 7515, section 4.1.6). */
  private token(subject: string | undefined, access: readonly object[]): string {
    const now = Math.floor(Date.now() / 1000);
    const certificate = new X509Certificate(this.certificate).raw.toString('base64');
    const header = { typ: 'JWT', alg: 'ES256', x5c: [certificate] };
    const claims = {
      iss: this.issuer,
      sub: subject ?? '',
      aud: this.service,
      nbf: now - 10,
      iat: now,
      exp: now + LIFETIME,
      jti: randomUUID(),
      access,
    };
    const content = [header, claims].map((part) => encode(Buffer.from(JSON.stringify(part)))).join('.');
    const key = { key: this.signer.key, dsaEncoding: 'ieee-p1363' as const };
    return `${content}.${encode(sign('sha256', Buffer.from(content), key))}`;
  }
}

/** What of a scope is granted. */
function accessTo(scope: string, isKnown: boolean): object[] {
  const [type = '', name = '', actions = ''] = scope.split(':');
  const granted = actions
    .split(',')
    .filter((action) => isKnown || (action === 'pull' && name.startsWith(PUBLIC)));
  return granted.length === 0 ? [] : [{ type, name, actions: granted }];
}

function encode(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url');
}
