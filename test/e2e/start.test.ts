import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildDist } from '../../scripts/build.mjs';
import { launcher, startLog, type RunningLog } from '../../scripts/embedded-log.mjs';
import { serveTlsBefore } from '../support/tls-front.ts';
import { vectors } from '../support/vectors.ts';

const checkout = path.join(import.meta.dirname, '..', '..');
const dist = path.join(checkout, 'dist');
const chart = path.join(checkout, 'examples', 'hello-0.1.0.tgz');
const keyring = ['--keyring', path.join(checkout, 'examples', 'publisher.asc')];

/** How large each bundle may become, in KB of 1000 bytes: reading and compiling it is a part of every start. */
const CEILINGS: Readonly<Record<string, number>> = {
  'helm-sigstore.cjs': 89,
  'reading.cjs': 16,
  'connection.cjs': 8,
  'judging.cjs': 126,
  'search.cjs': 44,
  'verify.cjs': 100,
  'kept.cjs': 12,
  'packed.cjs': 16,
  'index.cjs': 14,
  'evidence.cjs': 18,
  'registry.cjs': 25,
  'references.cjs': 62,
  'attach.cjs': 15,
  // With the page for people, tiles and their index.
  'serve.cjs': 142,
  // With what looks for damage.
  'backup.cjs': 43,
  'sign.cjs': 25,
  'services.cjs': 20,
  'upload.cjs': 15,
  'upload-v2.cjs': 20,
  'sign-identity.cjs': 37,
  'signers.cjs': 12,
  'policy.cjs': 43,
  'policy-explain.cjs': 15,
  'policy-lint.cjs': 15,
  'mirror.cjs': 39,
  'verify-mirror.cjs': 11,
  'monitor.cjs': 52,
  'commands.cjs': 115,
  'contents.cjs': 10,
  'dependencies.cjs': 15,
  'doctor.cjs': 20,
  'wrapper-verbs.cjs': 20,
  'bundles.cjs': 45,
  'chart-bundles.cjs': 18,
  'bundle-logs.cjs': 9,
  'check-bundle.cjs': 9,
  'provenance-bundles.cjs': 14,
  'keys-add.cjs': 20,
  'gate.cjs': 25,
  'gate-commands.cjs': 22,
  'openpgp.cjs': 136,
  'openpgp-rarely.cjs': 168,
  'js-yaml.cjs': 67,
  'tar-stream.cjs': 42,
  'tuf.cjs': 91,
  'sigstore.cjs': 102,
  'undici.cjs': 287,
};

test('the bundles of dist/ are these, and small enough', async () => {
  const files = (await buildDist()).map(({ file }) => file);
  expect(files.sort()).toEqual(Object.keys(CEILINGS).sort());
  for (const file of files) {
    const { size } = await stat(path.join(dist, file));
    expect(size / 1000, file).toBeLessThan(CEILINGS[file] ?? 0);
  }
});

describe('a command loads what it needs and nothing else:', () => {
  let directory: string;
  let log: RunningLog;
  let env: Record<string, string | undefined>;

  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'start-'));
    const home = path.join(directory, 'home');
    env = { PATH: process.env['PATH'], HOME: home, MODULES_FILE: path.join(directory, 'modules.json') };
    log = await startLog(path.join(directory, 'log'), env);
    await loadedBy(['upload', chart, '--no-evidence', ...keyring, ...trust(log.url)]);
  });

  afterAll(async () => {
    await log.stop();
    await rm(directory, { recursive: true });
  });

  // Of Node, what our bundles ask for themselves.
  const starting = ['events', 'fs', 'os', 'path', 'process', 'vm'];
  const asking = [...starting, 'crypto', 'fs/promises', 'http', 'net', 'timers/promises'];

  test.for(['version', '--help'])('%s', async (word) => {
    expect(await loadedBy([word])).toEqual(modules(['helm-sigstore.cjs'], starting));
  });

  const withoutLog = ['helm-sigstore.cjs', 'reading.cjs', 'judging.cjs'];
  const searching = [...withoutLog, 'connection.cjs', 'search.cjs'];

  test('search', async () => {
    const loaded = await loadedBy(['search', chart, ...trust(log.url)]);
    expect(loaded).toEqual(modules(searching, asking));
  });

  // A signature that Node alone finds good needs no library of OpenPGP.
  const verifying = [...searching, 'verify.cjs'];

  test('verify', async () => {
    const loaded = await loadedBy(['verify', chart, ...keyring, ...trust(log.url)]);
    expect(loaded).toEqual(modules(verifying, asking));
  });

  test('verify, asking a log over TLS', async () => {
    const front = await serveTlsBefore(log);
    const ca = path.join(directory, 'ca.pem');
    await writeFile(ca, front.ca);
    const loaded = await loadedBy(['verify', chart, ...keyring, ...trust(front.url), '--ca-file', ca]);
    expect(loaded).toEqual(modules(verifying, [...asking, 'https']));
  });

  test('verify by evidence, with the log and without: then nothing that asks one', async () => {
    const evidence = ['--evidence', path.join(directory, 'evidence.json')];
    await loadedBy(['evidence', chart, ...evidence, ...keyring, ...trust(log.url)]);
    const argv = ['verify', chart, ...evidence, ...keyring, ...trust(log.url)];
    expect(await loadedBy(argv)).toEqual(modules([...verifying, 'kept.cjs'], asking));
    const judging = [...withoutLog, 'verify.cjs', 'kept.cjs'];
    const local = asking.filter((name) => name !== 'http' && name !== 'net');
    expect(await loadedBy([...argv, '--offline'])).toEqual(modules(judging, local));
  });

  test('upload, which looks into the archive', async () => {
    const loaded = await loadedBy(['upload', chart, '--no-evidence', ...keyring, ...trust(log.url)]);
    const bundles = [
      ...verifying,
      'kept.cjs',
      'packed.cjs',
      'evidence.cjs',
      'upload.cjs',
      'commands.cjs',
      'js-yaml.cjs',
      'tar-stream.cjs',
    ];
    expect(loaded).toEqual(modules(bundles, [...asking, 'stream', 'stream/promises', 'zlib']));
  });

  test.skipIf(vectors === undefined)(
    "bundle verify, with Sigstore's library (needs the vectors)",
    async () => {
      const bundle = path.join(vectors ?? '', 'sigstore-bundles');
      const loaded = await loadedBy([
        ...['bundle', 'verify', path.join(bundle, 'hello-0.1.0.tgz')],
        ...['--bundle', path.join(bundle, 'keyless', 'message-email.sigstore.json')],
        ...['--certificate-identity', 'publisher@example.com'],
        ...['--certificate-oidc-issuer', 'http://127.0.0.1:8888'],
        ...['--trusted-root', path.join(bundle, 'trusted_root.json')],
      ]);
      // It reads patterns as policies do, and asks no log.
      const own = [...withoutLog, 'bundles.cjs', 'signers.cjs', 'sigstore.cjs'];
      expect(loaded).toMatchObject({ bundles: own.sort() });
    },
  );

  function trust(url: string): string[] {
    return ['--rekor-server', url, '--rekor-public-key', log.publicKey];
  }

  /** What the program loads in a run that ends well. */
  async function loadedBy(argv: readonly string[]): Promise<unknown> {
    const hook = ['--require', path.join(import.meta.dirname, 'record-modules.cjs')];
    await promisify(execFile)(process.execPath, [...hook, launcher, ...argv], { env });
    return JSON.parse(await readFile(path.join(directory, 'modules.json'), 'utf8'));
  }
});

function modules(bundles: readonly string[], builtins: readonly string[]) {
  return { bundles: [...bundles].sort(), builtins: [...builtins].sort() };
}
