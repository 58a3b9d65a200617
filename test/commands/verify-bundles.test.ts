import { generateKeyPairSync } from 'node:crypto';
import { copyFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bundlePath } from '../support/bundle-vectors.ts';
import { vectors } from '../support/vectors.ts';
import { World } from '../support/world/world.ts';

const IDENTITY = 'https://github.com/acme/charts/.github/workflows/release.yml@refs/tags/v1.2.3';
const ISSUER = 'http://127.0.0.1:8889';
const NAMED = ['--certificate-identity', IDENTITY, '--certificate-oidc-issuer', ISSUER];
const REAL_IDENTITY =
  'https://github.com/ankraio/ankra-charts/.github/workflows/charts-pages.yml@refs/heads/main';
const GITHUB = 'https://token.actions.githubusercontent.com';

describe.skipIf(vectors === undefined)('verify by Sigstore bundles (needs the vectors)', () => {
  let world: World;
  let chart: string;
  let root: readonly string[];

  beforeAll(async () => {
    world = await World.open();
    const folder = await world.subdirectory('bundled');
    chart = join(folder, 'hello-0.1.0.tgz');
    await copyFile(bundlePath('hello-0.1.0.tgz'), chart);
    await copyFile(bundlePath('keyless/cosign-github.sigstore.json'), `${chart}.sigstore.json`);
    root = ['--trusted-root', bundlePath('trusted_root.json')];
  });

  afterAll(async () => {
    await world.close();
  });

  const verify = async (...words: readonly string[]) => await world.run(['verify', ...words]);

  test('a chart is verified by the identity that the user names, and by no log and no keyring', async () => {
    const { status, stdout, stderr } = await verify(chart, ...NAMED, ...root);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('Chart Verified Successfully From Sigstore bundle:\n');
    expect(stdout).toContain(`Signed By: ${IDENTITY}\n`);
    expect(stdout).toContain('Checks: 11 passed, statement skipped');
  });

  test('without a signer the user is told whose it is, and how to name him', async () => {
    const { status, stdout, stderr } = await verify(chart, ...root);
    expect(status).toBe(10);
    expect(stdout).toContain('Chart Not Verified: ');
    expect(stderr).toContain(`--certificate-identity "${IDENTITY}" --certificate-oidc-issuer "${ISSUER}"`);
  });

  test.each([
    ['another identity', ['--certificate-identity', `${IDENTITY}0`, '--certificate-oidc-issuer', ISSUER]],
    ['another issuer', ['--certificate-identity', IDENTITY, '--certificate-oidc-issuer', GITHUB]],
    [
      'a pattern for branches',
      [
        '--certificate-identity-pattern',
        'https://github.com/acme/charts/.github/workflows/release.yml@refs/heads/*',
        '--certificate-oidc-issuer',
        ISSUER,
      ],
    ],
  ])('%s is not accepted', async (_, signer) => {
    const { status, stderr } = await verify(chart, ...signer, ...root);
    expect(status).toBe(10);
    expect(stderr).toContain(': identity: ');
  });

  test('a pattern for tags is', async () => {
    const pattern = 'https://github.com/acme/charts/.github/workflows/*@refs/tags/*';
    const { status } = await verify(
      ...[chart, '--certificate-identity-pattern', pattern, '--certificate-oidc-issuer', ISSUER, ...root],
    );
    expect(status).toBe(0);
  });

  test.each([
    ['an identity without its issuer', ['--certificate-identity', IDENTITY]],
    ['an issuer without an identity', ['--certificate-oidc-issuer', ISSUER]],
    [
      'a pattern that anybody matches',
      ['--certificate-identity-pattern', 'https://github.com/*/x', '--certificate-oidc-issuer', ISSUER],
    ],
    ['both kinds of name', [...NAMED, '--certificate-identity-pattern', IDENTITY]],
    ['an identity and a key', [...NAMED, '--key', 'release.pem']],
    ['--require identity without a signer', ['--require', 'identity']],
    ['--require any without a signer', ['--require', 'any']],
    ['--require both without a signer', ['--require', 'both']],
    ['--require openpgp with one', [...NAMED, '--require', 'openpgp']],
    [
      '--require identity with a fingerprint',
      [...NAMED, '--require', 'identity', '--fingerprint', '0'.repeat(40)],
    ],
    ['--dependencies', [...NAMED, '--dependencies']],
    ['--mirror', [...NAMED, '--mirror', 'site']],
  ])('%s is a usage error', async (_, words) => {
    expect((await verify(chart, ...words, ...root)).status).toBe(2);
  });

  test('with a fingerprint, or --require both, OpenPGP has to hold as well', async () => {
    for (const more of [
      ['--require', 'both'],
      ['--fingerprint', '0'.repeat(40)],
    ]) {
      const { status, stderr } = await verify(chart, ...NAMED, ...root, ...more);
      expect(status).toBe(3);
      expect(stderr).toContain('there is no provenance file');
    }
  });

  test('--require any is satisfied by the bundle alone', async () => {
    const { status, stdout } = await verify(chart, ...NAMED, ...root, '--require', 'any');
    expect(status).toBe(0);
    expect(stdout).toContain('From Sigstore bundle');
  });

  test('a chart without a bundle is told apart from one that is not accepted', async () => {
    const bare = join(await world.subdirectory('bare'), 'hello-0.1.0.tgz');
    await copyFile(bundlePath('hello-0.1.0.tgz'), bare);
    const { status, stderr } = await verify(bare, ...NAMED, ...root);
    expect(status).toBe(3);
    expect(stderr).toContain('there is no Sigstore bundle of');
  });

  test('consistency that is required cannot be had of a tree that is seen for the first time: status 5', async () => {
    const surroundings = { env: { HELM_SIGSTORE_HOME: join(world.directory, 'new-home') } };
    const argv = ['verify', chart, ...NAMED, ...root, '--require-consistency'];
    const { status, stderr } = await world.run(argv, surroundings);
    expect(status).toBe(5);
    expect(stderr).toContain('consistency was required and is skipped');
    // The same checkpoint was seen by now, so nobody has to be asked.
    const again = await world.run([...argv, '--output', 'json'], surroundings);
    expect(again.status).toBe(0);
    expect(again.stdout).toContain('is the one seen before');
  });

  test('another archive, and another name, are not accepted', async () => {
    const folder = await world.subdirectory('others');
    const renamed = join(folder, 'other-0.1.0.tgz');
    await copyFile(chart, renamed);
    await copyFile(`${chart}.sigstore.json`, `${renamed}.sigstore.json`);
    expect((await verify(renamed, ...NAMED, ...root)).stderr).toContain(': archive-name: ');
    expect((await verify(renamed, ...NAMED, ...root, '--as', 'hello-0.1.0.tgz')).status).toBe(0);
    const other = join(folder, 'psono-1.2.0.tgz');
    await copyFile(bundlePath('real/psono-1.2.0.tgz'), other);
    await copyFile(`${chart}.sigstore.json`, `${other}.sigstore.json`);
    const { status, stderr } = await verify(other, ...NAMED, ...root);
    expect(status).toBe(10);
    expect(stderr).toContain(': archive-digest: ');
  });

  test('a statement of another kind than a release counts only where its kind is named', async () => {
    const folder = await world.subdirectory('attested');
    const path = join(folder, 'hello-0.1.0.tgz');
    await copyFile(chart, path);
    await copyFile(bundlePath('keyless/dsse-github.sigstore.json'), `${path}.sigstore.json`);
    expect((await verify(path, ...NAMED, ...root)).stderr).toContain(': statement: ');
    const kind = ['--predicate-type', 'https://helm.sh/provenance/v1'];
    expect((await verify(path, ...NAMED, ...root, ...kind)).status).toBe(0);
    expect((await verify(chart, ...NAMED, ...root, ...kind)).stderr).toContain(': statement: ');
  });

  describe('real charts that cosign 2 signed, by the public trusted root', () => {
    let real: string;

    beforeAll(async () => {
      real = join(await world.subdirectory('real'), 'psono-1.2.0.tgz');
      await copyFile(bundlePath('real/psono-1.2.0.tgz'), real);
      await copyFile(bundlePath('real/psono-1.2.0.tgz.cosign.bundle'), `${real}.cosign.bundle`);
    });

    const policyOf = async (identity: string, level = 'enforce') => {
      const path = join(await world.subdirectory('policy'), 'policy.yaml');
      const item = `- identity: "${identity}"\n        issuer: ${GITHUB}`;
      const rule = `  - name: real\n    charts: ["psono*"]\n    level: ${level}\n    signedBy:\n      ${item}`;
      await writeFile(path, `version: 1\nrules:\n${rule}\n`);
      return path;
    };
    const signer = ['--certificate-identity', REAL_IDENTITY, '--certificate-oidc-issuer', GITHUB];

    test('are verified by promise only, which is said', async () => {
      const { status, stdout } = await verify(real, ...signer, '--trusted-root', 'sigstore');
      expect(status).toBe(0);
      expect(stdout).toContain('Warning: ');
      expect(stdout).toContain('promise only');
      expect((await verify(real, ...signer, '--trusted-root', 'sigstore', '--require-proof')).status).toBe(5);
    });

    test.each([
      ['the identity itself', REAL_IDENTITY, 0],
      ['a pattern', 'https://github.com/ankraio/ankra-charts/.github/workflows/*@refs/heads/main', 0],
      ['another branch', REAL_IDENTITY.replace('main', 'dev'), 10],
      ['another repository', REAL_IDENTITY.replace('ankra-charts', 'other'), 10],
    ])('the rule of a policy by %s', async (_, identity, wanted) => {
      const { status, stderr } = await verify(real, '--policy', await policyOf(identity));
      expect(status).toBe(wanted);
      if (wanted !== 0) expect(stderr).toContain('the policy refuses it');
    });

    test('a flag for an identity only narrows a policy, and other flags for signers are no word beside it', async () => {
      const policy = await policyOf(REAL_IDENTITY.replace(/[^/]*@.*$/, '*@*/**'));
      expect((await verify(real, '--policy', policy, ...signer)).status).toBe(0);
      const other = await policyOf(REAL_IDENTITY.replace('main', 'dev'));
      expect((await verify(real, '--policy', other, ...signer)).status).toBe(10);
      expect((await verify(real, '--policy', policy, '--require', 'any')).status).toBe(2);
      const key = await world.write(
        'key.pem',
        generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }),
      );
      expect((await verify(real, '--policy', policy, '--key', key)).status).toBe(2);
    });

    test('a bundle of another chart is refused at every level of a policy', async () => {
      const folder = await world.subdirectory('swapped');
      const swapped = join(folder, 'psono-9.9.9.tgz');
      await copyFile(bundlePath('real/digitalocean-ccm-0.1.1.tgz'), swapped);
      await copyFile(`${real}.cosign.bundle`, `${swapped}.cosign.bundle`);
      for (const level of ['enforce', 'warn'])
        expect((await verify(swapped, '--policy', await policyOf(REAL_IDENTITY, level))).status).toBe(10);
    });
  });
});
