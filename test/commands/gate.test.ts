import {
  chmod,
  mkdir,
  readdir,
  readFile,
  readlink,
  realpath,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { runProgram } from '../support/program.ts';
import { Folder } from '../support/world/folder.ts';

/** What `gate` does to the files of Helm. Real Helms are in test/e2e/gate.test.ts. */

/** Of a policy: one rule, about the charts of this pattern. */
function rules(pattern: string, more = ''): string {
  return `rules: [{ name: ours, charts: ["${pattern}"], signedBy: any${more} }]\n`;
}

let folder: Folder;
let plugins: string;
let env: Record<string, string>;
let policy: string;

const POLICY = 'version: 1\nlogs: [{ url: "http://127.0.0.1:1" }]\notherwise: deny\n' + rules('https://**');
/** Of a version in the index of `acme`, behind the gate. */
const GATED = 'sigstore+https://charts.acme.example/hello-0.1.0.tgz#name=hello';
const LIST = `repositories:
- name: acme # ours
  password: word
  url: https://charts.acme.example
- name: local
  url: http://127.0.0.1:1
- name: remote
  url: http://charts.example
- name: app
  url: sigstore+oci://reg.example/app
`;

/** In place of Helm: it fetches an index, unless it is told to fail, and notes what it was given. */
const HELM = `#!${process.execPath}
const fs = require('node:fs'), path = require('node:path');
const here = path.dirname(process.argv[1]), [, , ...argv] = process.argv;
if (argv[0] === 'version') { console.log('v3.19.2'); process.exit(0); }
const list = fs.readFileSync(process.env.HELM_REPOSITORY_CONFIG, 'utf8');
fs.writeFileSync(path.join(here, 'called.json'), JSON.stringify({ argv, list, real: fs.readFileSync(path.join(here, 'repositories.yaml'), 'utf8') }));
if (fs.existsSync(path.join(here, 'fail'))) { console.error('Error: no way'); process.exit(Number(fs.readFileSync(path.join(here, 'fail')))); }
if (fs.existsSync(path.join(here, 'hang'))) setInterval(() => undefined, 1000);
else for (const file of ['-index.yaml', '-charts.txt']) fs.writeFileSync(path.join(process.env.HELM_REPOSITORY_CACHE, argv[2] + file), 'new ' + file);
if (fs.existsSync(path.join(here, 'swap')))
  for (const name of fs.readdirSync(process.env.TMPDIR)) {
    const place = path.join(process.env.TMPDIR, name), moved = place + '-moved';
    fs.renameSync(place, moved);
    for (const below of fs.readdirSync(moved)) {
      if (!fs.statSync(path.join(moved, below)).isDirectory()) continue;
      fs.mkdirSync(path.join(place, below), { recursive: true });
      for (const file of ['-index.yaml', '-charts.txt']) fs.writeFileSync(path.join(place, below, argv[2] + file), 'hostile ' + file);
    }
  }
`;

beforeEach(async () => {
  folder = await Folder.create();
  plugins = await folder.subdirectory('plugins');
  await mkdir(join(plugins, 'my-sigstore', 'bin'), { recursive: true });
  await writeFile(join(plugins, 'my-sigstore', 'bin', 'helm-sigstore'), '');
  const helm = await folder.write('helm', HELM);
  await chmod(helm, 0o755);
  policy = await folder.write('policy.yaml', POLICY);
  const cache = await folder.subdirectory('cache');
  await writeFile(join(cache, 'acme-index.yaml'), 'old');
  env = {
    HELM_BIN: helm,
    HELM_PLUGINS: plugins,
    HELM_PLUGIN_DIR: join(plugins, 'my-sigstore'),
    HELM_REPOSITORY_CONFIG: await folder.write('repositories.yaml', LIST),
    HELM_REPOSITORY_CACHE: cache,
    PATH: process.env['PATH'] ?? '',
    TMPDIR: await folder.subdirectory('temporary'),
  };
});

afterEach(async () => {
  expect(await readdir(env['TMPDIR'] ?? '')).toEqual([]);
  await folder.close();
});

const COMMANDS = {
  install: ['gate', 'install'],
  enable: ['gate', 'enable'],
  disable: ['gate', 'disable'],
  status: ['gate', 'status'],
} as const;

async function gate(command: keyof typeof COMMANDS, ...argv: string[]) {
  return await runProgram([...COMMANDS[command], ...argv], { env });
}

/** A plugin that sorts first, with the program of another plugin. */
async function rival(plugin: string, named: string): Promise<void> {
  await mkdir(join(plugins, 'aaa'));
  await mkdir(join(plugins, plugin, 'bin'), { recursive: true });
  const command = `../${plugin}/bin/helm-sigstore getter --policy ${named}`;
  const yaml = `name: aaa\ndownloaders: [{command: "${command}", protocols: [sigstore+https]}]\n`;
  await writeFile(join(plugins, 'aaa', 'plugin.yaml'), yaml);
}

async function install(): Promise<void> {
  expect(await gate('install', '--policy', policy)).toMatchObject({ status: 0 });
}

const list = async () => await readFile(env['HELM_REPOSITORY_CONFIG'] ?? '', 'utf8');
const cached = async () =>
  await readFile(join(env['HELM_REPOSITORY_CACHE'] ?? '', 'acme-index.yaml'), 'utf8');

describe('gate install', () => {
  test('writes the downloader beside the plugin, whatever that is called, and again', async () => {
    await install();
    await install();
    const yaml = await readFile(join(plugins, 'sigstore-getter', 'plugin.yaml'), 'utf8');
    expect(yaml).toContain(`command: "../my-sigstore/bin/helm-sigstore getter --policy ${policy} --"`);
    expect(yaml).toContain('protocols: [sigstore+https, sigstore+http, sigstore+oci]');
    expect(await readdir(join(plugins, 'sigstore-getter'))).toEqual(['plugin.yaml']);
  });

  test('says which policy it puts in the place of which, and doctor knows it', async () => {
    await install();
    const first = await gate('install', '--policy', policy);
    expect(first).toMatchObject({ status: 0, stderr: '' });
    const other = await folder.write('other.yaml', POLICY);
    const second = await gate('install', '--policy', other, '--output', 'json');
    expect(second.stderr).toContain(
      `the gate obeyed another policy before: ${policy}; now it obeys ${other}`,
    );
    expect(JSON.parse(second.stdout)).toMatchObject({ policy: other, policyBefore: policy });
    const { stdout } = await runProgram(
      ['doctor', '--output', 'json', '--rekor-server', 'http://127.0.0.1:1'],
      { env },
    );
    expect(JSON.parse(stdout)).toMatchObject({
      findings: expect.arrayContaining([
        expect.objectContaining({ subject: 'Gate Policy', found: expect.stringContaining(other) as string }),
      ]) as unknown,
    });
  });

  test('takes a symbolic link, as for a mounted ConfigMap, and names the file where that does not suffice', async () => {
    await folder.subdirectory('..data');
    const real = await folder.write('..data/mounted.yaml', 'version: 1\nkeys: [keys.asc]\n');
    const link = join(folder.directory, 'mounted.yaml');
    await symlink('..data/mounted.yaml', link);
    const without = await gate('install', '--policy', link);
    expect(without).toMatchObject({ status: 3, stdout: '' });
    expect(without.stderr).toContain('there is no file keys.asc beside it: it is a symbolic link');
    expect(without.stderr).toContain(`name the file itself: ${await realpath(real)}`);
    await folder.write('keys.asc', '');
    expect(await gate('install', '--policy', link)).toMatchObject({ status: 0 });
    const yaml = await readFile(join(plugins, 'sigstore-getter', 'plugin.yaml'), 'utf8');
    expect(yaml).toContain(`--policy ${link} --`);
    await chmod(dirname(real), 0o777);
    expect((await gate('status')).stdout).toMatch(/warning +Policy +.*every user may change .*\.\.data/);
  });

  test.each([
    ['without a policy', async () => await gate('install'), 2, /policy/],
    [
      'with a policy that cannot be read',
      async () => await gate('install', '--policy', await folder.write('bad.yaml', 'version: 7\n')),
      2,
      /bad\.yaml/,
    ],
    [
      'with a policy whose path Helm would divide',
      async () => await gate('install', '--policy', await folder.write('my policy.yaml', POLICY)),
      2,
      /blanks/,
    ],
    [
      'with a policy whose path Helm 4 would change',
      async () => await gate('install', '--policy', await folder.write('a$HOME.yaml', POLICY)),
      2,
      /"\$"/,
    ],
    [
      'where another plugin has its place',
      async () => {
        await mkdir(join(plugins, 'sigstore-getter'));
        const other = 'name: x\ndownloaders: [{command: x, protocols: [x]}]\n';
        await writeFile(join(plugins, 'sigstore-getter', 'plugin.yaml'), other);
        return await gate('install', '--policy', policy);
      },
      3,
      /another plugin/,
    ],
    [
      'where there is no program that Helm could start',
      async () => {
        await rm(join(plugins, 'my-sigstore', 'bin'), { recursive: true });
        return await gate('install', '--policy', policy);
      },
      3,
      /expected the program/,
    ],
    [
      'not started by Helm',
      async () => {
        env['HELM_PLUGIN_DIR'] = '';
        return await gate('install', '--policy', policy);
      },
      2,
      /HELM_PLUGIN_DIR/,
    ],
  ])('refuses %s', async (_, run, status, message) => {
    const ran = await run();
    expect(ran).toMatchObject({ status, stdout: '' });
    expect(ran.stderr).toMatch(message);
  });
});

describe('gate enable', () => {
  test('fetches the index by Helm first, and changes nothing but the address', async () => {
    await install();
    expect(await gate('enable', 'acme')).toMatchObject({
      status: 0,
      stdout: 'Behind The Gate: acme (sigstore+https://charts.acme.example)\n',
    });
    const changed = LIST.replace('https://charts.acme', 'sigstore+https://charts.acme');
    expect(await list()).toBe(changed);
    expect(await cached()).toBe('new -index.yaml');
    const called = JSON.parse(await readFile(join(folder.directory, 'called.json'), 'utf8')) as object;
    expect(called).toEqual({ argv: ['repo', 'update', 'acme'], list: changed, real: LIST });
  });

  test.skipIf(process.platform !== 'linux')(
    'keeps the index that Helm fetched, where others can exchange directories for temporary files (needs Linux)',
    async () => {
      await install();
      const temporary = env['TMPDIR'] ?? '';
      await chmod(temporary, 0o777);
      await folder.write('swap', '');
      expect(await gate('enable', 'acme')).toMatchObject({ status: 0 });
      expect(await cached()).toBe('new -index.yaml');
      for (const name of await readdir(temporary)) await rm(join(temporary, name), { recursive: true });
    },
  );

  test.each(['0', '1'])('leaves everything as it is where Helm fails with status %s', async (status) => {
    await install();
    await folder.write('fail', status);
    const ran = await gate('enable', 'acme');
    expect(ran).toMatchObject({ status: 5, stdout: '' });
    expect(ran.stderr).toContain('the repository acme stays as it is');
    expect(ran.stderr).toContain('no way');
    expect([await list(), await cached()]).toEqual([LIST, 'old']);
  });

  test('leaves everything as it is when it is interrupted while Helm fetches', async () => {
    await install();
    await folder.write('hang', '');
    const interruption = new AbortController();
    const argv = [...COMMANDS.enable, 'acme'];
    const running = runProgram(argv, { env, interrupted: interruption.signal });
    const called = join(folder.directory, 'called.json');
    await vi.waitUntil(async () => await readFile(called).catch(() => undefined), { timeout: 30_000 });
    interruption.abort();
    expect(await running).toMatchObject({ status: 5, stdout: '' });
    expect([await list(), await cached()]).toEqual([LIST, 'old']);
  });

  test('moves all that it can, and says what it cannot', async () => {
    await install();
    const ran = await gate('enable', '--all', '--output', 'json');
    expect(ran.status).toBe(2);
    expect(JSON.parse(ran.stdout)).toMatchObject({
      repositories: [
        { name: 'acme', gated: true },
        { name: 'local', url: 'sigstore+http://127.0.0.1:1', gated: true },
        { name: 'remote', url: 'http://charts.example', gated: false },
        { name: 'app', gated: true },
      ],
    });
    expect(ran.stderr).toMatch(/remote: plain http to another machine/);
  });

  test('refuses without the downloader, and where another one would be asked', async () => {
    expect(await gate('enable', 'acme')).toMatchObject({ status: 3 });
    await install();
    await mkdir(join(plugins, 'aaa'));
    const rival = 'name: aaa\ndownloaders: [{command: x, protocols: [sigstore+https]}]\n';
    await writeFile(join(plugins, 'aaa', 'plugin.yaml'), rival);
    const ran = await gate('enable', 'acme');
    expect(ran).toMatchObject({ status: 3 });
    expect(ran.stderr).toContain('asked in place of this one');
    expect(await list()).toBe(LIST);
  });

  test('refuses where a plugin would be asked whose program only has the name of this one', async () => {
    await install();
    await rival('evil', policy);
    const ran = await gate('enable', 'acme');
    expect(ran).toMatchObject({ status: 3 });
    expect(ran.stderr).toContain('asked in place of this one');
    expect(await gate('status')).toMatchObject({ status: 10 });
  });

  test('leaves a link to the list of repositories, and who may read that', async () => {
    await install();
    const real = await folder.write('real.yaml', LIST);
    await chmod(real, 0o640);
    const path = env['HELM_REPOSITORY_CONFIG'] ?? '';
    await rm(path);
    await symlink(real, path);
    expect(await gate('enable', 'acme')).toMatchObject({ status: 0 });
    expect(await readlink(path)).toBe(real);
    expect(await readFile(real, 'utf8')).toContain('sigstore+https://charts.acme.example');
    expect((await stat(real)).mode & 0o777).toBe(0o640);
  });

  test.each([[[]], [['acme', '--all']], [['none']]])('refuses the words %j', async (words) => {
    await install();
    expect(await gate('enable', ...words)).toMatchObject({ status: 2, stdout: '' });
  });
});

describe('gate disable', () => {
  test('gives a repository its address back', async () => {
    await install();
    await gate('enable', 'acme');
    expect(await gate('disable', 'acme')).toMatchObject({ status: 0 });
    expect(await list()).toBe(LIST);
  });

  test('leaves the repository of a registry, which Helm itself does not know', async () => {
    const ran = await gate('disable', 'app');
    expect(ran).toMatchObject({ status: 2 });
    expect(ran.stderr).toContain('helm repo remove');
  });
});

describe('gate status', () => {
  test('says what stands, and what comes past it', async () => {
    await install();
    const { status, stdout } = await gate('status');
    expect(status).toBe(0);
    expect(stdout).toMatch(/ok +Policy +.*policy\.yaml \(1 rule, otherwise deny\)/);
    expect(stdout).toMatch(/warning +Repository +acme goes round the gate/);
    expect(stdout).toMatch(/ok +Repository +app is behind the gate/);
    expect(stdout).toMatch(/What Comes Past The Gate:\n- /);
  });

  test.each([
    ['of a plain repository', { urls: ['https://charts.acme.example/hello-0.1.0.tgz'] }],
    ['with a second URL', { urls: [GATED, 'hello-0.1.0.tgz'] }],
    ['of another repository', { urls: ['sigstore+https://charts.other.example/hello-0.1.0.tgz'] }],
    ['of a host that begins alike', { urls: ['sigstore+https://charts.acme.example.com/hello-0.1.0.tgz'] }],
    ['that says its repository has a query', { urls: [GATED.replace('#', '?query-of=.#')] }],
    ['with a digest', { urls: [GATED], digest: '0'.repeat(64) }],
    ['without a URL', { urls: [] }],
    ['that is YAML', 'entries: {}'],
  ])('fails where Helm has cached an index %s', async (_, version) => {
    await install();
    await gate('enable', 'acme');
    const index = (versions: unknown) => JSON.stringify({ entries: { hello: [versions] } });
    const cache = join(env['HELM_REPOSITORY_CACHE'] ?? '', 'acme-index.yaml');
    await writeFile(cache, index({ urls: [GATED] }));
    expect((await gate('status')).stdout).toMatch(/ok +Repository +acme is behind the gate/);
    await writeFile(cache, typeof version === 'string' ? version : index(version));
    const { status, stdout } = await gate('status');
    expect(status, stdout).toBe(10);
    expect(stdout).toMatch(/failed +Repository +acme is behind the gate .* leads past it/);
    expect(stdout).toContain('helm repo update acme');
  });

  test.each([
    ['the policy', () => policy],
    ['its folder', () => folder.directory],
  ])('warns where every user may change %s', async (_, path) => {
    await install();
    await chmod(path(), 0o777);
    expect((await gate('status')).stdout).toMatch(/warning +Policy +.*every user may change/);
  });

  test('says which policy the downloader of a release obeys: that in the configuration of Helm, and no variable', async () => {
    await mkdir(join(plugins, 'sigstore-getter'));
    const yaml =
      'name: x\ndownloaders: [{command: ../my-sigstore/bin/helm-sigstore getter --, protocols: [sigstore+https]}]\n';
    await writeFile(join(plugins, 'sigstore-getter', 'plugin.yaml'), yaml);
    env = { ...env, HELM_SIGSTORE_POLICY: policy, HELM_CONFIG_HOME: await folder.subdirectory('config') };
    const none = await gate('status');
    expect(none).toMatchObject({ status: 3 });
    expect(none.stdout).toMatch(/failed +Policy +there is none/);
    await folder.subdirectory('config/sigstore');
    await folder.write('config/sigstore/policy.yaml', POLICY);
    expect((await gate('status')).stdout).toMatch(/ok +Policy +.*config\/sigstore\/policy\.yaml/);
  });

  test('and gate install name a copy of this plugin that is asked first', async () => {
    await rival('my-sigstore', '/etc/weak.yaml');
    const ran = await gate('install', '--policy', policy);
    expect(ran.stderr).toMatch(/Warning: Helm asks the plugin aaa in .* in its place/);
    const { stdout } = await gate('status');
    expect(stdout).toMatch(/ok +Downloader +.*aaa/);
    expect(stdout).toMatch(/warning +Rival +sigstore-getter/);
  });

  test.each([
    ['hello', '', 'deny', true],
    ['hello', ', origin: any', 'deny', false],
    ['oci://reg.example/*', '', 'deny', false],
    ['hello', '', 'warn', false],
  ])('and gate install warn of %s%s, otherwise %s: %s', async (pattern, more, otherwise, isWarned) => {
    const written = `version: 1\notherwise: ${otherwise}\n${rules(pattern, more)}`;
    const path = await folder.write('files.yaml', written);
    const nothing =
      'no rule is about charts of repositories or registries, so nothing comes through the gate';
    const installed = await gate('install', '--policy', path);
    expect(installed).toMatchObject({ status: 0 });
    expect(installed.stderr.includes(`Warning: ${path}: ${nothing}`)).toBe(isWarned);
    const { status, stdout } = await gate('status');
    expect(status).toBe(0);
    expect(stdout.includes(`${path} (1 rule, otherwise ${otherwise}): ${nothing}`)).toBe(isWarned);
  });

  test('fails where nothing stands', async () => {
    expect(await gate('status')).toMatchObject({ status: 3 });
  });
});
