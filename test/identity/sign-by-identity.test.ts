import { readFile, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { ChartToSign } from '../../src/identity/release-statement.ts';
import { signByIdentity, type IdentityContext } from '../../src/identity/sign-by-identity.ts';
import { serve } from '../support/loopback.ts';
import { readBundle } from '../sigstore/signed-bundle.ts';
import { chartOf, identityContext, pieces, signOne } from './context.ts';
import { certificatesReply, fakeSigstore, fakeToken, type FakeSigstore } from './fake-sigstore.ts';

const ARCHIVE = Buffer.from('an archive');
const SECONDS = Math.floor(Date.now() / 1000);

/** Signs these charts; the time is another one for each. */
async function signAll(
  sigstore: FakeSigstore,
  charts: readonly ChartToSign[],
  context: Partial<IdentityContext>,
): Promise<string[]> {
  const options = {
    identityToken: undefined,
    signingConfig: sigstore.signingConfig,
    format: 'statement',
  } as const;
  const bundles: string[] = [];
  for await (const { bundle } of signByIdentity(charts, options, identityContext(context)))
    bundles.push(bundle);
  return bundles;
}

describe('signing by an identity', () => {
  /** A signing config with the servers of two operators. */
  async function configOfBoth(changes: object) {
    const [one, other] = [await fakeSigstore(), await fakeSigstore()];
    const config = JSON.parse(await readFile(one.signingConfig, 'utf8')) as Record<string, object[]>;
    const further = JSON.parse(await readFile(other.signingConfig, 'utf8')) as Record<string, object[]>;
    const both = (name: string) => [
      ...(config[name] ?? []),
      ...(further[name] ?? []).map((each) => ({ ...each, operator: 'other' })),
    ];
    const logs = { rekorTlogUrls: both('rekorTlogUrls'), tsaUrls: both('tsaUrls') };
    await writeFile(one.signingConfig, JSON.stringify({ ...config, ...logs, ...changes }));
    const context = identityContext({ env: { SIGSTORE_ID_TOKEN: fakeToken() } });
    const signing = signOne(chartOf(ARCHIVE), { signingConfig: one.signingConfig }, context);
    return { one, other, context, signing };
  }

  it('asks every authority of timestamps that the config wants, and one log', async () => {
    const { one, other, signing } = await configOfBoth({ tsaConfig: { selector: 'EXACT', count: 2 } });
    const signed = await signing;
    expect(signed.logged).toMatchObject({ url: one.log.url });
    expect(other.log.seen).toEqual([]);
    expect(signed.times).toHaveLength(2);
    const { tlogEntries, timestampVerificationData } = readBundle(signed.bundle).verificationMaterial;
    expect(tlogEntries).toHaveLength(1);
    expect(timestampVerificationData?.rfc3161Timestamps).toHaveLength(2);
  });

  it.each([{ selector: 'ALL' }, { selector: 'EXACT', count: 2 }])(
    'is refused where the config wants several logs, before anybody is told or asked: %o',
    async (rekorTlogConfig) => {
      const { one, other, context, signing } = await configOfBoth({ rekorTlogConfig });
      await expect(signing).rejects.toMatchObject({
        code: 'INPUT',
        message: expect.stringContaining(`wants it on 2 (${one.log.url}, ${other.log.url})`) as unknown,
      });
      const asked = [one, other].flatMap(({ authority, log, timestamps }) => [authority, log, timestamps]);
      expect(asked.map(({ seen }) => seen)).toEqual(asked.map(() => []));
      expect(context.announced).toEqual([]);
    },
  );

  it('of an archive that changes meanwhile is an error, and nothing is logged', async () => {
    const sigstore = await fakeSigstore();
    const chart = chartOf(ARCHIVE, { chunks: () => pieces(Buffer.from('another archive')) });
    const context = identityContext({ env: { SIGSTORE_ID_TOKEN: fakeToken() } });
    const signing = signOne(chart, { signingConfig: sigstore.signingConfig, format: 'message' }, context);
    await expect(signing).rejects.toMatchObject({ code: 'INPUT' });
    expect(sigstore.log.seen).toEqual([]);
  });

  it('writes versions with build metadata as package URLs have them', async () => {
    const sigstore = await fakeSigstore();
    const chart = chartOf(ARCHIVE, { version: '1.0.0+build.7' });
    const [bundle = ''] = await signAll(sigstore, [chart], { env: { SIGSTORE_ID_TOKEN: fakeToken() } });
    expect(JSON.parse(readBundle(bundle).payload.toString())).toMatchObject({
      subject: [{ name: 'hello-1.0.0+build.7.tgz' }],
      predicate: { purl: 'pkg:helm/hello@1.0.0%2Bbuild.7' },
    });
  });

  it('says that a repository is not public', async () => {
    const sigstore = await fakeSigstore();
    const claims = { email: undefined, job_workflow_ref: 'o/r/.github/workflows/w.yml@refs/heads/main' };
    const token = fakeToken({ ...claims, repository: 'o/r', repository_visibility: 'private' });
    const context = identityContext({ env: { SIGSTORE_ID_TOKEN: token } });
    // The certificate names an address, and so somebody else than the one of the token.
    const signing = signOne(chartOf(ARCHIVE), { signingConfig: sigstore.signingConfig }, context);
    await expect(signing).rejects.toThrow('not who was announced');
    expect(context.announced).toMatchObject([{ kind: 'workflow', isPrivate: true }]);
  });
});

describe('a long run', () => {
  const charts = ['1.0.0', '2.0.0', '3.0.0'].map((version) => chartOf(ARCHIVE, { version }));
  const certifyUntil = (seconds: number) =>
    fakeSigstore({
      authority: (_, certify) => certificatesReply(certify({ validFor: [SECONDS - 5, SECONDS + seconds] })),
    });

  it('gets a new certificate for the same key before one is over', async () => {
    const sigstore = await certifyUntil(30);
    const bundles = await signAll(sigstore, charts, { env: { SIGSTORE_ID_TOKEN: fakeToken() } });
    expect(sigstore.authority.seen).toHaveLength(3);
    const keys = bundles.map((each) =>
      readBundle(each).leaf.publicKey.export({ format: 'pem', type: 'spki' }),
    );
    expect(new Set(keys).size).toBe(1);
  });

  it('asks GitHub for another token when one is over', async () => {
    const sigstore = await certifyUntil(30);
    const gitHub = await serve((_, response) => {
      response.end(JSON.stringify({ value: fakeToken({ exp: SECONDS + 60 }) }));
    });
    const env = { ACTIONS_ID_TOKEN_REQUEST_URL: gitHub.url, ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'key' };
    await signAll(sigstore, charts, { env, now: () => SECONDS + 10 });
    expect(gitHub.seen).toHaveLength(4);
  });

  it('goes on in no other name', async () => {
    const sigstore = await certifyUntil(30);
    let asked = 0;
    const gitHub = await serve((_, response) => {
      asked += 1;
      response.end(
        JSON.stringify({ value: fakeToken({ exp: SECONDS + 60, ...(asked > 1 && { email: 'x@x' }) }) }),
      );
    });
    const env = { ACTIONS_ID_TOKEN_REQUEST_URL: gitHub.url, ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'key' };
    const signing = signAll(sigstore, charts, { env, now: () => SECONDS + 10 });
    await expect(signing).rejects.toThrow('names somebody else');
  });
});
