import { createHash, createPublicKey } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { startLog, type RunningLog } from '../../scripts/embedded-log.mjs';
import { createPublisher, type Publisher } from '../../scripts/publisher.mjs';
import packageJson from '../../package.json' with { type: 'json' };
import { serveFiles } from './file-server.ts';
import { HelmSite, type Outcome } from './helm-site.ts';
import { commandLinesWith } from './processes.ts';

const helms = inject('helms');
const release = inject('release');

if (helms.length === 0) test.skip('the plugin in Helm (needs a Helm)', () => undefined);

describe.each(helms)('Helm $version', (helm) => {
  let site: HelmSite;
  let publisher: Publisher;
  let log: RunningLog;

  beforeAll(async () => {
    site = await HelmSite.create(helm);
    publisher = await createPublisher('Test Publisher <test@example.com>');
    const files = await serveFiles(path.dirname(release.archive));
    const url = `${files.url}/${path.basename(release.archive)}`;
    expect(await site.installFrom(url, release.keyring)).toMatchObject({ status: 0 });
    await files.close();
    const program = path.join(site.plugins, 'sigstore', 'sigstore', 'bin', 'helm-sigstore');
    log = await startLog(path.join(site.directory, 'log'), site.env, { program });
  });

  afterAll(async () => {
    await log.stop();
    await publisher.remove();
    expect(await commandLinesWith(publisher.home)).toEqual([]);
    expect(await commandLinesWith(site.directory)).toEqual([]);
    await site.remove();
  });

  /** `helm sigstore …` with the settings in variables. */
  const sigstore = (...argv: string[]) =>
    site.run(['sigstore', ...argv], {
      REKOR_SERVER: log.url,
      SIGSTORE_REKOR_PUBLIC_KEY: log.publicKey,
      KEYRING: publisher.keyring,
    });

  /** The same with the settings in flags. */
  const sigstoreWithFlags = (...argv: string[]) =>
    site.run([
      ...['sigstore', ...argv, '--rekor-server', log.url],
      ...['--rekor-public-key', log.publicKey, '--keyring', publisher.keyring],
    ]);

  test('the plugin is listed under its name and version', async () => {
    const { stdout } = await site.run(['plugin', 'list']);
    expect(stdout).toMatch(new RegExp(`^sigstore\\s+${packageJson.version}\\s`, 'm'));
  });

  test('version prints the version of the package', async () => {
    expect(await sigstore('version')).toMatchObject({
      status: 0,
      stdout: expect.stringContaining(packageJson.version) as string,
      stderr: '',
    });
  });

  test('the log that it serves has a page for people', async () => {
    const page = await fetch(`${log.url}/`);
    expect([page.status, page.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
    const text = await page.text();
    const files = [...text.matchAll(/ (?:src|href)="([a-z]+\.[a-z]+)"/g)].map(([, name]) => name ?? '');
    expect(new Set(files)).toEqual(new Set(['icon.svg', 'page.css', 'page.js']));
    for (const name of files) expect((await fetch(`${log.url}/${name}`)).status).toBe(200);
  });

  test.each(['--help', '-h', 'help'])('%s shows the commands', async (help) => {
    const { status, stdout } = await sigstore(help);
    expect(status).toBe(0);
    for (const command of ['upload', 'search', 'verify']) expect(stdout).toContain(command);
  });

  test.each(['upload', 'search', 'verify', 'inspect', 'log serve', 'log pin', 'version'])(
    '%s --help shows an example',
    async (command) => {
      const { status, stdout } = await sigstore(...command.split(' '), '--help');
      expect(status).toBe(0);
      expect(stdout).toContain(`$ helm sigstore ${command}`);
    },
  );

  describe.each([
    { settings: 'variables', run: sigstore },
    { settings: 'flags', run: sigstoreWithFlags },
  ])('with the settings in $settings', ({ settings, run }) => {
    let chart: string;
    let upload: Outcome;
    let index: string;
    let uuid: string;

    beforeAll(async () => {
      chart = await site.packageChart(`uploaded-with-${settings}`, publisher.signing);
      upload = await run('upload', chart);
      [, index = '', uuid = ''] = /at index ([0-9]+), .*\/([0-9a-f]+)\n/.exec(upload.stdout) ?? [];
    });

    const entryUrl = () => `${log.url}/api/v1/log/entries/${uuid}`;

    test('upload begins with the lines of the Go plugin', () => {
      expect(firstLines(upload, 2)).toEqual([
        '',
        `Created Helm entry at index ${index}, available at: ${entryUrl()}`,
      ]);
      expect(upload.status).toBe(0);
    });

    test('a second upload says that the entry exists, and is a success', async () => {
      const outcome = await run('upload', chart);
      expect(firstLines(outcome, 1)).toEqual([
        `Helm entry already exists at index ${index}, available at: ${entryUrl()}`,
      ]);
      expect(outcome.status).toBe(0);
    });

    test('search begins with the lines of the Go plugin', async () => {
      const outcome = await run('search', chart);
      expect(firstLines(outcome, 4)).toEqual([
        'The Following Records were Found',
        '',
        `Rekor Server: ${log.url}`,
        `Rekor UUID: ${uuid}`,
      ]);
      expect(outcome.status).toBe(0);
    });

    test('verify begins with the lines of the Go plugin', async () => {
      const outcome = await run('verify', chart);
      expect(firstLines(outcome, 5)).toEqual([
        'Chart Verified Successfully From Helm entry:',
        '',
        `Rekor Server: ${log.url}`,
        `Rekor Index: ${index}`,
        `Rekor UUID: ${uuid}`,
      ]);
      expect(outcome.status).toBe(0);
    });

    test('helm verify agrees on the signer', async () => {
      const { status, stdout } = await site.run(['verify', chart, '--keyring', publisher.keyring]);
      const fingerprint = /Fingerprint: ([0-9A-F]{40})\n/.exec(stdout)?.[1];
      expect({ status, fingerprint }).toEqual({ status: 0, fingerprint: expect.any(String) as string });
      expect((await run('verify', chart)).stdout).toContain(`Fingerprint: ${fingerprint ?? ''}\n`);
    });

    test('a tampered archive is rejected with status 10, and by helm verify as well', async () => {
      const copy = await tamperedCopy(chart, `tampered-${settings}`);
      const { status, stdout, stderr } = await run('verify', copy);
      expect(status).toBe(10);
      expect(stdout).not.toContain('Verified Successfully');
      expect(stderr).toMatch(/^Error: /);
      expect(await run('upload', copy)).toMatchObject({
        status: 10,
        stdout: expect.not.stringContaining('Created') as string,
      });
      expect(await site.run(['verify', copy, '--keyring', publisher.keyring])).toMatchObject({ status: 1 });
    });

    test('a chart that was never uploaded is not found: status 4', async () => {
      const unknown = await site.packageChart(`unknown-with-${settings}`, publisher.signing);
      expect(await run('verify', unknown)).toMatchObject({ status: 4 });
      expect(await run('search', unknown)).toMatchObject({
        status: 4,
        stdout: '',
        stderr: expect.stringMatching(/^Error: no entry for /) as string,
      });
    });

    test('a run with several charts ends with the status of the worst', async () => {
      const copy = await tamperedCopy(chart, `worst-${settings}`);
      expect(await run('verify', chart, copy)).toMatchObject({ status: 10 });
    });

    test('JSON is one document with the same status', async () => {
      const { status, stdout } = await run('verify', chart, '--output', 'json');
      expect(JSON.parse(stdout)).toMatchObject({ schema: 'helm-sigstore/2', status: 0 });
      expect(status).toBe(0);
    });

    test('flags that Helm takes for itself do no harm', async () => {
      const { status, stdout } = await run('verify', '--debug', chart, '--namespace', 'another');
      expect({ status, stdout }).toMatchObject({
        status: 0,
        stdout: expect.stringContaining(uuid) as string,
      });
    });
  });

  test('inspect judges a chart while no log can be reached', async () => {
    const chart = await site.packageChart('inspected', publisher.signing);
    const env = { KEYRING: publisher.keyring, REKOR_SERVER: 'http://127.0.0.1:9' };
    expect(await site.run(['sigstore', 'inspect', chart], env)).toMatchObject({ status: 0 });
    const copy = await tamperedCopy(chart, 'tampered-inspected');
    expect(await site.run(['sigstore', 'inspect', copy], env)).toMatchObject({ status: 10 });
  });

  test('a log without a trusted key is not believed, and gets nothing: status 5', async () => {
    const chart = await site.packageChart('kept-back', publisher.signing);
    const size = await treeSize();
    const env = { REKOR_SERVER: log.url, KEYRING: publisher.keyring };
    for (const command of ['upload', 'verify']) {
      expect(await site.run(['sigstore', command, chart], env)).toMatchObject({
        status: 5,
        stdout: expect.not.stringContaining('Created') as string,
        stderr: expect.stringMatching(/^Error: .*\nHint: /) as string,
      });
    }
    expect(await treeSize()).toBe(size);
  });

  test('a log that was pinned is believed', async () => {
    const chart = await site.packageChart('pinned', publisher.signing);
    const env = { KEYRING: publisher.keyring, HELM_CONFIG_HOME: path.join(site.directory, 'pins') };
    const pem = createPublicKey(await readFile(log.publicKey)).export({ type: 'spki', format: 'der' });
    const logId = createHash('sha256').update(pem).digest('hex');
    const pin = await site.run(['sigstore', 'log', 'pin', log.url, '--fingerprint', logId], env);
    expect(pin).toMatchObject({ status: 0 });
    for (const command of ['upload', 'verify']) {
      const argv = ['sigstore', command, chart, '--rekor-server', log.url];
      expect(await site.run(argv, env)).toMatchObject({ status: 0 });
    }
  });

  test('the exit statuses of usage and input errors come through Helm', async () => {
    // A missing command is answered with help: no error.
    expect(await sigstore()).toEqual(await sigstore('--help'));
    expect(await sigstore()).toMatchObject({ status: 0 });
    expect(await sigstore('verify')).toMatchObject({ status: 2, stdout: '' });
    expect(await sigstore('verify', '--no-such-flag', 'chart.tgz')).toMatchObject({ status: 2, stdout: '' });
    expect(await sigstore('verify', 'missing.tgz')).toMatchObject({ status: 3 });
  });

  test('an empty value, which Helm drops together with the word after it, is an error', async () => {
    expect(await sigstore('verify', '--keyring', '', 'chart.tgz')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('Helm drops an empty value') as string,
    });
  });

  test('a plugin that is uninstalled is gone', async () => {
    expect(await site.run(['plugin', 'uninstall', 'sigstore'])).toMatchObject({ status: 0 });
    expect((await sigstore('version')).stderr).toContain('unknown command "sigstore"');
  });

  /** A copy of chart and provenance in a directory of its own, in which one byte of the archive is another one. */
  async function tamperedCopy(chart: string, name: string): Promise<string> {
    const copy = path.join(site.directory, name, chart);
    await mkdir(path.dirname(copy));
    const archive = await readFile(path.join(site.directory, chart));
    archive.writeUInt8(archive.readUInt8(archive.length >> 1) ^ 1, archive.length >> 1);
    await writeFile(copy, archive);
    await writeFile(`${copy}.prov`, await readFile(path.join(site.directory, `${chart}.prov`)));
    return copy;
  }

  async function treeSize(): Promise<unknown> {
    const answer = await fetch(`${log.url}/api/v1/log`);
    return ((await answer.json()) as { treeSize: unknown }).treeSize;
  }
});

function firstLines({ stdout }: Outcome, count: number): string[] {
  return stdout.split('\n', count);
}
