import { inspect } from 'node:util';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Secret } from '../../src/services/secret.ts';
import type { IdentityContext } from '../../src/identity/sign-by-identity.ts';
import { answer, serve } from '../support/loopback.ts';
import { Folder } from '../support/world/folder.ts';
import { chartOf, identityContext, pieces, signOne } from './context.ts';
import { fakeSigstore, fakeToken, SIGNER, type FakeSigstore } from './fake-sigstore.ts';

const CHART = chartOf(Buffer.from('an archive'));
const SECONDS = Math.floor(Date.now() / 1000);

let folder: Folder;
beforeAll(async () => {
  folder = await Folder.create();
});
afterAll(() => folder.close());

/** Everything that a server was sent. */
function sentTo(...servers: readonly FakeSigstore['log'][]): string {
  return JSON.stringify(servers.map(({ seen }) => seen));
}

async function thrown(
  sigstore: FakeSigstore,
  context: Partial<IdentityContext>,
  identityToken?: string,
): Promise<Error & { readonly code: string; readonly hint?: string }> {
  const options = { signingConfig: sigstore.signingConfig, identityToken };
  return await signOne(CHART, options, identityContext(context)).then(
    () => {
      throw new Error('expected it to fail');
    },
    (error: unknown) => error as Error & { readonly code: string },
  );
}

describe('a token', () => {
  it('is taken from a file, then from the variable, then from GitHub', async () => {
    const [ofFile, ofVariable, ofGitHub] = ['a', 'b', 'c'].map((sub) => fakeToken({ sub }));
    const gitHub = await serve(answer(200, JSON.stringify({ value: ofGitHub })));
    const ambient = {
      ACTIONS_ID_TOKEN_REQUEST_URL: `${gitHub.url}/`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'key',
    };
    const file = await folder.write('token', `${ofFile ?? ''}\n`);
    const stdin = () => pieces(Buffer.from(` ${ofFile ?? ''}`), Buffer.from('\n'));
    for (const [identityToken, env, expected] of [
      [file, { SIGSTORE_ID_TOKEN: ofVariable, ...ambient }, ofFile],
      ['-', { SIGSTORE_ID_TOKEN: ofVariable, ...ambient }, ofFile],
      [undefined, { SIGSTORE_ID_TOKEN: ofVariable, ...ambient }, ofVariable],
      [undefined, { SIGSTORE_ID_TOKEN: '', ...ambient }, ofGitHub],
    ] as const) {
      const sigstore = await fakeSigstore();
      const { signingConfig } = sigstore;
      await signOne(CHART, { signingConfig, identityToken }, identityContext({ env, stdin }));
      expect(sentTo(sigstore.authority)).toContain(expected);
    }
    expect(gitHub.seen).toHaveLength(1);
  });

  it('is sent to the certificate authority alone, after it was said what becomes public', async () => {
    const sigstore = await fakeSigstore();
    const token = fakeToken();
    const order: string[] = [];
    const context = identityContext({
      env: { SIGSTORE_ID_TOKEN: token },
      announce: (announcement) => {
        order.push(announcement.identity, sentTo(sigstore.authority, sigstore.log, sigstore.timestamps));
        expect(announcement).toMatchObject({ kind: 'email', issuer: 'https://issuer.example.com' });
        expect(announcement.details).toEqual({ subject: 'user-1' });
      },
    });
    const { bundle } = await signOne(CHART, { signingConfig: sigstore.signingConfig }, context);
    expect(order).toEqual([SIGNER, '[[],[],[]]']);
    expect(sigstore.authority.seen).toHaveLength(1);
    for (const part of token.split('.'))
      expect(sentTo(sigstore.log, sigstore.timestamps) + bundle).not.toContain(part);
  });

  it('is sent to nobody if the announcement ends the run', async () => {
    const sigstore = await fakeSigstore();
    const announce = () => {
      throw new Error('no');
    };
    const error = await thrown(sigstore, { env: { SIGSTORE_ID_TOKEN: fakeToken() }, announce });
    expect(error.message).toBe('no');
    expect(sentTo(sigstore.authority)).toBe('[[]]');
  });

  it.each([
    ['has expired', { exp: SECONDS - 10 }, 'expired at'],
    ['is for another audience', { aud: 'https://cloud.example.com' }, 'audience "sigstore"'],
    ['is for several others', { aud: ['a', 'b'] }, 'found "a", "b"'],
    ['has an address that was not verified', { email_verified: false }, 'did not verify'],
    ['does not say whether it was', { email_verified: undefined }, 'did not verify'],
    ['has no end', { exp: undefined }, 'iss, sub, aud and exp'],
    ['has no issuer', { iss: undefined }, 'iss, sub, aud and exp'],
    ['has a subject that is none', { sub: 7 }, 'iss, sub, aud and exp'],
  ])('that %s is shown to nobody', async (_, claims, message) => {
    const sigstore = await fakeSigstore();
    const token = fakeToken(claims);
    const error = await thrown(sigstore, { env: { SIGSTORE_ID_TOKEN: token } });
    expect(error).toMatchObject({ code: 'INPUT' });
    expect(error.message).toContain(message);
    expect(error.message).not.toContain(token.slice(0, 12));
    expect(sentTo(sigstore.authority)).toBe('[[]]');
  });

  it.each([
    ['no token', 'hunter2-is-no-token'],
    ['two parts', 'eyJhbGciOiJub25lIn0.eyJzZWNyZXQiOiJodW50ZXIyIn0'],
    ['no signature', 'eyJhbGciOiJub25lIn0.eyJzZWNyZXQiOiJodW50ZXIyIn0.'],
    ['other characters', 'eyJhbGciOiJub25lIn0.eyJzZWNyZXQiOiJodW50ZXIyIn0=.x\u0000'],
    ['no JSON in it', `eyJhbGciOiJub25lIn0.${Buffer.from('hunter2').toString('base64url')}.AAAA`],
    ['a claim twice', `e30.${Buffer.from('{"iss":"hunter2","iss":"hunter2"}').toString('base64url')}.AAAA`],
    ['nothing', ''],
  ])('that is %s is not shown', async (_, text) => {
    const sigstore = await fakeSigstore();
    const error = await thrown(sigstore, {}, await folder.write('token', text));
    expect(error).toMatchObject({ code: 'INPUT' });
    expect(error.message).toContain('token to hold an identity token');
    expect(error.message).not.toMatch(/hunter2|eyJ|e30/);
  });

  it.each([
    ['a file that is missing', 'missing', {}, 'INPUT', 'there is no file'],
    ['nothing at all', undefined, {}, 'USAGE', 'there is no identity token'],
    [
      'an address without a key',
      undefined,
      { ACTIONS_ID_TOKEN_REQUEST_URL: 'https://x' },
      'USAGE',
      'no identity',
    ],
  ])('cannot come from %s', async (_, identityToken, env, code, message) => {
    const error = await thrown(await fakeSigstore(), { env }, identityToken);
    expect(error).toMatchObject({ code });
    expect(error.message).toContain(message);
  });

  it('that is missing in GitHub Actions wants a permission', async () => {
    const error = await thrown(await fakeSigstore(), { env: { GITHUB_ACTIONS: 'true' } });
    expect(error.hint).toContain('id-token: write');
  });

  it('that is too long on standard input is not read to its end', async () => {
    let read = 0;
    // eslint-disable-next-line @typescript-eslint/require-await -- a stream that never waits
    async function* endless(): AsyncGenerator<Uint8Array, void, void> {
      for (;;) {
        read += 1;
        yield Buffer.alloc(65_536, 0x61);
      }
    }
    const error = await thrown(await fakeSigstore(), { stdin: endless }, '-');
    expect(error).toMatchObject({ code: 'INPUT' });
    expect(read).toBeLessThan(4);
  });
});

describe("GitHub's issuer", () => {
  const KEY = 'a-key-of-a-job-that-nobody-may-see-0123456789';

  async function asked(url: string): Promise<Error & { readonly code: string }> {
    const env = { ACTIONS_ID_TOKEN_REQUEST_URL: url, ACTIONS_ID_TOKEN_REQUEST_TOKEN: KEY };
    return await thrown(await fakeSigstore(), { env });
  }

  it.each([
    ['a page', answer(200, '<html>'), 'LOG_ANSWER', 'makes no sense'],
    ['no value', answer(200, '{}'), 'LOG_ANSWER', 'no "value"'],
    ['a number', answer(200, '{"value":1}'), 'LOG_ANSWER', 'no "value"'],
    ['its key as a token', answer(200, JSON.stringify({ value: KEY })), 'INPUT', 'no JSON Web Token'],
    [
      'a refusal with its key',
      answer(403, JSON.stringify({ message: `bad ${KEY}` })),
      'LOG_REFUSED',
      'status 403',
    ],
    ['a redirect', answer(302, '', { location: 'http://127.0.0.1:1/' }), 'LOG_ANSWER', 'redirects'],
  ])('that answers with %s gives no token', async (_, handler, code, message) => {
    const { url } = await serve(handler);
    const error = await asked(`${url}/token?api-version=2.0&secret=hunter2`);
    expect(error).toMatchObject({ code });
    expect(error.message).toContain(message);
    for (const secret of [KEY, KEY.slice(5, 25), 'hunter2']) expect(error.message).not.toContain(secret);
  });

  it.each(['http://example.com/', 'ftp://example.com/', 'https://user:hunter2@example.com/', 'hunter2'])(
    'is not asked at %s',
    async (url) => {
      const error = await asked(url);
      expect(error).toMatchObject({ code: 'INPUT' });
      expect(error.message).not.toContain('hunter2');
    },
  );
});

describe('a secret', () => {
  const secret = new Secret(fakeToken());

  it('does not print itself', () => {
    for (const printed of [
      String(secret),
      JSON.stringify({ secret }),
      inspect({ secret }, { showHidden: true }),
    ])
      expect(printed).not.toContain(secret.reveal().slice(0, 12));
  });

  it('leaves what others say as it is', () => {
    const said =
      'error processing the identity token: oidc: token is expired (Token Expiry: 2026-12-01 10:00:00 +0000 UTC)';
    expect(secret.hideIn(said)).toBe(said);
  });

  it('is hidden wherever twenty of its characters stand', () => {
    const text = secret.reveal();
    const words = fc.array(fc.constantFrom('the', 'token', '"', "'", ' ', '(', ').', 'is bad'));
    fc.assert(
      fc.property(words, words, fc.nat(text.length - 20), fc.boolean(), (before, after, at, isUpper) => {
        const part = text.slice(at, at + 20);
        const said = before.join(' ') + (isUpper ? part.toUpperCase() : part) + after.join(' ');
        expect(secret.hideIn(said).toLowerCase()).not.toContain(part.toLowerCase());
      }),
    );
  });
});
