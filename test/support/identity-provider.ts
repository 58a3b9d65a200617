import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a token says of somebody (RFC 7519 4). */
export type Claims = Readonly<Record<string, unknown>>;

/** An issuer of OpenID Connect tokens on loopback, which says of everybody what it is told to. */
export class IdentityProvider {
  private constructor(
    private readonly server: Server,
    private readonly key: KeyObject,
  ) {}

  static async start(): Promise<IdentityProvider> {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const server = createServer((request, response) => {
      const url = `http://${request.headers.host ?? ''}`;
      const found: Readonly<Record<string, unknown>> = {
        '/.well-known/openid-configuration': {
          issuer: url,
          jwks_uri: `${url}/keys`,
          authorization_endpoint: `${url}/auth`,
          token_endpoint: `${url}/token`,
          response_types_supported: ['code'],
          subject_types_supported: ['public'],
          id_token_signing_alg_values_supported: ['RS256'],
        },
        '/keys': {
          keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'test', alg: 'RS256', use: 'sig' }],
        },
      };
      const body = found[request.url ?? ''];
      response.writeHead(body === undefined ? 404 : 200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body ?? {}));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new IdentityProvider(server, privateKey);
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** A token for Sigstore that is valid for ten minutes; claims that are undefined are left out. */
  token(claims: Claims): string {
    const now = Math.floor(Date.now() / 1000);
    const all = { iss: this.url, aud: 'sigstore', iat: now, exp: now + 600, ...claims };
    const said = [{ alg: 'RS256', typ: 'JWT', kid: 'test' }, all].map(base64url).join('.');
    return `${said}.${sign('sha256', Buffer.from(said), this.key).toString('base64url')}`;
  }

  async stop(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }
}

/** What GitHub says of a workflow of this repository. */
export function workflowClaims(repository: string, ref: string): Claims {
  const [owner = ''] = repository.split('/');
  const workflow = `${repository}/.github/workflows/release.yml@${ref}`;
  const sha = '0123456789abcdef0123456789abcdef01234567';
  return {
    sub: `repo:${repository}:ref:${ref}`,
    repository,
    ref,
    sha,
    workflow: 'release',
    event_name: 'push',
    job_workflow_ref: workflow,
    job_workflow_sha: sha,
    workflow_ref: workflow,
    workflow_sha: sha,
    repository_id: '1001',
    repository_owner: owner,
    repository_owner_id: '2002',
    repository_visibility: 'public',
    run_id: '3003',
    run_attempt: '1',
    runner_environment: 'github-hosted',
  };
}

function base64url(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
