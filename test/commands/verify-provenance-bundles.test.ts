import { copyFile, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { writeRefreshedRoot } from '../../src/trust/refreshed-root.ts';
import { REPOSITORY } from '../registry/asking.ts';
import { bundlePath } from '../support/bundle-vectors.ts';
import { writeSignedChart, type ChartOnDisk } from '../support/chart.ts';
import { plainSignatureOf } from '../support/plain-signature.ts';
import { serveRegistry } from '../support/registry/server.ts';
import { SignatureLog } from '../support/signature-log.ts';
import { CHART_SIGNED, createSigner } from '../support/signer.ts';
import { serveFiles } from '../support/static-server.ts';
import { vectors } from '../support/vectors.ts';
import { World } from '../support/world/world.ts';

const ENDING = '.prov.sigstore.json';
const NAME = 'hello-0.1.0.tgz';

let world: World;
let chart: ChartOnDisk;
let kept: Awaited<ReturnType<World['keptChart']>>;
let trust: readonly string[];
let bundle: string;
let other: string;
const log = new SignatureLog();

beforeAll(async () => {
  world = await World.open();
  kept = await world.keptChart('kept');
  const signer = await createSigner({ algorithm: 'p256' });
  chart = await writeSignedChart(await world.subdirectory('logged'), signer, { hash: 'sha256' });
  const root = await world.write('root.json', JSON.stringify(log.trustedRoot()));
  trust = ['--keyring', chart.keyring, '--trusted-root', root];
  const bundleOf = (provenance: Uint8Array) =>
    JSON.stringify(log.bundle(plainSignatureOf(provenance, signer.certificate), { at: CHART_SIGNED + 60 }));
  bundle = bundleOf(chart.provenance);
  other = bundleOf(
    await signer.sign('hello', '0.1.0', chart.archive, { hash: 'sha256', at: CHART_SIGNED + 5 }),
  );
});

beforeEach(async () => {
  await writeFile(chart.path + ENDING, bundle);
  await rm(`${chart.path}.rekor.json`, { force: true });
});

afterAll(async () => {
  await world.close();
});

const verify = async (word: string, ...options: readonly string[]) =>
  await world.run(['verify', word, ...trust, ...options]);
/** A log that is not there: whoever asks it gets no answer. */
const NO_LOG = ['--rekor-server', 'http://127.0.0.1:9'];

describe('a bundle of the provenance beside a chart', () => {
  test('proves it, and no log is asked', async () => {
    const { status, stdout, stderr } = await verify(chart.path, ...NO_LOG);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('Chart Verified Successfully From Sigstore bundle of its provenance:\n');
    expect(stdout).toContain(`\nBundle: ${chart.path}${ENDING}\n`);
    expect(stdout).toContain('Signed By: Test Publisher <publisher@charts.example>\n');
  });

  test('is told in JSON', async () => {
    const { stdout } = await verify(chart.path, '--offline', '--output', 'json');
    const { results } = JSON.parse(stdout) as { results: object[] };
    expect(results[0]).toMatchObject({
      verdict: 'verified',
      evidence: { path: chart.path + ENDING, outcome: 'used' },
      evidences: [
        {
          profile: 'openpgp-bundle',
          kind: 'proven',
          source: 'file',
          bundle: chart.path + ENDING,
          signedAt: '2024-06-01T00:01:00Z',
          signer: { algorithm: 'ECDSA P-256' },
        },
      ],
    });
  });

  test('that does not hold is the answer, and no log is asked for another', async () => {
    await writeFile(chart.path + ENDING, other);
    for (const more of [NO_LOG, ['--offline']]) {
      const { status, stderr } = await verify(chart.path, ...more);
      expect(status).toBe(10);
      expect(stderr).toContain(': bundle-binding: the bundle holds another signature than the provenance');
      expect(stderr).toContain('Hint: get the bundle again, from where the chart is');
    }
  });

  test('may lie elsewhere, and be named', async () => {
    await rm(chart.path + ENDING);
    const elsewhere = await world.write('elsewhere.json', bundle);
    expect(await verify(chart.path, '--offline', '--evidence', elsewhere)).toMatchObject({ status: 0 });
    expect(await verify(chart.path, '--offline')).toMatchObject({ status: 3 });
  });

  test('counts where OpenPGP is required, by a flag, with proof, and by a policy', async () => {
    const fingerprint = /Fingerprint: (\S+)/.exec((await verify(chart.path)).stdout)?.[1] ?? '';
    const flags = [['--require', 'openpgp'], ['--require-proof'], ['--fingerprint', fingerprint]];
    for (const words of flags)
      expect(await verify(chart.path, ...NO_LOG, ...words)).toMatchObject({ status: 0 });
    expect(await verify(chart.path, ...NO_LOG, '--fingerprint', '0'.repeat(40))).toMatchObject({
      status: 10,
    });
    const policy = async (by: string) =>
      await world.write(
        'policy.json',
        JSON.stringify({
          version: 1,
          trustedRoot: 'root.json',
          keys: ['logged/keyring.gpg'],
          rules: [{ name: 'ours', charts: ['hello'], signedBy: [{ openpgp: by }], proof: 'required' }],
          otherwise: 'deny',
        }),
      );
    const underPolicy = async (by: string) =>
      await world.run(['verify', chart.path, '--policy', await policy(by), '--offline']);
    const good = await underPolicy(fingerprint);
    expect(good.stderr).toBe('');
    expect(good.status).toBe(0);
    expect((await underPolicy('0'.repeat(40))).status).not.toBe(0);
  });

  test('is named by inspect, which does not judge it', async () => {
    const inspect = async (...words: readonly string[]) =>
      await world.run(['inspect', chart.path, '--keyring', chart.keyring, ...words]);
    const { status, stdout } = await inspect();
    expect(status).toBe(0);
    expect(stdout).toContain(`\nBundle: ${chart.path}${ENDING} (not judged: verify does that)\n`);
    const { results } = JSON.parse((await inspect('--output', 'json')).stdout) as { results: object[] };
    expect(results[0]).toMatchObject({ provenanceBundle: chart.path + ENDING });
    await rm(chart.path + ENDING);
    expect((await inspect()).stdout).not.toContain('Bundle');
  });

  test('is judged by itself as well', async () => {
    const [, , option = '', root = ''] = trust;
    const argv = ['evidence', '--check', chart.path + ENDING, option, root];
    expect(await world.run(argv)).toMatchObject({ status: 0, stderr: '' });
  });

  test('by a log that the trusted root does not know asks for another root', async () => {
    const [option = '', keyring = ''] = trust;
    const { status, stderr } = await world.run(['verify', chart.path, option, keyring, '--offline']);
    expect(status).toBe(10);
    expect(stderr).toContain('log-key');
    expect(stderr).toContain('--trusted-root');
  });
});

describe('by the root of Sigstore, where another log is named,', () => {
  /** Sigstore's own root is that of `log`. */
  const run = async (word: string, ...options: readonly string[]) => {
    const home = await world.subdirectory('sigstore');
    await writeRefreshedRoot(join(home, 'trust'), {
      repository: 'https://tuf.test',
      refreshedAt: world.user.now,
      trustedRoot: log.trustedRoot(),
      logs: [],
      metadata: { root: '', timestamp: '', snapshot: '', targets: '' },
    });
    return await world.run(['verify', word, ...options], { env: { HELM_SIGSTORE_HOME: home } });
  };
  const keyring = () => ['--keyring', chart.keyring];

  test('it counts for those who name it, or no other log', async () => {
    for (const words of [[], [...NO_LOG, '--trusted-root', 'sigstore']])
      expect(await run(chart.path, ...keyring(), ...words)).toMatchObject({ status: 0 });
  });

  test('a bundle beside the chart is no proof', async () => {
    for (const more of [[], ['--offline']]) {
      const { status, stderr } = await run(chart.path, ...keyring(), ...world.trusting(), ...more);
      expect(status).toBe(3);
      expect(stderr).toContain(`on another log than ${world.log.url}, and no trusted root is named for it`);
      expect(stderr).toContain('--trusted-root');
    }
  });

  test('nor is one that a server offers, so the log is asked', async () => {
    const { url } = await serveFiles({
      [`/${NAME}`]: chart.archive,
      [`/${NAME}.prov`]: chart.provenance,
      [`/${NAME}${ENDING}`]: Buffer.from(bundle),
    });
    expect(await run(`${url}/${NAME}`, ...keyring(), ...world.trusting())).toMatchObject({ status: 4 });
  });

  test.each([
    ['nor under a policy that names a log', {}, 3],
    ['but under one that names the root as well', { trustedRoot: 'sigstore' }, 0],
  ])('%s', async (_, more, status) => {
    const policy = {
      version: 1,
      keys: ['logged/keyring.gpg'],
      logs: [{ url: 'https://rekor.acme.example' }],
      rules: [{ name: 'ours', charts: ['hello'], signedBy: 'any' }],
      ...more,
    };
    const path = await world.write('other-log.json', JSON.stringify(policy));
    const ran = await run(chart.path, '--policy', path, '--offline');
    expect(ran, ran.stderr).toMatchObject({ status });
    if (status > 0) expect(ran.stderr).toContain('name its trusted root in the policy');
  });
});

describe.skipIf(vectors === undefined)('the bundles of the vectors (needs the vectors)', () => {
  test.each(['rsa3072', 'nistp256'])('%s, on a real Rekor v2, is verified', async (key) => {
    const path = join(await world.subdirectory(key), NAME);
    await copyFile(bundlePath(NAME), path);
    await copyFile(bundlePath(`pgp/${key}.prov`), `${path}.prov`);
    await copyFile(bundlePath(`pgp/${key}.prov.sigstore.json`), path + ENDING);
    const known = [
      '--keyring',
      bundlePath(`pgp/${key}.gpg`),
      '--trusted-root',
      bundlePath('trusted_root.json'),
    ];
    const { status, stdout, stderr } = await world.run(['verify', path, ...known, '--offline']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain(`Signed By: Pub ${key} <pub-${key}@example.com>\n`);
  });
});

describe('beside an evidence file', () => {
  test('that holds, it is not looked at', async () => {
    await writeFile(kept.path + ENDING, 'no bundle');
    const { status, stdout } = await world.run(['verify', kept.path, ...world.knowing(), '--offline']);
    expect(status).toBe(0);
    expect(stdout).toContain('Chart Verified Successfully From Helm entry:\n');
  });

  test('of another chart, it proves the chart, and there is a warning', async () => {
    await writeFile(`${chart.path}.rekor.json`, await readFile(kept.evidence));
    const { status, stdout, stderr } = await verify(chart.path, '--offline');
    expect(status).toBe(0);
    expect(stdout).toContain('From Sigstore bundle of its provenance');
    expect(stderr).toContain(
      `${chart.path}.rekor.json does not prove the chart, and ${chart.path}${ENDING} does`,
    );
  });

  test('neither of which holds, the evidence file is what is answered about', async () => {
    await writeFile(`${chart.path}.rekor.json`, '{}');
    await writeFile(chart.path + ENDING, other);
    const { status, stderr } = await verify(chart.path, '--offline');
    expect(status).toBe(3);
    expect(stderr).toContain(`${chart.path}.rekor.json is no evidence file`);
  });
});

describe('offered by a server', () => {
  const files = (offered: string) => ({
    [`/${NAME}`]: chart.archive,
    [`/${NAME}.prov`]: chart.provenance,
    [`/${NAME}${ENDING}`]: Buffer.from(offered),
  });

  test('beside a URL it proves the chart, and the log is not asked', async () => {
    const { url } = await serveFiles(files(bundle));
    const { status, stdout } = await verify(`${url}/${NAME}`, ...NO_LOG);
    expect(status).toBe(0);
    expect(stdout).toContain(`Bundle: ${url}/${NAME}${ENDING}\n`);
  });

  test.each([
    ['another', () => other],
    ['none', () => 'no bundle'],
  ])('and %s: it is passed over, and the log is asked', async (_, offered) => {
    const { url } = await serveFiles({
      '/kept-0.1.0.tgz': await readFile(kept.path),
      '/kept-0.1.0.tgz.prov': await readFile(`${kept.path}.prov`),
      [`/kept-0.1.0.tgz${ENDING}`]: Buffer.from(offered()),
    });
    const { status, stdout } = await world.run(['verify', `${url}/kept-0.1.0.tgz`, ...world.knowing()]);
    expect(status).toBe(0);
    expect(stdout).toContain('Chart Verified Successfully From Helm entry:\n');
  });

  test('of a registry it is found when attach put it there', async () => {
    const registry = await serveRegistry();
    registry.store.addChart(REPOSITORY, chart.archive, '0.1.0', Buffer.from(chart.provenance).toString());
    const reference = `oci://${registry.host}/${REPOSITORY}:0.1.0`;
    const attached = await world.run(['attach', reference, '--evidence', chart.path + ENDING]);
    expect(attached).toMatchObject({ status: 0, stderr: '' });
    const { status, stdout, stderr } = await verify(reference, ...NO_LOG);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('From Sigstore bundle of its provenance');
  });

  test('attach takes none of another provenance', async () => {
    const registry = await serveRegistry();
    registry.store.addChart(REPOSITORY, chart.archive, '0.1.0', Buffer.from(chart.provenance).toString());
    const file = await world.write('other.json', other);
    const reference = `oci://${registry.host}/${REPOSITORY}:0.1.0`;
    const { status, stderr } = await world.run(['attach', reference, '--evidence', file]);
    expect(status).toBe(10);
    expect(stderr).toContain('is a bundle of another provenance than that of');
  });
});
