import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { sha256Hex } from '../../src/digest.ts';
import { formatManifest } from '../../src/mirror/manifest.ts';
import { writeSignedChart, type ChartOnDisk } from '../support/chart.ts';
import { email, ForgedSigstore, SIGNED_AT } from '../support/forged-sigstore.ts';
import { plainSignatureOf } from '../support/plain-signature.ts';
import { SignatureLog } from '../support/signature-log.ts';
import { CHART_SIGNED, createSigner } from '../support/signer.ts';
import { manifestOf, remanifest } from '../support/mirrors.ts';
import { World } from '../support/world/world.ts';

const ISSUER = 'https://issuer.example';
const NAMED = ['--certificate-identity', 'a@example.com', '--certificate-oidc-issuer', ISSUER];
/** A log that is not there: whoever asks it gets no answer. */
const NO_LOG = ['--rekor-server', 'http://127.0.0.1:9'];
/** After what Sigstore signs, and what the log does. */
const clock = () => Math.max(SIGNED_AT + 1_000_000, Math.floor(Date.now() / 1000));

const sigstore = new ForgedSigstore();
let world: World;
let chart: ChartOnDisk;
let root: readonly string[];
let count = 0;

beforeAll(async () => {
  world = await World.open();
  chart = await world.chart('by-identity');
  await writeFile(`${chart.path}.sigstore.json`, bundleOf(chart.archive));
  await rm(`${chart.path}.prov`);
  root = ['--trusted-root', await world.write('root.json', sigstore.trustedRoot())];
});

afterAll(async () => {
  await world.close();
});

function bundleOf(archive: Uint8Array, name = 'a@example.com'): string {
  return JSON.stringify(sigstore.message(archive, sigstore.signer({ names: [email(name)] })));
}

const run = async (...argv: readonly string[]) => await world.run(argv, { clock });

/** A directory that is not there yet. */
function place(): string {
  const path = join(world.directory, `bundled-mirror-${++count}`);
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

async function mirrorOf(...words: readonly string[]): Promise<string> {
  const to = place();
  const ran = await run('mirror', ...words, '--to', to);
  expect(ran, ran.stderr).toMatchObject({ status: 0 });
  return to;
}

async function filesIn(directory: string): Promise<string[]> {
  const all = await readdir(directory, { recursive: true, withFileTypes: true });
  return all
    .filter((each) => each.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(directory.length + 1))
    .sort();
}

describe('a chart that an identity signed', () => {
  const ARCHIVE = 'by-identity-0.1.0.tgz';
  let original: string;

  beforeAll(async () => {
    original = join(world.directory, 'original');
    const ran = await run('mirror', chart.path, '--to', original, ...NAMED, ...root, ...NO_LOG);
    expect(ran, ran.stderr).toMatchObject({ status: 0 });
    expect(ran.stdout).toContain('Signed By: a@example.com\nIssuer: https://issuer.example\nSigned At: ');
  });

  async function copied(): Promise<string> {
    const to = place();
    await cp(original, to, { recursive: true });
    return to;
  }

  const verify = async (directory: string, ...words: readonly string[]) =>
    await run('verify', '--mirror', directory, ...words);
  const trusting = (directory: string) => [
    '--trusted-root',
    join(directory, 'trust', 'trusted_root.json'),
    ...NO_LOG,
  ];

  test('is copied with its bundle and the whole trusted root, and no log is asked', async () => {
    expect(await filesIn(original)).toEqual([
      ARCHIVE,
      `${ARCHIVE}.sigstore.json`,
      'index.yaml',
      'manifest.json',
      'trust/trusted_root.json',
    ]);
    expect(await readFile(join(original, `${ARCHIVE}.sigstore.json`), 'utf8')).toBe(
      await readFile(`${chart.path}.sigstore.json`, 'utf8'),
    );
    expect((await manifestOf(original)).charts).toMatchObject([
      { archive: ARCHIVE, name: 'by-identity', identity: 'a@example.com', issuer: ISSUER },
    ]);
  });

  test('is not copied without a word on whose signature counts, nor by another one', async () => {
    const to = place();
    for (const [words, status] of [
      [[], 10],
      [['--certificate-identity', 'b@example.com', '--certificate-oidc-issuer', ISSUER], 10],
    ] as const) {
      expect(await run('mirror', chart.path, '--to', to, ...words, ...root, ...NO_LOG)).toMatchObject({
        status,
      });
      expect(await filesIn(to)).not.toContain(ARCHIVE);
    }
  });

  test('is there already in a second run, which changes nothing', async () => {
    const to = await copied();
    const { status, stdout } = await run('mirror', chart.path, '--to', to, ...NAMED, ...root, ...NO_LOG);
    expect(status).toBe(0);
    expect(stdout).toContain('Chart Already Mirrored: ');
    expect(stdout).toContain('Mirror Unchanged: ');
  });

  test('verifies offline by the root that is in the mirror, where the user names both', async () => {
    const { status, stdout, stderr } = await verify(original, ...NAMED, ...trusting(original));
    expect({ status, stderr }).toMatchObject({ status: 0 });
    expect(stdout).toContain('Chart Verified Successfully From Sigstore bundle:\n');
    expect(stdout).toContain(`Mirror Verified: ${original}\n`);
  });

  test('does not verify where nobody is named, and the flags are said', async () => {
    const { status, stderr } = await verify(original, ...trusting(original));
    expect(status).toBe(10);
    expect(stderr).toContain('--certificate-identity "a@example.com"');
  });

  test('does not verify by the root in the mirror where the user names none', async () => {
    expect(await verify(original, ...NAMED, ...NO_LOG)).toMatchObject({ status: 10 });
  });

  test.each([
    ['--require both', ['--require', 'both'], 3],
    ['a fingerprint', ['--fingerprint', '0'.repeat(40)], 3],
    ['--require any', ['--require', 'any'], 0],
    ['--require-proof', ['--require-proof'], 0],
  ])('with %s is held to that as well', async (_, words, status) => {
    expect(await verify(original, ...NAMED, ...trusting(original), ...words)).toMatchObject({ status });
  });

  test('with the bundle of somebody else is rejected, whatever the manifest says', async () => {
    const to = await copied();
    await writeFile(join(to, `${ARCHIVE}.sigstore.json`), bundleOf(chart.archive, 'b@example.com'));
    expect(await verify(to, ...NAMED, ...trusting(to))).toMatchObject({ status: 10 });
    for (const identity of ['a@example.com', 'b@example.com']) {
      await remanifest(to, ({ charts, files }) => ({
        charts: charts.map((each) => ({ ...each, identity })),
        files,
      }));
      const { status, stderr } = await verify(to, ...NAMED, ...trusting(to));
      expect(status).toBe(10);
      expect(stderr).toContain('identity: ');
    }
  });

  test('is rejected where the manifest names another signer', async () => {
    const to = await copied();
    await remanifest(to, ({ charts, files }) => ({
      charts: charts.map((each) => ({ ...each, issuer: 'https://other.example' })),
      files,
    }));
    const { status, stderr } = await verify(to, ...NAMED, ...trusting(to));
    expect(status).toBe(10);
    expect(stderr).toContain(
      'the manifest names another signer: expected a@example.com (issuer https://other',
    );
  });

  test('with another archive is rejected', async () => {
    const to = await copied();
    const other = await world.chart('other-content');
    await writeFile(join(to, ARCHIVE), other.archive);
    await remanifest(to);
    expect(await verify(to, ...NAMED, ...trusting(to))).toMatchObject({ status: 10 });
  });

  test('cannot be exchanged for one that a key of the keyring signed', async () => {
    const other = await world.keptChart('by-identity-2');
    const to = await mirrorOf(other.path, ...world.knowing());
    const known = [...world.knowing({ url: 'http://127.0.0.1:9' }), ...NAMED];
    const { status, stderr } = await verify(to, ...known);
    expect(status).toBe(3);
    expect(stderr).toContain('there is no Sigstore bundle of ');
    expect(await verify(to, ...known, '--require', 'any')).toMatchObject({ status: 0 });
  });

  test('without its bundle makes a manifest that is none', async () => {
    const to = await copied();
    const manifest = await manifestOf(to);
    const files = manifest.files.filter(({ path }) => !path.endsWith('.sigstore.json'));
    await writeFile(join(to, 'manifest.json'), formatManifest({ ...manifest, files }));
    const { status, stderr } = await verify(to, ...NAMED, ...trusting(to));
    expect(status).toBe(3);
    expect(stderr).toContain('.sigstore.json" among the files');
  });

  test('is not listed under a name that it does not have', async () => {
    const statement = JSON.stringify({
      _type: 'https://in-toto.io/Statement/v1',
      subject: [{ name: 'better-0.1.0.tgz', digest: { sha256: sha256Hex(chart.archive) } }],
      predicateType: 'https://in-toto.io/attestation/release/v0.2',
      predicate: {},
    });
    const path = join(await world.subdirectory('renamed'), 'better-0.1.0.tgz');
    await writeFile(path, chart.archive);
    await writeFile(
      `${path}.sigstore.json`,
      JSON.stringify(sigstore.statement(statement, sigstore.signer())),
    );
    const argv = ['mirror', path, '--to', place(), ...NAMED, ...root, ...NO_LOG];
    const { status, stderr } = await run(...argv);
    expect(status).toBe(3);
    expect(stderr).toContain(
      'was signed as better-0.1.0.tgz, and its Chart.yaml is that of by-identity-0.1.0.tgz',
    );
  });
});

describe('a chart that is proven in two ways', () => {
  test('keeps what an earlier run proved of it, and has to verify by both', async () => {
    const both = await world.keptChart('both');
    const to = await mirrorOf(both.path, ...world.knowing());
    await writeFile(`${both.path}.sigstore.json`, bundleOf(both.archive));
    const second = await run(
      'mirror',
      both.path,
      '--to',
      to,
      ...NAMED,
      ...root,
      '--rekor-server',
      world.log.url,
    );
    expect(second, second.stderr).toMatchObject({ status: 0 });
    expect(await filesIn(to)).toEqual(
      expect.arrayContaining(
        ['', '.prov', '.rekor.json', '.sigstore.json'].map((each) => `both-0.1.0.tgz${each}`),
      ),
    );
    expect((await manifestOf(to)).charts).toMatchObject([
      { signer: world.publisher.fingerprint, identity: 'a@example.com', issuer: ISSUER },
    ]);
    const offline = world.knowing({ url: 'http://127.0.0.1:9' });
    // Its keys of the log come from a file, so the trusted root is that of the variable.
    const env = { SIGSTORE_TRUSTED_ROOT: join(to, 'trust', 'trusted_root.json') };
    const byOne = await world.run(['verify', '--mirror', to, ...offline], { clock, env });
    expect(byOne.status).toBe(10);
    expect(byOne.stderr).toContain('nobody said whose signature counts');
    const { status, stderr } = await world.run(['verify', '--mirror', to, ...offline, ...NAMED], {
      clock,
      env,
    });
    expect({ status, stderr }).toMatchObject({ status: 0 });
    await rm(join(to, 'both-0.1.0.tgz.rekor.json'));
    expect((await run('mirror', both.path, '--to', to, ...NAMED, ...root)).status).toBe(0);
    expect((await manifestOf(to)).charts).toMatchObject([{ signer: undefined, identity: 'a@example.com' }]);
  });

  test('does not go on while what was kept of it is altered', async () => {
    const both = await world.keptChart('altered');
    const to = await mirrorOf(both.path, ...world.knowing());
    await writeFile(`${both.path}.sigstore.json`, bundleOf(both.archive));
    await writeFile(join(to, 'altered-0.1.0.tgz.rekor.json'), '{}');
    const { status, stderr } = await run('mirror', both.path, '--to', to, ...NAMED, ...root);
    expect(status).toBe(3);
    expect(stderr).toContain('altered-0.1.0.tgz.rekor.json is altered');
  });
});

describe('a chart whose provenance a Rekor v2 has', () => {
  const log = new SignatureLog();
  const NAME = 'hello-0.1.0.tgz';
  let signed: ChartOnDisk;
  let trust: readonly string[];

  beforeAll(async () => {
    const signer = await createSigner({ algorithm: 'p256' });
    signed = await writeSignedChart(await world.subdirectory('v2'), signer, { hash: 'sha256' });
    const bundle = log.bundle(plainSignatureOf(signed.provenance, signer.certificate), {
      at: CHART_SIGNED + 60,
    });
    await writeFile(`${signed.path}.prov.sigstore.json`, JSON.stringify(bundle));
    const file = await world.write('v2-root.json', JSON.stringify(log.trustedRoot()));
    trust = ['--keyring', signed.keyring, '--trusted-root', file];
  });

  test('is copied with the bundle of that, verifies offline by what is in the mirror, and stays as it is', async () => {
    const to = await mirrorOf(signed.path, ...trust, ...NO_LOG);
    const files = await filesIn(to);
    expect(files.filter((each) => each.startsWith(NAME))).toEqual([
      NAME,
      `${NAME}.prov`,
      `${NAME}.prov.sigstore.json`,
    ]);
    const own = ['--keyring', join(to, 'keys'), '--trusted-root', join(to, 'trust', 'trusted_root.json')];
    const { status, stdout } = await run('verify', '--mirror', to, ...own, ...NO_LOG);
    expect(status).toBe(0);
    expect(stdout).toContain('Chart Verified Successfully From Sigstore bundle of its provenance:\n');
    // The bundle is in the mirror alone now.
    const moved = await world.subdirectory('moved');
    for (const ending of ['', '.prov']) await cp(signed.path + ending, join(moved, NAME + ending));
    const again = await run('mirror', join(moved, NAME), '--to', to, ...trust, ...NO_LOG);
    expect(again, again.stderr).toMatchObject({ status: 0 });
    expect(again.stdout).toContain('Mirror Unchanged: ');
  });

  test('is rejected with the bundle of another provenance', async () => {
    const to = await mirrorOf(signed.path, ...trust, ...NO_LOG);
    const other = await createSigner({ algorithm: 'p256' });
    const foreign = await writeSignedChart(await world.subdirectory('foreign'), other, { hash: 'sha256' });
    const bundle = log.bundle(plainSignatureOf(foreign.provenance, other.certificate), {
      at: CHART_SIGNED + 60,
    });
    await writeFile(join(to, `${NAME}.prov.sigstore.json`), JSON.stringify(bundle));
    await remanifest(to);
    const { status, stderr } = await run('verify', '--mirror', to, ...trust, ...NO_LOG);
    expect(status).toBe(10);
    expect(stderr).toContain('bundle-binding');
  });
});
