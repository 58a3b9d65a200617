import { execFile } from 'node:child_process';
import { createHash, verify, X509Certificate } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { parseSha256 } from '../../src/digest.ts';
import { signByIdentity, type SignedByIdentity } from '../../src/identity/sign-by-identity.ts';
import { chartOf, identityContext, signOne } from '../identity/context.ts';
import { answer, serve } from '../support/loopback.ts';
import { readBundle } from './signed-bundle.ts';
import { Sigstore } from './stack/sigstore.ts';

const binaries = inject('sigstore');
const cosign = inject('cosign');
const EMAIL = 'publisher@example.com';
const ARCHIVE = Buffer.from('the archive of a chart');
const DIGEST = createHash('sha256').update(ARCHIVE).digest('hex');
const PROVENANCE = 'ab'.repeat(32);
const WORKFLOW = 'https://github.com/example/charts/.github/workflows/release.yml@refs/tags/v1.0.0';

describe.skipIf(binaries === undefined)('signing by an identity (needs Go: no real Sigstore)', () => {
  let sigstore: Sigstore;
  beforeAll(async () => {
    if (binaries !== undefined) sigstore = await Sigstore.start(binaries);
  });
  afterAll(() => sigstore.stop());

  async function tokenFile(token = sigstore.emailToken(EMAIL)): Promise<string> {
    const file = path.join(sigstore.directory, 'token');
    await writeFile(file, `${token}\n`);
    return file;
  }

  async function signed(format: 'statement' | 'message', token?: string): Promise<SignedByIdentity> {
    const options = {
      identityToken: await tokenFile(token),
      signingConfig: sigstore.signingConfig,
      format,
    };
    return await signOne(
      chartOf(ARCHIVE, { provenance: { sha256: parseSha256(PROVENANCE) } }),
      options,
      identityContext(),
    );
  }

  it('makes a statement about archive and provenance, signed with the certificate that it has in it', async () => {
    const { bundle, issuer, logged, times } = await signed('statement');
    const { leaf, signature, preimage, payload, ...parts } = readBundle(bundle);
    expect(parts.mediaType).toBe('application/vnd.dev.sigstore.bundle.v0.3+json');
    expect(leaf.subjectAltName).toBe(`email:${EMAIL}`);
    expect(verify('sha256', preimage, leaf.publicKey, signature)).toBe(true);
    expect(JSON.parse(payload.toString())).toEqual({
      _type: 'https://in-toto.io/Statement/v1',
      subject: [
        { name: 'hello-0.1.0.tgz', digest: { sha256: DIGEST } },
        { name: 'hello-0.1.0.tgz.prov', digest: { sha256: PROVENANCE } },
      ],
      predicateType: 'https://in-toto.io/attestation/release/v0.2',
      predicate: { purl: 'pkg:helm/hello@0.1.0' },
    });
    expect(issuer).toBe(sigstore.servers.people.url);
    expect(logged).toEqual({
      url: sigstore.servers.rekor.url,
      logIndex: parts.verificationMaterial.tlogEntries[0]?.['logIndex'],
    });
    const [time = 0] = times;
    expect(time).toBeGreaterThanOrEqual(Date.parse(leaf.validFrom) / 1000);
    expect(time).toBeLessThanOrEqual(Date.parse(leaf.validTo) / 1000);
  });

  it('signs the bytes of an archive alone', async () => {
    const { leaf, signature, messageSignature } = readBundle((await signed('message')).bundle);
    expect(verify('sha256', ARCHIVE, leaf.publicKey, signature)).toBe(true);
    expect(messageSignature?.messageDigest).toEqual({
      algorithm: 'SHA2_256',
      digest: Buffer.from(DIGEST, 'hex').toString('base64'),
    });
  });

  it('signs in the name of a workflow, whose token GitHub gives', async () => {
    const token = sigstore.workflowToken('example/charts', 'refs/tags/v1.0.0');
    const gitHub = await serve(answer(200, JSON.stringify({ count: token.length, value: token })));
    const context = identityContext({
      env: {
        ACTIONS_ID_TOKEN_REQUEST_URL: `${gitHub.url}/token?api-version=2.0`,
        ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'key-of-the-job',
      },
    });
    const { bundle } = await signOne(chartOf(ARCHIVE), { signingConfig: sigstore.signingConfig }, context);
    expect(readBundle(bundle).leaf.subjectAltName).toBe(`URI:${WORKFLOW}`);
    expect(gitHub.seen).toMatchObject([
      {
        method: 'GET',
        url: '/token?api-version=2.0&audience=sigstore',
        headers: { authorization: 'bearer key-of-the-job' },
      },
    ]);
    expect(context.announced).toMatchObject([
      { kind: 'workflow', identity: WORKFLOW, isPrivate: false, details: { repository: 'example/charts' } },
    ]);
  });

  it('signs many charts with one certificate', async () => {
    const options = { identityToken: await tokenFile(), signingConfig: sigstore.signingConfig } as const;
    const charts = ['0.1.0', '0.2.0', '0.3.0'].map((version) => chartOf(ARCHIVE, { version }));
    const context = identityContext();
    const bundles: string[] = [];
    for await (const { bundle } of signByIdentity(charts, { ...options, format: 'statement' }, context))
      bundles.push(bundle);
    const read = bundles.map(readBundle);
    expect(new Set(read.map(({ leaf }) => leaf.fingerprint256)).size).toBe(1);
    expect(new Set(read.map(({ signature }) => signature.toString('hex'))).size).toBe(3);
    expect(context.announced).toHaveLength(1);
  });

  it('is refused in the words of the authority, without the token', async () => {
    const token = sigstore.workflowToken('example/charts', 'refs/heads/main', { iss: 'http://127.0.0.1:1' });
    const error = await signed('statement', token).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'LOG_REFUSED',
      message: expect.stringContaining('status 4') as unknown,
    });
    for (const part of token.split('.')) expect((error as Error).message).not.toContain(part.slice(0, 20));
  });

  it('its certificate leads to the root of the authority', async () => {
    const { certificate } = await signed('statement');
    const { intermediate } = sigstore.servers.authority;
    const leaf = new X509Certificate(certificate.pem);
    expect(leaf.verify(new X509Certificate(intermediate.certificate).publicKey)).toBe(true);
  });

  // Nobody is told to build it: that takes longer than all else together.
  if (cosign !== undefined)
    describe('with cosign', () => {
      const command = cosign;
      async function verified(verb: string, bundle: string, ...flags: string[]): Promise<string> {
        const archive = path.join(sigstore.directory, 'archive');
        const file = path.join(sigstore.directory, 'bundle');
        await writeFile(archive, ARCHIVE);
        await writeFile(file, bundle);
        const identity = [
          `--certificate-identity=${EMAIL}`,
          `--certificate-oidc-issuer=${sigstore.servers.people.url}`,
        ];
        const argv = [verb, '--trusted-root', sigstore.trustedRoot, '--bundle', file, ...identity, ...flags];
        const env = { ...process.env, HOME: sigstore.directory };
        const { stdout, stderr } = await promisify(execFile)(command, [...argv, archive], { env });
        return stdout + stderr;
      }

      it('verifies the signature over an archive', async () => {
        expect(await verified('verify-blob', (await signed('message')).bundle)).toContain('Verified OK');
      });

      it('verifies the statement', async () => {
        const type = ['--type', 'https://in-toto.io/attestation/release/v0.2'];
        const { bundle } = await signed('statement');
        expect(await verified('verify-blob-attestation', bundle, ...type)).toContain('Verified OK');
      });
    });
});
