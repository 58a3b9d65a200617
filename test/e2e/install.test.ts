import { execFile } from 'node:child_process';
import {
  chmod,
  copyFile,
  cp,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { startLog, type RunningLog } from '../../scripts/embedded-log.mjs';
import type { Helm } from '../../scripts/fetch-helm.mjs';
import { AS_OCTETS, serveFiles, type FileServer } from './file-server.ts';
import { HelmSite, type Outcome } from './helm-site.ts';
import { RouteTable } from './route-table.ts';

const checkout = path.join(import.meta.dirname, '../..');
const examples = path.join(checkout, 'examples');
const helms = inject('helms');
const release = inject('release');
const table = new RouteTable(helms.map(({ version }) => version));
const run = promisify(execFile);

let directory: string;
/** A clean checkout of the sources, with a git repository of its own. */
let clone: string;
let files: FileServer;
let log: RunningLog;
/** npm keeps what it fetched outside the homes of the tests. */
let npm: Record<string, string>;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'routes-'));
  clone = await cloneSources();
  files = await serveFiles(path.dirname(release.archive));
  log = await startLog(path.join(directory, 'log'), process.env);
  const setting = async (name: string) => (await run('npm', ['config', 'get', name])).stdout.trim();
  npm = {
    npm_config_cache: await setting('cache'),
    npm_config_userconfig: await setting('userconfig'),
    // What it has of these versions is what the lock names.
    npm_config_prefer_offline: 'true',
  };
});

afterAll(async () => {
  await log.stop();
  await files.close();
  await rm(directory, { recursive: true, force: true });
  console.log(`\n${table.text()}`);
});

if (helms.length === 0) test.skip('installation by Helm (needs a Helm)', () => undefined);

describe.each(helms)('Helm $version', (helm) => {
  const isHelm4 = helm.version.startsWith('4.');

  test('installs a directory, which stays as it was', async () => {
    const site = await newSite(helm);
    const before = await listing(clone);
    const unbuilt = await site.run(['plugin', 'install', clone]);
    expect(unbuilt).toMatchObject({
      status: 0,
      stderr: expect.stringContaining('has to be built before it runs: npm ci && npm run build') as string,
    });
    expect(await site.run(['sigstore', 'version'])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('npm run build') as string,
    });
    expect(await listing(clone)).toEqual(before);
    await uninstall(site);

    expect(await site.run(['plugin', 'install', checkout])).toMatchObject({ status: 0, stderr: '' });
    await works(site, 'the directory');
    await uninstall(site);
    table.ok('a directory that was built', helm);
  });

  // npm installs everything and builds, twice.
  test('installs and updates from git, building what is not there', { timeout: 180_000 }, async () => {
    const site = await newSite(helm);
    const source = path.join(site.directory, 'remote', 'sigstore');
    await cp(clone, source, { recursive: true });
    const url = `file://${encodeURI(source)}`;
    const unverified = await site.run(['plugin', 'install', url], npm);
    if (isHelm4) {
      expect(unverified).toMatchObject({
        status: 1,
        stderr: expect.stringContaining('plugin source does not support verification') as string,
      });
      expect(await site.run(['plugin', 'install', url, '--verify=false'], npm)).toMatchObject({ status: 0 });
    } else expect(unverified).toMatchObject({ status: 0 });
    await works(site, 'git');
    expect(await readdir(path.join(site.plugins, 'sigstore'))).not.toContain('node_modules');
    table.ok('a git repository', helm);

    await setVersion(source, '99.0.0');
    expect(await site.run(['plugin', 'update', 'sigstore'], npm)).toMatchObject({ status: 0 });
    await works(site, 'git', '99.0.0');
    expect((await site.run(['sigstore', 'version'])).stdout).toBe('99.0.0\n');
    await uninstall(site);
    table.ok('a git repository, then `helm plugin update`', helm);
  });

  test('installs a release from a server, and then another version', async () => {
    const site = await newSite(helm);
    const first = await site.installFrom(urlOf(release.archive), release.keyring);
    expect(first).toMatchObject({ status: 0 });
    if (isHelm4) expect(first.stdout).toContain('Plugin Hash Verified: sha256:');
    await works(site, 'archive');
    table.ok('an archive from a server, as `application/gzip`', helm);
    await octets(helm);
    const update = await site.run(['plugin', 'update', 'sigstore']);
    expect(update).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('cannot get information about plugin source') as string,
    });
    await uninstall(site);
    expect(await site.installFrom(urlOf(release.next), release.keyring)).toMatchObject({ status: 0 });
    await works(site, 'archive', '99.0.0');
    await uninstall(site);
    table.ok('that uninstalled, then another version installed', helm);
    table.skipped('an archive from a server, then `helm plugin update`', helm, reasonOf(update));
  });

  test('installs an archive that was downloaded and unpacked', async () => {
    const site = await newSite(helm);
    const folder = path.join(site.directory, 'plugin');
    await mkdir(folder);
    await run('tar', ['-xzf', release.archive, '-C', folder]);
    expect(await site.run(['plugin', 'install', path.join(folder, 'sigstore')])).toMatchObject({ status: 0 });
    await works(site, 'the directory');
    await uninstall(site);
    table.ok('an archive that was unpacked', helm);
  });

  test('installs an archive that is a file, where Helm can', async () => {
    const site = await newSite(helm);
    const archive = path.join(site.directory, path.basename(release.archive));
    await copyFile(release.archive, archive);
    await copyFile(`${release.archive}.prov`, `${archive}.prov`);
    const outcome = await site.installFrom(archive, release.keyring);
    if (isHelm4) {
      expect(outcome).toMatchObject({ status: 0 });
      await works(site, 'archive');
      await uninstall(site);
      table.ok('an archive that is a file', helm);
    } else {
      expect(outcome.stderr).toContain('expected plugin to be a folder');
      table.skipped('an archive that is a file', helm, reasonOf(outcome));
    }
  });

  test('verifies a release, and refuses one that is not signed as it should be, where Helm can', async () => {
    const site = await newSite(helm);
    const verify = (archive: string) => site.run(['plugin', 'verify', archive, '--keyring', release.keyring]);
    const outcome = await verify(release.archive);
    if (!isHelm4) {
      const install = await site.run(['plugin', 'install', urlOf(release.archive), '--verify']);
      expect(install.stderr).toContain('unknown flag: --verify');
      table.skipped('`helm plugin verify`', helm, reasonOf(install));
      table.skipped('a wrong signature is refused', helm, reasonOf(install));
      return;
    }
    expect(outcome).toMatchObject({ status: 0 });
    table.ok('`helm plugin verify`', helm);

    const forged = path.join(site.directory, path.basename(release.archive));
    await writeFile(forged, Buffer.concat([await readFile(release.archive), Buffer.from('more')]));
    await copyFile(`${release.archive}.prov`, `${forged}.prov`);
    const server = await serveFiles(site.directory);
    onTestFinished(() => server.close());
    const refused = await site.installFrom(`${server.url}/${path.basename(forged)}`, release.keyring);
    expect(refused).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('plugin verification failed') as string,
    });
    await rm(`${forged}.prov`);
    expect(await verify(forged)).toMatchObject({ status: 1 });
    expect((await site.run(['sigstore', 'version'])).stderr).toContain('unknown command "sigstore"');
    table.ok('a wrong signature is refused', helm);
  });

  test('runs from a directory that nobody can write to, and writes nothing there', async () => {
    const site = await newSite(helm);
    await site.installFrom(urlOf(release.archive), release.keyring);
    const plugin = path.join(site.plugins, 'sigstore');
    await setWritable(plugin, false);
    onTestFinished(() => setWritable(plugin, true));
    const before = await listing(plugin);
    expect(await verifyExample(site)).toMatchObject({ status: 0 });
    expect(await listing(plugin)).toEqual(before);
    table.ok('a plugin directory that is read-only', helm);
  });

  test('runs without a home, and leaves no state where it runs', async () => {
    const site = await newSite(helm);
    await site.installFrom(urlOf(release.archive), release.keyring);
    const homeless = Object.fromEntries(Object.keys(site.env).map((name) => [name, '']));
    const env = { ...homeless, PATH: site.env['PATH'] ?? '', HELM_PLUGINS: site.plugins };
    expect(await verifyExample(site, env)).toMatchObject({ status: 0 });
    const written = await readdir(site.directory, { recursive: true });
    expect(written.filter((file) => file.includes(path.join('helm', 'sigstore')))).toEqual([]);
    table.ok('no home', helm);
  });
});

test.runIf(helms.length >= 5)('docs/install.md shows what was found (needs five Helms)', async () => {
  const plain = (text: string) => text.replace(/ +/g, ' ').replace(/-{3,}/g, '---');
  expect(plain(await readFile(path.join(checkout, 'docs/install.md'), 'utf8'))).toContain(table.text());
});

/** As the hosts of release files send archives: Helm 3 wants another type, and says nothing of it. */
async function octets(helm: Helm): Promise<void> {
  const site = await newSite(helm);
  const url = urlOf(release.archive).replace(/[^/]*$/, (name) => `${AS_OCTETS}/${name}`);
  const outcome = await site.installFrom(url, release.keyring);
  const route = 'an archive from a server, as `application/octet-stream`';
  if (site.isHelm4) {
    expect(outcome).toMatchObject({ status: 0 });
    table.ok(route, helm);
  } else {
    expect(outcome).toMatchObject({
      status: 1,
      stderr: expect.stringContaining('Cannot detect VCS') as string,
    });
    table.skipped(route, helm, reasonOf(outcome));
  }
}

async function newSite(helm: Helm): Promise<HelmSite> {
  const site = await HelmSite.create(helm);
  onTestFinished(() => site.remove());
  return site;
}

/** The plugin is listed and runs, and knows its Helm and how it came there. */
async function works(site: HelmSite, from: string, version = packageJson.version): Promise<void> {
  const { stdout } = await site.run(['plugin', 'list']);
  expect(stdout).toMatch(new RegExp(`^sigstore\\s+${version}\\s`, 'm'));
  expect(await site.run(['sigstore', 'version'])).toMatchObject({ status: 0, stderr: '' });
  const settings = { REKOR_SERVER: log.url, SIGSTORE_REKOR_PUBLIC_KEY: log.publicKey };
  const doctor = await site.run(['sigstore', 'doctor'], settings);
  expect(doctor).toMatchObject({ status: 0, stderr: '' });
  expect(doctor.stdout).toMatch(new RegExp(`^ok +Plugin .* installed from ${from}`, 'm'));
  expect(doctor.stdout).toMatch(/^(?:ok|warning) +Helm +[34]\.[0-9]+/m);
}

/** Uninstalls the plugin; nothing of it is left. */
async function uninstall(site: HelmSite): Promise<void> {
  expect(await site.run(['plugin', 'uninstall', 'sigstore'])).toMatchObject({ status: 0 });
  expect(await readdir(site.plugins)).toEqual([]);
  expect((await site.run(['sigstore', 'version'])).stderr).toContain('unknown command "sigstore"');
}

/** Uploads the chart of examples/ and verifies it. */
async function verifyExample(site: HelmSite, env: Record<string, string> = {}): Promise<Outcome> {
  const settings = {
    REKOR_SERVER: log.url,
    SIGSTORE_REKOR_PUBLIC_KEY: log.publicKey,
    KEYRING: path.join(examples, 'publisher.asc'),
    ...env,
  };
  // The plugin writes beside the chart.
  const chart = path.join(await mkdtemp(path.join(directory, 'chart-')), 'hello-0.1.0.tgz');
  for (const end of ['', '.prov'])
    await copyFile(path.join(examples, `hello-0.1.0.tgz${end}`), `${chart}${end}`);
  expect(await site.run(['sigstore', 'upload', chart, '--no-evidence'], settings)).toMatchObject({
    status: 0,
  });
  return site.run(['sigstore', 'verify', chart], settings);
}

function urlOf(archive: string): string {
  return `${files.url}/${path.basename(archive)}`;
}

function reasonOf({ stderr }: Outcome): string {
  return /^Error: (?:.* got error \()?(.*?)\)?$/m.exec(stderr)?.[1] ?? '';
}

/** All that git would commit here, in a repository of its own. */
async function cloneSources(): Promise<string> {
  const target = path.join(directory, 'sigstore');
  const { stdout } = await run('git', ['ls-files', '-z', '-co', '--exclude-standard'], { cwd: checkout });
  for (const file of stdout.split('\0').filter((file) => file !== '')) {
    await mkdir(path.dirname(path.join(target, file)), { recursive: true });
    await copyFile(path.join(checkout, file), path.join(target, file));
  }
  await run('git', ['init', '--quiet', '--initial-branch=main', target]);
  await commit(target);
  return target;
}

async function commit(repository: string): Promise<void> {
  const author = ['-c', 'user.name=Test', '-c', 'user.email=test@example.com'];
  await run('git', ['-C', repository, 'add', '--all']);
  await run('git', ['-C', repository, ...author, 'commit', '--quiet', '--no-verify', '--message', 'A state']);
}

async function setVersion(repository: string, version: string): Promise<void> {
  for (const file of ['plugin.yaml', 'package.json']) {
    const text = await readFile(path.join(repository, file), 'utf8');
    await writeFile(path.join(repository, file), text.replaceAll(packageJson.version, version));
  }
  await commit(repository);
}

/** Every file with its size and the time of its last change; but for what git does by itself. */
async function listing(directory: string): Promise<string[]> {
  const names = (await readdir(directory, { recursive: true })).filter((name) => !name.startsWith('.git/'));
  return await Promise.all(
    names.sort().map(async (name) => {
      const { size, mtimeMs } = await stat(path.join(directory, name));
      return `${name} ${size} ${mtimeMs}`;
    }),
  );
}

async function setWritable(directory: string, isWritable: boolean): Promise<void> {
  const names = await readdir(directory, { recursive: true, withFileTypes: true });
  for (const entry of names.filter((entry) => entry.isDirectory()))
    await chmod(path.join(entry.parentPath, entry.name), isWritable ? 0o755 : 0o555);
  await chmod(directory, isWritable ? 0o755 : 0o555);
}
