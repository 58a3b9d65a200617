import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { launcher, startLog, type RunningLog } from '../../scripts/embedded-log.mjs';
import { parseProvenance } from '../../src/provenance/provenance.ts';
import { GnupgHome } from '../support/gnupg.ts';
import { serveFiles } from './file-server.ts';
import { HelmSite, type Outcome } from './helm-site.ts';
import { commandLinesWith } from './processes.ts';

const helms = inject('helms');
const release = inject('release');
const [newest] = [...helms].reverse();

if (newest === undefined) test.skip('signing in Helm (needs a Helm)', () => undefined);

/** The plugin is called alike by all versions of Helm 3, and of Helm 4. */
const newestOfEach = ['3.', '4.'].flatMap((major) =>
  helms.filter(({ version }) => version.startsWith(major)).slice(-1),
);

/** What the library of Helm up to 3.21.3 reads. */
const EARLIER = /^3\.(?:[0-9]|1[0-9]|20)\.|^3\.21\.[0-3]$/;

/** Each kind of key: how gpg makes it, and whether every Helm reads it. */
const KEYS = [
  { kind: 'RSA', make: ['rsa2048', 'sign'], digest: 'SHA256', isReadByAll: true },
  { kind: 'P-256', make: ['nistp256', 'sign'], digest: 'SHA256', isReadByAll: true },
  { kind: 'P-384', make: ['nistp384', 'sign'], digest: 'SHA384', isReadByAll: true },
  { kind: 'P-521', make: ['nistp521', 'sign'], digest: 'SHA512', isReadByAll: true },
  { kind: 'Ed25519', make: ['ed25519', 'sign'], digest: 'SHA512', isReadByAll: false },
  {
    kind: 'subkey',
    make: ['rsa2048', 'cert'],
    adds: ['rsa2048', 'sign'],
    digest: 'SHA256',
    isReadByAll: true,
  },
  {
    kind: 'RSA that decrypts by Curve25519',
    make: ['rsa2048', 'sign'],
    adds: ['cv25519', 'encr'],
    digest: 'SHA256',
    isReadByAll: false,
  },
] as const;

describe.runIf(newest !== undefined)('helm sigstore sign (needs a real Helm)', () => {
  let site: HelmSite;
  /** The program of the checkout in place of a Helm. */
  let program: HelmSite;
  let gnupg: GnupgHome;
  /** With one key, which has a passphrase that no agent knows. */
  let locked: GnupgHome;
  let files: Awaited<ReturnType<typeof serveFiles>>;
  let log: RunningLog;
  let sites: { readonly version: string; readonly site: HelmSite }[];

  beforeAll(async () => {
    if (newest === undefined) return;
    site = await HelmSite.create(newest);
    program = await HelmSite.create({ ...newest, path: launcher });
    gnupg = await GnupgHome.create();
    locked = await GnupgHome.create();
    files = await serveFiles(path.dirname(release.archive));
    await locked.gpg([
      ...['--pinentry-mode', 'loopback', '--passphrase', 'open sesame'],
      ...['--quick-generate-key', 'Locked', 'rsa2048', 'sign', 'never'],
    ]);
    await locked.stop();
    log = await startLog(path.join(site.directory, 'log'), site.env);
    sites = await Promise.all(
      helms.map(async (helm) => ({ version: helm.version, site: await HelmSite.create(helm) })),
    );
    for (const { kind, make, ...rest } of KEYS) {
      await gnupg.gpgWithSecrets([
        '--quick-generate-key',
        `${kind} <${keyOf(kind)}@example.com>`,
        ...make,
        'never',
      ]);
      if (!('adds' in rest)) continue;
      const fingerprint =
        (await gnupg.list()).find(({ userIds }) => userIds[0]?.startsWith(`${kind} <`))?.fingerprint ?? '';
      await gnupg.gpgWithSecrets(['--quick-add-key', fingerprint, ...rest.adds, 'never']);
    }
    await gnupg.gpg([
      '--output',
      path.join(site.directory, 'secret.gpg'),
      '--export-secret-keys',
      '=RSA <rsa@example.com>',
    ]);
  });

  afterAll(async () => {
    await log.stop();
    await files.close();
    await locked.remove();
    await gnupg.remove();
    expect(await commandLinesWith(gnupg.path)).toEqual([]);
    for (const each of [site, program, ...sites.map((other) => other.site)]) await each.remove();
  });

  /** The part of the user ID that no other key has. */
  function keyOf(kind: string): string {
    return kind.toLowerCase().replaceAll(' ', '-');
  }

  /** Runs the program of the checkout for a Helm. */
  async function sign(helm: string, ...argv: readonly string[]): Promise<Outcome> {
    return await program.run(['sign', ...argv], { GNUPGHOME: gnupg.path, HELM_BIN: helm });
  }

  /** What a provenance signs, but for the line end at its end, which some Helms sign as well. */
  async function signedText(file: string): Promise<string> {
    return Buffer.from(parseProvenance(await readFile(file)).signedBytes)
      .toString()
      .replace(/(?:\r\n)+$/, '');
  }

  test.each(KEYS)(
    'a chart signed by $kind verifies in the Helms that it names, and goes to the log',
    async ({ kind, digest, isReadByAll }) => {
      const chart = path.join(site.directory, await site.packageChart(`by-${keyOf(kind)}`, []));
      const upload = [
        '--upload',
        '--rekor-server',
        log.url,
        '--rekor-public-key',
        log.publicKey,
        '--output',
        'json',
      ];
      const { status, stdout, stderr } = await sign(
        newest?.path ?? '',
        chart,
        '--key',
        `<${keyOf(kind)}@example.com>`,
        ...upload,
      );
      expect({ status, stderr }).toEqual({
        status: 0,
        stderr: expect.stringContaining(`e-mail address ${keyOf(kind)}@example.com`) as string,
      });
      const { results } = JSON.parse(stdout) as { results: { provenance: { verifiedBy: string } }[] };
      expect(results[0]).toMatchObject({
        outcome: 'created',
        verdict: 'verified',
        provenance: { outcome: 'written', digest },
      });
      expect(results[0]?.provenance.verifiedBy).toBe(
        isReadByAll ? 'Helm 3 and 4' : 'Helm 3.21.4 and later, Helm 4',
      );

      const keyring = path.join(site.directory, 'ring.gpg');
      await writeFile(keyring, await gnupg.gpg(['--export', `<${keyOf(kind)}@example.com>`]));
      const verdicts = await Promise.all(
        sites.map(async ({ version, site: other }) => ({
          version,
          ...(await other.run(['verify', chart, '--keyring', keyring])),
        })),
      );
      expect(verdicts.filter((each) => each.status === 0).map(({ version }) => version)).toEqual(
        helms.map(({ version }) => version).filter((version) => isReadByAll || !EARLIER.test(version)),
      );
    },
  );

  test.each(helms)('of an odd chart it signs the text that Helm $version itself signs', async (helm) => {
    const own = sites.find(({ version }) => version === helm.version)?.site ?? site;
    await own.run(['create', 'odd']);
    await writeFile(path.join(own.directory, 'odd', 'Chart.yaml'), ODD);
    const signing = [
      '--sign',
      '--key',
      'RSA <rsa@example.com>',
      '--keyring',
      path.join(site.directory, 'secret.gpg'),
    ];
    expect(await own.run(['package', 'odd', ...signing])).toMatchObject({ status: 0 });
    const chart = path.join(own.directory, 'odd-1.0.0+build.1.tgz');
    const theirs = await signedText(`${chart}.prov`);
    expect(theirs).toContain('files:');

    // What Helm signed is by this key, and holds: so it is kept.
    expect((await sign(helm.path, chart, '--key', 'rsa@example.com')).stdout).toContain(
      'Signature Already There',
    );
    expect(await sign(helm.path, chart, '--key', 'rsa@example.com', '--force')).toMatchObject({ status: 0 });
    expect(await signedText(`${chart}.prov`)).toBe(theirs);
    const keyring = path.join(own.directory, 'ring.gpg');
    await writeFile(keyring, await gnupg.gpg(['--export', 'rsa@example.com']));
    expect(await own.run(['verify', chart, '--keyring', keyring])).toMatchObject({ status: 0 });
  });

  test('a chart under another name, signed below an odd configuration of gpg, verifies in every Helm', async () => {
    const chart = path.join(site.directory, "it's # my: chart.tgz");
    await writeFile(chart, await readFile(path.join(site.directory, await site.packageChart('renamed', []))));
    const odd = [
      'armor',
      'comment files:',
      'emit-version',
      'throw-keyids',
      'default-sig-expire 1d',
      'sig-notation a@example.com=b',
      'digest-algo SHA1',
      'default-key rsa@example.com',
    ];
    await writeFile(path.join(gnupg.path, 'gpg.conf'), `${odd.join('\n')}\n`);
    try {
      expect(await sign(newest?.path ?? '', chart)).toMatchObject({ status: 0 });
    } finally {
      await writeFile(path.join(gnupg.path, 'gpg.conf'), '');
    }
    const keyring = path.join(site.directory, 'ring.gpg');
    await writeFile(keyring, await gnupg.gpg(['--export', 'rsa@example.com']));
    for (const { site: other } of sites)
      expect(await other.run(['verify', chart, '--keyring', keyring])).toMatchObject({ status: 0 });
  });

  describe.each(newestOfEach)('as a plugin of Helm $version', (helm) => {
    test('it signs with a passphrase from a file, and Helm verifies', async () => {
      const own = sites.find(({ version }) => version === helm.version)?.site ?? site;
      const url = `${files.url}/${path.basename(release.archive)}`;
      expect(await own.installFrom(url, release.keyring)).toMatchObject({ status: 0 });
      const chart = await own.packageChart('plugged', []);
      await writeFile(path.join(own.directory, 'passphrase'), 'open sesame\n');
      const env = { GNUPGHOME: locked.path };
      // What the agent knows since another Helm.
      await locked.stop();
      const wanting = await own.run(['sigstore', 'sign', chart], env);
      expect(wanting.stderr).toContain(
        'Hint: on a terminal, export GPG_TTY=$(tty); where nobody can be asked, give --passphrase-file',
      );
      expect(wanting.status).toBe(3);
      expect(
        await own.run(['sigstore', 'sign', chart, '--passphrase-file', 'passphrase'], env),
      ).toMatchObject({ status: 0 });
      await writeFile(path.join(own.directory, 'ring.gpg'), await locked.gpg(['--export']));
      expect(await own.run(['verify', chart, '--keyring', 'ring.gpg'])).toMatchObject({ status: 0 });
    });
  });
});

const ODD = `apiVersion: v2
name: odd
version: 1.0.0+build.1
appVersion: "1e3"
description: |
  -----BEGIN PGP SIGNED MESSAGE-----
  From me
  - dash
  ...
  files:
    odd: sha256:00

  trailing   
keywords: [b, a, ümlaut, "x\\ty", "😀", "\\u2028", "...", "-", "- x", "From y"]
type: application
home: https://example.com/?a=1&b=<2>
kubeVersion: ">=1.20.0-0"
annotations:
  b: "2"
  a: |
    line

    line2
  "- x": "y"
  "-----BEGIN": z
  files: "sha256:00"
unknown: left out
maintainers:
- name: From me
  email: "- me@example.com"
`;
