import { execFile } from 'node:child_process';
import { createHash, createPublicKey } from 'node:crypto';
import { copyFile, cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { startLog, type RunningLog } from '../../scripts/embedded-log.mjs';
import { targetOfThisMachine } from '../../scripts/standalone.mjs';
import { serveFiles, type FileServer } from './file-server.ts';
import { HelmSite, type Outcome } from './helm-site.ts';

/** Users who have Helm and no other program on the PATH, with the archive of the executable. */

const helms = inject('helms');
const release = inject('release');
const examples = path.join(import.meta.dirname, '..', '..', 'examples');
/** The executable, without Helm. */
const bare = path.join(path.dirname(release.archive), `helm-sigstore-${targetOfThisMachine()}`);
const CHART = 'hello-0.1.0.tgz';

if (helms.length === 0) test.skip('Helm alone (needs a Helm)', () => undefined);

describe.each(helms)('Helm $version and nothing else', (helm) => {
  const isHelm4 = helm.version.startsWith('4.');
  let site: HelmSite;
  let releases: FileServer;
  let charts: FileServer;
  let log: RunningLog;
  let policy: string;
  const at = (...parts: string[]) => path.join(site.directory, ...parts);

  beforeAll(async () => {
    site = await HelmSite.alone(helm);
    releases = await serveFiles(path.dirname(release.archive));
    // Of somebody else: it needs flock on its PATH.
    log = await startLog(at('log'), process.env, { program: bare });
    await cp(examples, site.directory, { recursive: true });
    const archive = await readFile(at(CHART));
    await serve('good', archive);
    await serve('bad', Buffer.concat([archive, Buffer.from('more')]));
    charts = await serveFiles(at('served'));
    policy = await writePolicy();
  });

  /** A repository with this archive, and with the provenance of the chart that was signed. */
  async function serve(name: string, archive: Buffer): Promise<void> {
    const folder = at('served', name);
    await mkdir(folder, { recursive: true });
    await writeFile(path.join(folder, CHART), archive);
    await copyFile(at(`${CHART}.prov`), path.join(folder, `${CHART}.prov`));
    const digest = createHash('sha256').update(archive).digest('hex');
    const hello = [{ name: 'hello', version: '0.1.0', digest, urls: [CHART] }];
    const index = { apiVersion: 'v1', entries: { hello } };
    await writeFile(path.join(folder, 'index.yaml'), JSON.stringify(index));
  }

  /** In a directory without blanks, at which Helm divides the command of a downloader. */
  async function writePolicy(): Promise<string> {
    const folder = await mkdtemp(path.join(tmpdir(), 'policy-'));
    await copyFile(at('publisher.asc'), path.join(folder, 'publisher.asc'));
    await copyFile(log.publicKey, path.join(folder, 'log.pem'));
    const text = `version: 1
keys: [publisher.asc]
logs: [{ url: "${log.url}", publicKeys: [log.pem] }]
rules: [{ name: all, charts: ["${charts.url}/**"], signedBy: any }]
otherwise: deny
`;
    const file = path.join(folder, 'policy.yaml');
    await writeFile(file, text);
    return file;
  }

  afterAll(async () => {
    await log.stop();
    await charts.close();
    await releases.close();
    await rm(path.dirname(policy), { recursive: true });
    await site.remove();
  });

  /** `helm sigstore …` with the settings in variables. */
  const sigstore = async (...argv: string[]): Promise<Outcome> =>
    await site.run(['sigstore', ...argv], {
      REKOR_SERVER: log.url,
      SIGSTORE_REKOR_PUBLIC_KEY: log.publicKey,
      KEYRING: at('publisher.asc'),
    });

  const install = async (url: string): Promise<Outcome> =>
    await site.run([
      ...['plugin', 'install', url],
      ...(isHelm4 ? ['--verify', '--keyring', release.keyring] : []),
    ]);

  test('there is nothing on its PATH but helm', async () => {
    expect(site.env['PATH']).toBe(at('only helm'));
    expect(await readdir(at('only helm'))).toEqual(['helm']);
  });

  test('a release with a wrong signature is not installed, where Helm can tell', async () => {
    if (!isHelm4) return;
    const name = path.basename(release.archive);
    await mkdir(at('forged'));
    const bytes = await readFile(release.archive);
    await writeFile(at('forged', name), Buffer.concat([bytes, Buffer.from('more')]));
    await copyFile(`${release.archive}.prov`, at('forged', `${name}.prov`));
    const forged = await serveFiles(at('forged'));
    expect(await install(`${forged.url}/${name}`)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('plugin verification failed') as string,
    });
    await forged.close();
    await rm(at('forged'), { recursive: true });
    expect((await site.run(['sigstore', 'version'])).stderr).toContain('unknown command "sigstore"');
  });

  test('it installs the release, which Helm 4 verifies', async () => {
    const installed = await install(`${releases.url}/${path.basename(release.archive)}`);
    expect(installed, installed.stderr).toMatchObject({ status: 0 });
    if (isHelm4) {
      const digest = createHash('sha256')
        .update(await readFile(release.archive))
        .digest('hex');
      expect(installed.stdout).toContain(`Plugin Hash Verified: sha256:${digest}`);
    }
    expect(await sigstore('version')).toEqual({ status: 0, stdout: `${packageJson.version}\n`, stderr: '' });
    expect((await sigstore('doctor')).stdout).toMatch(
      /^ok +Runtime +Bun \S+, in the standalone executable /m,
    );
  });

  test('a chart is uploaded, found and verified', async () => {
    const uploaded = await sigstore('upload', CHART);
    expect(uploaded).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^\nCreated Helm entry at index 0, /) as string,
    });
    expect(await sigstore('search', CHART)).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^The Following Records were Found\n/) as string,
    });
    expect(await sigstore('verify', CHART)).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^Chart Verified Successfully From Helm entry:\n/) as string,
    });
    expect(await sigstore('verify', bad())).toMatchObject({ status: 10 });
  });

  test('install hands Helm what was verified; where there is no cluster Helm 4 simulates it', async () => {
    const [wrapped, plain] = [await sigstore(...SIMULATED), await site.run(SIMULATED)];
    if (isHelm4) {
      const said = ({ stdout }: Outcome) => stdout.replace(/^LAST DEPLOYED: .*$/m, '');
      expect(wrapped).toMatchObject({ status: 0 });
      expect(wrapped.stdout).toContain('\nkind: ConfigMap\n');
      expect(said(wrapped)).toBe(said(plain));
    } else {
      expect(wrapped).toMatchObject({ status: 1, stdout: '' });
      expect(wrapped.stderr).toContain('Kubernetes cluster unreachable');
    }
    const [verified, rendered] = [await sigstore(...RENDERED), await site.run(RENDERED)];
    expect(verified).toMatchObject({ status: 0, stdout: rendered.stdout });
    expect(verified.stdout).toContain('\nkind: ConfigMap\n');
  });

  test('install and template of a chart that was changed do not call Helm', async () => {
    for (const words of [SIMULATED, RENDERED]) {
      const changed = words.map((word) => (word === CHART ? bad() : word));
      expect(await sigstore(...changed)).toMatchObject({ status: 10, stdout: '' });
    }
  });

  test('the gate brings a chart, and none that was changed', async () => {
    expect(await sigstore('gate', 'install', '--policy', policy)).toMatchObject({ status: 0 });
    for (const name of ['good', 'bad']) {
      const added = await site.run(['repo', 'add', name, `sigstore+${charts.url}/${name}`]);
      expect(added, added.stderr).toMatchObject({ status: 0 });
    }
    const pulled = await site.run(['pull', 'good/hello']);
    expect(pulled, pulled.stderr).toMatchObject({ status: 0 });
    expect(await site.run(['pull', 'bad/hello'])).toMatchObject({
      status: 1,
      stderr: expect.stringMatching(/^Error: hello 0\.1\.0 of .*digest/) as string,
    });
  });

  describe('and the executable without Helm, where no variable is set that Helm sets', () => {
    let env: Record<string, string>;
    /** Runs a program with these variables and no others. */
    const start = async (program: string, argv: readonly string[], others = {}): Promise<Outcome> =>
      await new Promise((resolve) => {
        const options = { cwd: site.directory, env: { ...env, ...others } };
        execFile(program, argv, options, (error, stdout, stderr) => {
          resolve({ status: error === null ? 0 : Number(error.code), stdout, stderr });
        });
      });
    const ofHelm = (...argv: string[]) => start('helm', argv);
    const alone = (...argv: string[]) => start(bare, argv);

    beforeAll(async () => {
      env = { HOME: at('another home'), PATH: at('only helm') };
      await mkdir(at('another home'));
      // Helm links to a directory.
      const plugin = path.join(site.plugins, 'sigstore', 'sigstore');
      expect(await ofHelm('plugin', 'install', plugin)).toMatchObject({ status: 0 });
    });

    test('gate status and doctor see the downloader that Helm has', async () => {
      expect((await alone('gate', 'status')).stdout).toMatch(/^failed +Downloader +not installed$/m);
      expect(await ofHelm('sigstore', 'gate', 'install', '--policy', policy)).toMatchObject({ status: 0 });
      expect(await ofHelm('repo', 'add', 'good', `sigstore+${charts.url}/good`)).toMatchObject({ status: 0 });
      const { status, stdout, stderr } = await alone('gate', 'status');
      expect(stdout).toContain(at('another home', '.local/share/helm/plugins/sigstore-getter\n'));
      expect(stdout).toMatch(/^ok +Repositories +1 of 1 behind the gate$/m);
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      expect((await alone('doctor', '--rekor-server', log.url)).stdout).toMatch(/^ok +Gate Policy /m);
    });

    test('keys and the log that either of them takes are those of both', async () => {
      const spki = createPublicKey(await readFile(log.publicKey)).export({ type: 'spki', format: 'der' });
      const logId = createHash('sha256').update(spki).digest('hex');
      expect(await alone('log', 'use', log.url, '--fingerprint', logId)).toMatchObject({ status: 0 });
      const [, fingerprint = ''] =
        /Fingerprint: ([0-9A-F]{40})/.exec((await sigstore('inspect', CHART)).stdout) ?? [];
      expect(
        await ofHelm('sigstore', 'keys', 'add', 'publisher.asc', '--fingerprint', fingerprint),
      ).toMatchObject({ status: 0 });
      expect((await alone('keys')).stdout).toContain(fingerprint);
      for (const verified of [await alone('verify', CHART), await ofHelm('sigstore', 'verify', CHART)])
        expect(verified).toMatchObject({
          status: 0,
          stdout: expect.stringContaining(`Rekor Server: ${log.url}\n`) as string,
        });
    });

    test('nothing compiled is kept, as the executable has it in it', async () => {
      const state = await readdir(at('another home', '.local', 'share', 'helm', 'sigstore'));
      expect(state).not.toContain('compiled');
      expect(state).not.toEqual([]);
    });

    test.each([
      {},
      { XDG_DATA_HOME: '/below/xdg' },
      { HELM_DATA_HOME: '/below/data', XDG_DATA_HOME: '/below/xdg' },
      { HELM_DATA_HOME: 'relative' },
      { HELM_PLUGINS: '/below/plugins', HELM_DATA_HOME: '/below/data' },
      { HELM_PLUGINS: '', HELM_DATA_HOME: '/below/data' },
    ])('with %j, it looks for plugins where Helm does', async (variables) => {
      const below = ([name, value]: [string, string]) => [name, value.replace(/^\/below/, at('below'))];
      const others = Object.fromEntries(Object.entries<string>(variables).map(below)) as typeof env;
      const place = (await start('helm', ['env', 'HELM_PLUGINS'], others)).stdout.trimEnd();
      if (place !== '') {
        const folder = path.resolve(site.directory, place, 'other');
        await mkdir(folder, { recursive: true });
        const rival = 'name: other\ndownloaders: [{ command: bin/other, protocols: [sigstore+https] }]\n';
        await writeFile(path.join(folder, 'plugin.yaml'), rival);
      }
      const { stdout } = await start(bare, ['gate', 'status'], others);
      const [, found] = /^failed +Rival +other in (.+) is asked in place/m.exec(stdout) ?? [];
      expect(found).toBe(place === '' ? undefined : path.join(place, 'other'));
    });
  });

  const bad = () => at('served', 'bad', CHART);
});

const SIMULATED = ['install', 'name', CHART, '--dry-run=client'];
const RENDERED = ['template', 'name', CHART];
