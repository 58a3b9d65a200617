import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { load } from 'js-yaml';
import { extract, type Header } from 'tar-stream';
import { beforeAll, expect, inject, onTestFinished, test } from 'vitest';
import packageLock from '../../package-lock.json' with { type: 'json' };
import { packagePlugin } from '../../scripts/package.mjs';

const { archive } = inject('release');
let bytes: Buffer;
let headers: Header[];
let contents: Map<string, string>;

beforeAll(async () => {
  bytes = await readFile(archive);
  headers = [];
  contents = new Map();
  for await (const entry of Readable.from([gunzipSync(bytes)]).pipe(extract())) {
    headers.push(entry.header);
    contents.set(entry.header.name, (await buffer(entry)).toString());
  }
});

test('the archive is the same, to the byte, when it is packed again', async () => {
  const directory = await mkdtemp(path.join(tmpdir(), 'package-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  const first = await packagePlugin(path.join(directory, 'first'));
  const second = await packagePlugin(path.join(directory, 'second'));
  expect((await readFile(second)).equals(await readFile(first))).toBe(true);
});

test('the archive is below 1.5 MB, and its digest is beside it', async () => {
  expect(bytes.length).toBeLessThan(1_500_000);
  const digest = createHash('sha256').update(bytes).digest('hex');
  expect(await readFile(`${archive}.sha256`, 'utf8')).toBe(`${digest}  ${path.basename(archive)}\n`);
});

test('the archive begins with plugin.yaml, and has every directory once, before its files', () => {
  expect(headers[0]?.name).toBe('plugin.yaml');
  const seen = new Set(['./']);
  for (const { name, type } of headers) {
    expect(['file', 'directory']).toContain(type);
    expect(seen).toContain(`${path.dirname(name)}/`);
    expect(seen).not.toContain(name);
    seen.add(name);
  }
});

test('the archive holds what runs and what explains it, and no sources', () => {
  const parts = headers.map(({ name }) => name.split('/').filter((part) => part !== ''));
  const root = new Set(parts.map(([first]) => first));
  expect([...root].sort()).toEqual([
    'bin',
    'completion.yaml',
    'examples',
    'plugin.complete',
    'plugin.yaml',
    'sigstore',
  ]);
  const inside = new Set(
    parts.filter(([first]) => first === 'sigstore').flatMap(([, second = []]) => second),
  );
  expect([...inside].sort()).toEqual(
    [
      ...['CHANGELOG.md', 'LICENSE', 'NOTICE', 'README.md', 'SECURITY.md', 'bin', 'completion.yaml', 'dist'],
      ...['docs', 'examples', 'licences', 'plugin.complete', 'plugin.yaml'],
    ].sort(),
  );
});

test('every link in a document of the archive leads to what the archive holds', () => {
  const documents = [...contents].filter(([name]) => name.endsWith('.md'));
  expect(documents.length).toBeGreaterThan(5);
  const broken = documents.flatMap(([name, text]) =>
    [...text.matchAll(/\]\(([^()#\s]+)[^()]*\)/g)]
      .map(([, target = '']) => target)
      .filter((target) => !target.includes('://'))
      .filter((target) => !contents.has(path.posix.join(path.posix.dirname(name), target)))
      .map((target) => `${name}: ${target}`),
  );
  expect(broken).toEqual([]);
});

test('both forms of plugin.yaml name a program that is there, and have no hooks', () => {
  for (const [file, prefix] of [
    ['plugin.yaml', ''],
    ['sigstore/plugin.yaml', 'sigstore/'],
  ] as const) {
    const { command, ...rest } = load(contents.get(file) ?? '') as { command: string };
    const program = command.replace('node $HELM_PLUGIN_DIR/', prefix);
    expect([...contents.keys()]).toContain(program);
    expect(rest).not.toHaveProperty('hooks');
  }
});

test('beside plugin.yaml is a program that starts the one in the folder, for downloaders', () => {
  expect(contents.get('bin/helm-sigstore')).toContain("require('../sigstore/bin/helm-sigstore')");
  expect(contents.has('sigstore/bin/helm-sigstore')).toBe(true);
});

test('NOTICE names every package that is bundled, and its licence', () => {
  const notice = contents.get('sigstore/NOTICE') ?? '';
  const packages = packageLock.packages as Record<string, { version?: string; license?: string }>;
  for (const name of ['commander', 'js-yaml', 'openpgp', 'tar-stream', 'tuf-js', 'undici', 'zod']) {
    const { version = '', license = '' } = packages[`node_modules/${name}`] ?? {};
    expect(notice).toContain(`  ${name} ${version} (${license})\n`);
  }
  expect(contents.get('sigstore/dist/openpgp.LICENSES')).toContain('GNU LESSER GENERAL PUBLIC LICENSE');
  expect(contents.get('sigstore/licences/GPL-3.0.txt')).toContain('GNU GENERAL PUBLIC LICENSE');
});
