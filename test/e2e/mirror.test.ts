import { createHash } from 'node:crypto';
import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { load } from 'js-yaml';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { startLog, type RunningLog } from '../../scripts/embedded-log.mjs';
import { createPublisher, type Publisher } from '../../scripts/publisher.mjs';
import { serveFiles, type FileServer } from './file-server.ts';
import { HelmSite } from './helm-site.ts';

const helms = inject('helms');
const release = inject('release');

if (helms.length === 0) test.skip('a mirror is a repository of Helm (needs a Helm)', () => undefined);

/** What only one of two indexes has, or has by the moment at which it was made. */
const OF_THE_MOMENT = new Set(['created', 'generated']);

describe.each(helms)('Helm $version takes a mirror for a repository', (helm) => {
  let site: HelmSite;
  let publisher: Publisher;
  let log: RunningLog;
  let server: FileServer;
  let mirror: string;
  const charts = ['hello-0.1.0.tgz', 'world-0.1.0.tgz', 'hello-0.2.0-rc.1+build.7.tgz'];

  beforeAll(async () => {
    site = await HelmSite.create(helm);
    publisher = await createPublisher('Test Publisher <test@example.com>');
    const files = await serveFiles(path.dirname(release.archive));
    const url = `${files.url}/${path.basename(release.archive)}`;
    expect(await site.installFrom(url, release.keyring)).toMatchObject({ status: 0 });
    await files.close();
    const program = path.join(site.plugins, 'sigstore', 'sigstore', 'bin', 'helm-sigstore');
    log = await startLog(path.join(site.directory, 'log'), site.env, { program });

    await site.packageChart('world', publisher.signing);
    expect(await site.run(['create', 'hello'])).toMatchObject({ status: 0 });
    await appendFile(
      path.join(site.directory, 'hello', 'Chart.yaml'),
      [
        'kubeVersion: ">=1.20.0-0"',
        'home: https://charts.example/hello',
        'keywords: [one, "2", yes]',
        'sources: ["https://charts.example/src"]',
        'maintainers:\n- name: Jo\n  email: jo@charts.example',
        'annotations:\n  category: "on"\n  charts.example/odd: "a: b # c"',
        'deprecated: true\n',
      ].join('\n'),
    );
    for (const version of [[], ['--version', '0.2.0-rc.1+build.7']])
      expect(await site.run(['package', 'hello', ...publisher.signing, ...version])).toMatchObject({
        status: 0,
      });
    expect(await sigstore('upload', ...charts)).toMatchObject({ status: 0 });

    mirror = path.join(site.directory, 'a mirror');
    const made = await sigstore('mirror', ...charts, '--to', mirror);
    expect(made, made.stderr).toMatchObject({ status: 0 });
    server = await serveFiles(mirror);
    const added = await site.run(['repo', 'add', 'mirrored', server.url]);
    expect(added, added.stderr).toMatchObject({ status: 0 });
  });

  afterAll(async () => {
    await server.close();
    await log.stop();
    await publisher.remove();
    await site.remove();
  });

  const sigstore = (...argv: string[]) =>
    site.run(['sigstore', ...argv], {
      REKOR_SERVER: log.url,
      SIGSTORE_REKOR_PUBLIC_KEY: log.publicKey,
      KEYRING: publisher.keyring,
    });

  /** A new directory of the site. */
  const folder = async (name: string) => {
    await mkdir(path.join(site.directory, name));
    return name;
  };

  test('helm pull --verify gets a chart with its provenance', async () => {
    const to = await folder('pulled');
    const argv = [
      'pull',
      'mirrored/hello',
      '--version',
      '0.1.0',
      '--verify',
      '--keyring',
      publisher.keyring,
      '-d',
      to,
    ];
    const { status, stderr } = await site.run(argv);
    expect({ status, stderr }).toMatchObject({ status: 0 });
    for (const suffix of ['', '.prov'])
      expect(await readFile(path.join(site.directory, to, `hello-0.1.0.tgz${suffix}`))).toEqual(
        await readFile(path.join(site.directory, `hello-0.1.0.tgz${suffix}`)),
      );
  });

  test('helm pull --verify takes the keys that the mirror has, if the user names them', async () => {
    const to = await folder('pulled by copies of keys');
    const [fingerprint = ''] = /[0-9A-F]{40}/.exec((await sigstore('inspect', charts[0] ?? '')).stdout) ?? [];
    const armored = await readFile(path.join(mirror, 'keys', `${fingerprint}.asc`), 'utf8');
    const keyring = path.join(site.directory, 'copy.gpg');
    const base64 = armored.split('\n').filter((line) => /^[A-Za-z0-9+/]/.test(line));
    await writeFile(keyring, Buffer.from(base64.join(''), 'base64'));
    const argv = ['pull', 'mirrored/world', '--verify', '--keyring', keyring, '-d', to];
    const { status, stderr } = await site.run(argv);
    expect({ status, stderr }).toMatchObject({ status: 0 });
  });

  test('a version with a plus sign can be pulled', async () => {
    const to = await folder('pulled plus');
    const version = '0.2.0-rc.1+build.7';
    const { status, stderr } = await site.run([
      'pull',
      'mirrored/hello',
      '--version',
      version,
      '--prov',
      '-d',
      to,
    ]);
    expect({ status, stderr }).toMatchObject({ status: 0 });
    const archive = await readFile(path.join(site.directory, to, `hello-${version}.tgz`));
    expect(archive).toEqual(await readFile(path.join(site.directory, `hello-${version}.tgz`)));
  });

  test('helm search repo finds the newest version of each', async () => {
    const { stdout } = await site.run(['search', 'repo', 'mirrored/', '--devel', '--output', 'json']);
    expect(
      (JSON.parse(stdout) as { name: string; version: string }[]).map(({ name, version }) => [name, version]),
    ).toEqual([
      ['mirrored/hello', '0.2.0-rc.1+build.7'],
      ['mirrored/world', '0.1.0'],
    ]);
  });

  test('the index says what helm repo index says of the same directory', async () => {
    const ours = load(await readFile(path.join(mirror, 'index.yaml'), 'utf8'));
    const copies = await folder('indexed');
    for (const name of charts)
      await writeFile(
        path.join(site.directory, copies, name),
        await readFile(path.join(site.directory, name)),
      );
    expect(await site.run(['repo', 'index', copies])).toMatchObject({ status: 0 });
    const theirs = load(await readFile(path.join(site.directory, copies, 'index.yaml'), 'utf8'));
    expect(withoutTimes(ours)).toEqual(withoutTimes(theirs));
  });

  test('a chart that was altered on the server is refused by Helm, and found by the manifest', async () => {
    const archive = path.join(mirror, 'world-0.1.0.tgz');
    const bytes = await readFile(archive);
    await writeFile(archive, Buffer.concat([bytes, Buffer.from('x')]));
    const to = await folder('not pulled');
    const argv = ['pull', 'mirrored/world', '--verify', '--keyring', publisher.keyring, '-d', to];
    expect((await site.run(argv)).status).not.toBe(0);
    const manifest = await readFile(path.join(mirror, 'manifest.json'), 'utf8');
    expect(manifest).not.toContain(
      createHash('sha256')
        .update(await readFile(archive))
        .digest('hex'),
    );
    await writeFile(archive, bytes);
  });
});

function withoutTimes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutTimes);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([name]) => !OF_THE_MOMENT.has(name));
  return Object.fromEntries(kept.map(([name, each]) => [name, withoutTimes(each)]));
}
