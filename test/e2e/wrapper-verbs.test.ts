import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { startLog, type RunningLog } from '../../scripts/embedded-log.mjs';
import { createPublisher, type Publisher } from '../../scripts/publisher.mjs';
import { serveFiles, type FileServer } from './file-server.ts';
import { HelmSite, type Outcome } from './helm-site.ts';

const helms = inject('helms');
const release = inject('release');

if (helms.length === 0) test.skip('the verbs of Helm, wrapped (needs a Helm)', () => undefined);

const FILE = 'hello-0.1.0.tgz';

/** Command lines that need no cluster; URL stands for the server of charts. */
const LINES: readonly (readonly string[])[] = [
  ['template', FILE],
  ['template', 'a', FILE],
  ['template', 'a', `./${FILE}`, '-f', 'values.yaml'],
  ['template', '-f', 'values.yaml', 'a', FILE],
  ['template', '-fvalues.yaml', 'a', FILE],
  ['template', 'a', FILE, '-f=values.yaml'],
  ['template', '--values', 'values.yaml,more.yaml', 'a', FILE],
  ['template', 'a', 'mine/hello'],
  ['template', 'a', 'mine/hello', '--version', '0.1.0'],
  ['template', '--version=^0.1', 'a', 'mine/hello'],
  ['template', 'a', 'mine/hello', '--devel'],
  ['template', 'a', 'hello', '--repo', 'URL'],
  ['template', 'a', 'hello', '--repo=URL', '--version', '>=0.1.0, <1'],
  ['template', 'a', `URL/${FILE}`],
  ['template', 'a', FILE, '--set', 'replicaCount=7,fullnameOverride=a b'],
  ['template', 'a', FILE, '--set=replicaCount=2', '--set', 'replicaCount=5'],
  ['template', 'a', FILE, '--set-json', 'podLabels={"a":"b c"}', '--set-string=replicaCount=1'],
  ['template', 'a', FILE, '-nns'],
  ['template', 'a', FILE, '-n', 'ns', '--create-namespace'],
  ['template', '-gnns', FILE],
  ['template', '--name-template', 'x-{{ "y" }}', FILE],
  ['template', 'a', FILE, '-s', 'templates/service.yaml'],
  ['template', 'a', FILE, '--show-only=templates/nothing.yaml'],
  ['template', '-a', 'v1/X', 'a', FILE, '--kube-version', '1.30'],
  ['template', 'a', FILE, '--no-hooks', '--skip-tests=true', '--is-upgrade'],
  ['template', 'a', FILE, '--set', 'broken'],
  ['template', 'a', FILE, '-f', 'missing.yaml'],
  ['template', 'Not A Name', FILE],
  ['template', '--', 'a', FILE],
  ['template', '--help'],
  ['show', 'chart', FILE],
  ['show', 'values', 'mine/hello', '--jsonpath', '{.replicaCount}'],
  ['show', 'values', '--version', '0.1.0', 'mine/hello'],
  ['show', 'readme', `URL/${FILE}`],
  ['show', 'all', FILE],
  ['show', 'crds', 'hello', '--repo', 'URL'],
  ['show'],
  ['show', 'chart', '-h'],
  ['pull', '--help'],
  ['upgrade', '--help'],
];

/** What Helm 4 simulates without a cluster; Helm 3 says that there is none, and so it does here. */
const SIMULATED: readonly (readonly string[])[] = [
  ['install', 'a', FILE, '--dry-run=client'],
  ['install', '-g', 'mine/hello', '--dry-run=client', '-f', 'values.yaml'],
  ['install', FILE, '--generate-name', '--dry-run=client', '--description', 'a b'],
  ['install', '-g', 'hello', '--repo', 'URL', '--version', '0.1.0', '--dry-run=client', '-o', 'json'],
  ['upgrade', '-i', 'a', 'mine/hello', '--dry-run=client'],
];

/** Command lines at which Helm must not be called, whatever it would make of them. */
const STOPPED: readonly (readonly string[])[] = [
  ['template', 'a', FILE, '--unknown', 'x'],
  ['template', 'a', FILE, '--rekor-server', 'x'],
  ['template', 'a', 'dir'],
  ['template', 'a', 'mine/shadowed'],
  ['template', 'a', FILE, '--dependency-update'],
  ['template', 'a', FILE, '--kube-insecure-skip-tls-verify', '--debug'],
  ['template', 'a', FILE, '--set'],
  ['template', '--dry-run', 'client', 'a', FILE],
  ['template', 'a', FILE, 'b'],
  ['template', 'a', FILE, '--insecure-skip-tls-verify'],
  ['template', 'a', `URL/unsigned-0.1.0.tgz`],
  ['template', 'a', `URL/swapped/${FILE}`],
  ['install', 'a', 'no-such-0.1.0.tgz'],
  ['install', FILE],
  ['install', 'a', FILE, '--verif'],
  ['pull', `URL/${FILE}`, '--untar'],
  ['pull', FILE],
  ['show', FILE],
  ['show', 'values', FILE, FILE],
  ['upgrade', 'a'],
];

describe.each(helms)('Helm $version', (helm) => {
  let site: HelmSite;
  let publisher: Publisher;
  let log: RunningLog;
  let server: FileServer;
  let settings: Record<string, string>;

  beforeAll(async () => {
    site = await HelmSite.create(helm);
    publisher = await createPublisher('Test Publisher <test@example.com>');
    const files = await serveFiles(path.dirname(release.archive));
    const installed = await site.installFrom(
      `${files.url}/${path.basename(release.archive)}`,
      release.keyring,
    );
    expect(installed, installed.stderr).toMatchObject({ status: 0 });
    await files.close();
    const program = path.join(site.plugins, 'sigstore', 'sigstore', 'bin', 'helm-sigstore');
    log = await startLog(path.join(site.directory, 'log'), site.env, { program });
    const temporary = path.join(site.directory, 'temporary');
    settings = {
      REKOR_SERVER: log.url,
      SIGSTORE_REKOR_PUBLIC_KEY: log.publicKey,
      KEYRING: publisher.keyring,
      TMPDIR: temporary,
    };
    await publishCharts(temporary);
  });

  async function publishCharts(temporary: string): Promise<void> {
    const at = (...parts: string[]) => path.join(site.directory, ...parts);
    await site.packageChart('hello', publisher.signing);
    await mkdir(temporary);
    expect(await site.run(['sigstore', 'upload', FILE], settings)).toMatchObject({ status: 0 });
    await site.packageChart('unsigned', []);
    await mkdir(at('served', 'swapped'), { recursive: true });
    for (const end of ['', '.prov']) await copyFile(at(`${FILE}${end}`), at('served', `${FILE}${end}`));
    await copyFile(at('unsigned-0.1.0.tgz'), at('served', 'unsigned-0.1.0.tgz'));
    await copyFile(at('unsigned-0.1.0.tgz'), at('served', 'swapped', FILE));
    await copyFile(at(`${FILE}.prov`), at('served', 'swapped', `${FILE}.prov`));
    server = await serveFiles(at('served'));
    const index = { name: 'hello', version: '0.1.0', urls: [FILE] };
    const shadowed = { name: 'shadowed', version: '0.1.0', urls: ['unsigned-0.1.0.tgz'] };
    await writeFile(
      at('served', 'index.yaml'),
      JSON.stringify({ apiVersion: 'v1', entries: { hello: [index], shadowed: [shadowed] } }),
    );
    expect(await site.run(['repo', 'add', 'mine', server.url])).toMatchObject({ status: 0 });
    await mkdir(at('mine'));
    for (const args of [
      ['create', 'dir'],
      ['create', 'mine/shadowed'],
    ])
      await site.run(args);
    await writeFile(at('values.yaml'), 'replicaCount: 3\nnameOverride: "by a file"\n');
    await writeFile(at('more.yaml'), 'replicaCount: 4\n');
  }

  afterAll(async () => {
    await server.close();
    await log.stop();
    await publisher.remove();
    await site.remove();
  });

  const wordsOf = (line: readonly string[]) => line.map((word) => word.replace('URL', server.url));

  const wrapped = (words: readonly string[], ...before: string[]) =>
    site.run(['sigstore', ...before, ...words], settings);

  test.each(LINES.map((line) => [line.join(' '), line] as const))(
    '%s: stdout and status are those of Helm, and there is nothing more on stderr',
    async (_, line) => {
      const words = wordsOf(line);
      const [alone, through] = [await site.run(words), await wrapped(words)];
      expect(through.status, through.stderr).toBe(alone.status);
      // The Helm that calls a plugin tells it the namespace, which the help then shows.
      expect(through.stdout.replace('for this request (default "default")', 'for this request')).toBe(
        alone.stdout,
      );
      // Two empty answers are the same as well, and say nothing.
      const isEmpty = ['show readme', 'show crds'].includes(line.slice(0, 2).join(' '));
      expect(alone.stdout !== '', alone.stderr).toBe(alone.status === 0 && !isEmpty);
      for (const said of linesOf(through))
        if (alone.status === 0 || !FAILED_PLUGIN.test(said)) expect(linesOf(alone)).toContain(said);
    },
  );

  test.each(SIMULATED.map((line) => [line.join(' '), line] as const))(
    '%s: stdout, but for the time in it, and status are those of Helm',
    async (_, line) => {
      const words = wordsOf(line);
      const [alone, through] = [await site.run(words), await wrapped(words)];
      expect(through.status, through.stderr).toBe(alone.status);
      expect(withoutTimes(through.stdout)).toBe(withoutTimes(alone.stdout));
    },
  );

  test.each(STOPPED.map((line) => [line.join(' '), line] as const))(
    '%s: Helm is not called',
    async (_, line) => {
      const { status, stdout, stderr } = await wrapped(wordsOf(line));
      // 1 would be a defect, or the answer of a Helm that was called.
      expect([2, 3, 4, 10], stderr).toContain(status);
      expect(stdout).toBe('');
      expect(stderr).toMatch(/^Error: /m);
    },
  );

  test('pull puts the files where Helm puts them, the same bytes, and evidence that proves them offline', async () => {
    const [plain, ours] = ['plain', 'ours'].map((name) => path.join(site.directory, name)) as [
      string,
      string,
    ];
    await Promise.all([mkdir(plain), mkdir(ours)]);
    expect(await site.run(['pull', 'mine/hello', '--prov', '-d', plain])).toMatchObject({ status: 0 });
    const pulled = await wrapped(['pull', 'mine/hello', '-d', ours]);
    expect(pulled, pulled.stderr).toMatchObject({ status: 0, stdout: '', stderr: '' });
    expect((await readdir(ours)).sort()).toEqual([FILE, `${FILE}.prov`, `${FILE}.rekor.json`]);
    expect((await readdir(plain)).sort()).toEqual([FILE, `${FILE}.prov`]);
    for (const file of await readdir(plain))
      expect((await readFile(path.join(ours, file))).equals(await readFile(path.join(plain, file)))).toBe(
        true,
      );
    expect(await wrapped(['verify', path.join(ours, FILE), '--offline'])).toMatchObject({ status: 0 });
  });

  test('a policy decides: what it denies is not rendered, what it allows is', async () => {
    const policy = path.join(site.directory, 'policy.yaml');
    await copyFile(publisher.keyring, path.join(site.directory, 'publisher.gpg'));
    await copyFile(log.publicKey, path.join(site.directory, 'log.pem'));
    const head = `version: 1\nkeys: [publisher.gpg]\nlogs: [{ url: "${log.url}", publicKeys: [log.pem] }]\n`;
    await writeFile(policy, `${head}rules: [{ name: a, charts: ["${server.url}/*"], signedBy: any }]\n`);
    const accepted = await wrapped(['template', 'mine/hello'], '--policy', policy);
    expect(accepted, accepted.stderr).toMatchObject({ status: 0 });
    expect(accepted.stdout).toContain('kind: Deployment');
    // The same bytes, by a name that no rule is about.
    expect(await wrapped(['template', FILE], '--policy', policy)).toMatchObject({ status: 10, stdout: '' });
  });

  test('what Helm takes for itself reaches the Helm that is called', async () => {
    const words = ['template', 'a', FILE, '--namespace', 'other', '--kube-context', 'x', '--debug'];
    const through = await wrapped(words);
    expect(through.stdout).toBe((await site.run(words)).stdout);
  });

  test('nothing of what was copied is left', async () => {
    expect(await readdir(settings['TMPDIR'] ?? '')).toEqual([]);
  });
});

/** What the Helm that calls a plugin adds where that does not end with 0. */
const FAILED_PLUGIN = /^Error: plugin "sigstore" exited with /;

/** In names that are generated, and of the release. */
function withoutTimes(text: string): string {
  return text
    .replace(/-\d{10}\b/g, '-TIME')
    .replace(/^LAST DEPLOYED: .*$/m, 'LAST DEPLOYED')
    .replace(/"(?:first|last)_deployed":"[^"]*"/g, '"deployed"');
}

/** What was said on stderr, without what changes from call to call. */
function linesOf({ stderr }: Outcome): string[] {
  return stderr.split('\n').map((line) => line.replace(/\d+/g, 'N'));
}
