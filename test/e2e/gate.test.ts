import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { DistributionRegistry } from '../registries/servers/distribution.ts';
import { serveRepository } from '../registries/world/chart-repository.ts';
import { chartArchive } from '../support/chart.ts';
import { GateWorld, READER, type GateUser } from './gate-world.ts';

// Some tests run Helm, and with it the plugin, ten times.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 600_000 });

/** Real Helms, whose charts come through the gate: every good one, and none of the others. */

const helms = inject('helms');
const release = inject('release');
const onPath = (process.env['PATH'] ?? '').split(path.delimiter);
const hasRegistry = onPath.some((folder) => existsSync(path.join(folder, 'docker-registry')));

let at: GateWorld;
let registry: DistributionRegistry | undefined;
let policy: string;
/** `sigstore+http://HOST` of the server of charts. */
let gate: string;

beforeAll(async () => {
  at = await GateWorld.open(release);
  at.serve();
  gate = `sigstore+${at.server.url}`;
  const places: string[] = [];
  if (hasRegistry) {
    const directory = await at.world.subdirectory('registry');
    registry = await DistributionRegistry.start({ command: 'docker-registry', directory, name: 'gate' });
    places.push(`oci://${registry.host}`);
  }
  policy = await at.policy('policy.yaml', ...places);
});

afterAll(async () => {
  await registry?.stop();
  await at.close();
});

describe.skipIf(helms.length === 0).each(helms)('with Helm $version (needs Helm)', (helm) => {
  let user: GateUser;
  beforeAll(async () => {
    user = await at.user(helm);
    await user.do('sigstore', 'gate', 'install', '--policy', policy);
    for (const name of ['good', 'absolute', 'forged', 'false-digest', 'older', 'renamed', 'moved'])
      await user.do('repo', 'add', name, `${gate}/${name}`);
  });
  afterEach(async () => {
    const left = await readdir(user.temporary);
    // Helm 4 has files of its own there while it runs.
    expect(left.filter((name) => name.startsWith('helm-sigstore-'))).toEqual([]);
  });

  const hello = (version: string) => Buffer.from(at.charts.get(`hello-${version}`).archive);

  it.each(['good', 'absolute', 'moved', 'forged'])(
    'a good chart comes from the repository %s',
    async (name) => {
      expect(await user.pull(`${name}/hello`, '--version', '0.1.0')).toMatchObject({
        status: 0,
        files: { 'hello-0.1.0.tgz': hello('0.1.0') },
      });
      const latest = await user.pull(`${name}/hello`);
      expect(latest.files, latest.said).toEqual({ 'hello-1.10.0.tgz': hello('1.10.0') });
    },
  );

  it('a chart comes with its provenance, and Helm verifies it', async () => {
    const { files, said } = await user.pull(
      'good/hello',
      '--version',
      '^0.1',
      '--verify',
      '--keyring',
      at.world.keyring,
    );
    const { provenance = '' } = at.charts.get('hello-0.1.0');
    expect(files, said).toEqual({
      'hello-0.1.0.tgz': hello('0.1.0'),
      'hello-0.1.0.tgz.prov': Buffer.from(provenance),
    });
  });

  it('a version with build metadata comes under its name', async () => {
    const { files, said } = await user.pull('good/hello', '--version', '1.2.3+build.5');
    expect(files, said).toEqual({ 'hello-1.2.3+build.5.tgz': hello('1.2.3+build.5') });
  });

  it('show and template get it, also with --repo and by its URL', async () => {
    expect(await user.do('show', 'chart', 'good/hello', '--version', '0.1.0')).toContain('version: 0.1.0');
    await user.do('template', 'name', 'good/hello');
    await user.do('template', 'name', 'hello', '--repo', `${gate}/good`);
    expect(await user.do('show', 'chart', `${gate}/good/hello-0.2.0.tgz`)).toContain('version: 0.2.0');
  });

  it.each(['by-alias', 'by-url', 'unknown'])('dependency update and build get it: %s', async (name) => {
    const repository =
      { 'by-alias': '@good', 'by-url': `${gate}/good`, unknown: `${gate}/absolute/` }[name] ?? '';
    const parent = await user.parent(name, repository);
    await user.do('dependency', 'update', parent);
    const archive = path.join(parent, 'charts', 'hello-0.1.0.tgz');
    expect(await readFile(archive)).toEqual(hello('0.1.0'));
    await rm(path.join(parent, 'charts'), { recursive: true });
    await user.do('dependency', 'build', parent);
    expect(await readFile(archive)).toEqual(hello('0.1.0'));
  });

  it.each([
    ['that nobody signed', 'good/unsigned', '0.1.0'],
    ['that a stranger signed', 'good/strange', '0.1.0'],
    ['that was never logged', 'good/quiet', '0.1.0'],
    ['that a stranger signed, by an absolute URL', 'absolute/strange', '0.1.0'],
    ['that a stranger signed, by a redirect', 'moved/strange', '0.1.0'],
    ['that a stranger signed, under a forged fragment', 'forged/strange', '0.1.0'],
    ['of another digest than the index says', 'false-digest/hello', '0.1.0'],
    ['that is older than the index says', 'older/hello', '3.0.0'],
    ['that is another one than the index says', 'renamed/hello', '7.0.0'],
  ])('no verb gets a chart %s', async (_, reference, version) => {
    const pulled = await user.pull(reference, '--version', version);
    expect(pulled.files, pulled.said).toEqual({});
    expect(pulled.status, pulled.said).not.toBe(0);
    for (const argv of [
      ['template', 'name'],
      ['show', 'values'],
    ]) {
      const { status, stdout } = await user.run(...argv, reference, '--version', version);
      expect({ status: status !== 0, stdout: stdout.replace(/^.*WARNING.*\n/gm, '') }).toEqual({
        status: true,
        stdout: '',
      });
    }
  });

  it('a typed URL gets no chart that nobody signed, and -f gets no values', async () => {
    const { status } = await user.run('template', 'name', `${gate}/good/unsigned-0.1.0.tgz`);
    expect(status).not.toBe(0);
    at.server.put('/good/values.yaml', 'a: 1');
    const values = await user.run('template', 'name', 'good/hello', '-f', `${gate}/good/values.yaml`);
    expect(values.status).not.toBe(0);
    expect(values.stderr).toContain('the gate does not answer this');
  });

  it('dependency update gets none of another digest than the index says', async () => {
    const parent = await user.parent('hostile', `${gate}/false-digest`);
    const { status } = await user.run('dependency', 'update', parent);
    expect(status).not.toBe(0);
    expect(await readdir(path.join(parent, 'charts')).catch(() => [])).toEqual([]);
  });

  const isHelm4 = helm.version.startsWith('4.');
  // Helm 3 keeps no contents.
  if (isHelm4)
    it('the cache of contents, poisoned by a plain repository, brings nothing else', async () => {
      // One that nothing has fetched so far: Helm 4 keeps what it fetched first.
      const other = at.charts.get('other-0.1.0');
      const yaml = 'apiVersion: v2\nname: other\nversion: 0.1.0\ndescription: hostile\n';
      const poison = { ...other, archive: await chartArchive('other', '0.1.0', yaml) };
      serveRepository(at.elsewhere, '/poison', [poison], { claims: () => ({ digest: other.sha256 }) });
      await user.do('repo', 'add', 'poison', `${at.elsewhere.url}/poison`);
      expect(await user.do('show', 'chart', 'poison/other')).toContain('hostile');
      await user.do('repo', 'remove', 'poison');
      expect(await user.do('show', 'chart', 'good/other')).not.toContain('hostile');
    });

  it('a repository with a query in its URL is behind the gate with that, and its index does not say it', async () => {
    await user.do('repo', 'add', 'queried', `${gate}/queried?team=a`);
    const { files, said } = await user.pull('queried/hello', '--version', '0.1.0');
    expect(files, said).toEqual({ 'hello-0.1.0.tgz': hello('0.1.0') });
    expect((await user.pull('queried/unsigned')).files).toEqual({});
    expect((await user.run('sigstore', 'gate', 'status')).stdout).toMatch(
      /ok +Repository +queried is behind the gate/,
    );
    await user.do('repo', 'remove', 'queried');
    const alone = await user.run('template', 'x', 'hello', '--repo', `${gate}/queried?team=a`);
    expect(alone.status).not.toBe(0);
    expect(alone.stderr).toContain('has a query in its URL, which Helm does not hand over');
  });

  it.skipIf(process.platform !== 'linux')(
    'a repository moves behind the gate also where all may write to TMPDIR (needs Linux)',
    async () => {
      await user.do('repo', 'add', 'open', `${at.server.url}/good`);
      await chmod(user.temporary, 0o777);
      expect(await user.do('sigstore', 'gate', 'enable', 'open')).toContain('Behind The Gate: open');
      await chmod(user.temporary, 0o700);
      expect((await user.pull('open/unsigned')).status).not.toBe(0);
      expect((await user.pull('open/hello')).status).toBe(0);
      await user.do('repo', 'remove', 'open');
    },
  );

  it('credentials go to the server of their repository alone', async () => {
    const { user: name, password } = READER;
    const repo = (place: string) => [
      'repo',
      'add',
      place,
      `sigstore+${at.guarded.url}/${place}`,
      '--username',
      name,
      '--password',
      password,
    ];
    await user.do(...repo('charts'));
    await user.do(...repo('lent'), '--pass-credentials');
    const keyring = ['--verify', '--keyring', at.world.keyring];
    const { files, said } = await user.pull('charts/hello', '--version', '0.1.0', ...keyring);
    expect(Object.keys(files), said).toHaveLength(2);
    at.elsewhere.takeRequests();
    const lent = await user.pull('lent/hello', '--version', '0.1.0', ...keyring);
    expect(Object.keys(lent.files), lent.said).toHaveLength(2);
    const requests = at.elsewhere.takeRequests();
    expect(requests.length).toBeGreaterThan(1);
    expect(requests.filter(({ authorization }) => authorization !== undefined)).toEqual([]);
    for (const place of ['charts', 'lent']) await user.do('repo', 'remove', place);
  });

  it('a repository is put behind the gate and taken from there, with its credentials', async () => {
    const { user: name, password } = READER;
    await user.do(
      'repo',
      'add',
      'mine',
      `${at.guarded.url}/charts`,
      '--username',
      name,
      '--password',
      password,
    );
    expect((await user.pull('mine/unsigned')).status).toBe(0);
    const status = await user.run('sigstore', 'gate', 'status');
    expect(status.stdout).toMatch(/warning +Repository +mine goes round the gate/);
    expect(await user.do('sigstore', 'gate', 'enable', 'mine')).toContain('Behind The Gate: mine');
    expect((await user.pull('mine/unsigned')).status).not.toBe(0);
    expect((await user.pull('mine/hello')).status).toBe(0);
    await user.do('repo', 'update', 'mine');
    expect((await user.pull('mine/unsigned')).status).not.toBe(0);
    await user.do('sigstore', 'gate', 'disable', 'mine');
    expect((await user.pull('mine/unsigned')).status).toBe(0);
    await user.do('repo', 'remove', 'mine');
  });

  it('a repository that does not answer through the gate stays as it is', async () => {
    await user.do('repo', 'add', 'gone', `${at.server.url}/good`);
    const weak = await at.world.write('broken.yaml', 'version: 1\nrulez: []\n');
    const file = path.join(user.site.plugins, 'sigstore-getter', 'plugin.yaml');
    const before = await readFile(file, 'utf8');
    await writeFile(file, before.replace(policy, weak));
    const { status, stderr } = await user.run('sigstore', 'gate', 'enable', 'gone');
    expect({ status: status !== 0, stderr }).toEqual({
      status: true,
      stderr: expect.stringContaining('stays as it is') as string,
    });
    expect(await user.do('repo', 'list')).toMatch(/gone\s+http:/);
    // Without a policy that can be read nothing comes.
    expect((await user.pull('good/hello')).status).not.toBe(0);
    expect((await user.run('sigstore', 'gate', 'status')).stdout).toMatch(/failed +Policy .*broken\.yaml/);
    await writeFile(file, before);
    await user.do('repo', 'remove', 'gone');
  });

  it('another plugin for the scheme that would be asked is found, and one that is not as well', async () => {
    const rival = async (name: string) => {
      const directory = path.join(user.site.plugins, name);
      await mkdir(directory);
      const yaml = `name: ${name}\nversion: 0.1.0\nusage: x\ndescription: x\ndownloaders:\n- command: get\n  protocols: [sigstore+http]\n`;
      await writeFile(path.join(directory, 'plugin.yaml'), yaml);
      return directory;
    };
    const first = await rival('aaa');
    const winning = await user.run('sigstore', 'gate', 'status');
    expect(winning.status).not.toBe(0);
    expect(winning.stdout).toMatch(/failed +Rival +aaa .*is asked in place of this one/);
    await rm(first, { recursive: true });
    const last = await rival('zzz');
    const status = await user.run('sigstore', 'gate', 'status');
    expect(status).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/warning +Rival +zzz/) as string,
    });
    expect((await user.pull('good/hello')).status).toBe(0);
    await rm(last, { recursive: true });
  });

  it('the downloader of a release obeys the policy of the user', async () => {
    const other = await at.user(helm);
    await at.installDownloader(other, policy);
    await other.do('repo', 'add', 'good', `${gate}/good`);
    expect((await other.pull('good/hello')).status).toBe(0);
    expect((await other.pull('good/unsigned')).files).toEqual({});
    const { stdout } = await other.run('sigstore', 'gate', 'status');
    expect(stdout).toMatch(/ok +Downloader +.*sigstore-getter/);
    expect(stdout).toMatch(/(?:ok|warning) +Policy +.*sigstore.policy\.yaml/);
  });

  describe.skipIf(!hasRegistry)('of a registry (needs docker-registry)', () => {
    let place: string;
    beforeAll(async () => {
      // 3.18.0 cannot push.
      const pusher = await at.user(helms.findLast(({ version }) => version !== '3.18.0') ?? helm);
      for (const id of [
        'hello-0.1.0',
        'hello-1.2.3+build.5',
        'hello-1.9.0',
        'strange-0.1.0',
        'unsigned-0.1.0',
      ])
        await pusher.do(
          'push',
          at.charts.get(id).path,
          `oci://${registry?.host ?? ''}/charts`,
          '--plain-http',
        );
      place = `sigstore+oci://${registry?.host ?? ''}/charts`;
      for (const name of ['hello', 'strange', 'unsigned'])
        await user.do('repo', 'add', `oci-${name}`, `${place}/${name}`);
    });

    it('a good chart comes, by range, version and provenance', async () => {
      const latest = await user.pull('oci-hello/hello');
      expect(latest.files, latest.said).toEqual({ 'hello-1.9.0.tgz': hello('1.9.0') });
      const exact = await user.pull('oci-hello/hello', '--version', '1.2.3+build.5');
      expect(exact.files, exact.said).toEqual({ 'hello-1.2.3+build.5.tgz': hello('1.2.3+build.5') });
      const verified = await user.pull(
        'oci-hello/hello',
        '--version',
        '^0.1.0',
        '--verify',
        '--keyring',
        at.world.keyring,
      );
      expect(Object.keys(verified.files), verified.said).toEqual(['hello-0.1.0.tgz', 'hello-0.1.0.tgz.prov']);
      expect(await user.do('show', 'chart', `${place}/hello:0.1.0`)).toContain('version: 0.1.0');
      await user.do('template', 'name', 'oci-hello/hello');
      const parent = await user.parent('needs-oci', `${place}/hello`);
      await user.do('dependency', 'update', parent);
      expect(await readFile(path.join(parent, 'charts', 'hello-0.1.0.tgz'))).toEqual(hello('0.1.0'));
      await user.do('dependency', 'build', parent);
    });

    it.each(['strange', 'unsigned'])('no verb gets the chart %s', async (name) => {
      const { files, said } = await user.pull(`oci-${name}/${name}`);
      expect(files, said).toEqual({});
      expect((await user.run('template', 'name', `${place}/${name}:0.1.0`)).status).not.toBe(0);
    });
  });
});
