import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';

const scripts = join(import.meta.dirname, '../../scripts');
let root: string;

/** A checkout with what the script reads, and all of it of one version. */
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'release-'));
  write('package.json', '{\n  "name": "x",\n  "version": "1.2.3"\n}\n');
  write('package-lock.json', '{\n  "version": "1.2.3",\n  "packages": {}\n}\n');
  write('plugin.yaml', 'name: sigstore\nversion: 1.2.3\n');
  write('CHANGELOG.md', '# Changelog\n\n## 1.2.3 (unreleased)\n\n- something\n');
  write('README.md', 'helm plugin install RELEASES/sigstore-1.2.3-linux-amd64.tgz\n');
  write('docs/install.md', 'sigstore-1.2.3.tgz\n');
  write('docs/ci.md', '$RELEASES/sigstore-1.2.3.tgz\n');
  mkdirSync(join(root, 'scripts'));
  for (const name of ['release.mjs', 'one-line-errors.mjs'])
    copyFileSync(join(scripts, name), join(root, 'scripts', name));
});

afterEach(() => {
  rmSync(root, { recursive: true });
});

function write(name: string, text: string): void {
  mkdirSync(dirname(join(root, name)), { recursive: true });
  writeFileSync(join(root, name), text);
}

const read = (name: string) => readFileSync(join(root, name), 'utf8');

function release(...argv: string[]) {
  const script = join(root, 'scripts', 'release.mjs');
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...argv], { encoding: 'utf8' });
  return { status, stdout, stderr };
}

it('all that names the version agrees', () => {
  expect(release('--check')).toEqual({ status: 0, stdout: '', stderr: '' });
});

it.each([
  ['plugin.yaml', 'version: 1.2.4\n'],
  ['CHANGELOG.md', '## 1.2.4 (unreleased)\n'],
  ['README.md', 'sigstore-1.2.4-linux-amd64.tgz\n'],
  ['docs/install.md', 'sigstore-1.2.3.tgz sigstore-1.2.4.tgz\n'],
  ['docs/ci.md', 'sigstore-1.2.4.tgz\n'],
])('another version in %s is named', (file, text) => {
  write(file, text);
  const stderr = `${file}: expected the version 1.2.3 of package.json, found 1.2.4\n`;
  expect(release('--check')).toEqual({ status: 1, stdout: '', stderr });
  expect(release()).toMatchObject({ status: 1, stderr });
});

it('a release is dated, once, and no document may say then that there is none', () => {
  write('README.md', 'Version 1.2.3 is not released yet: sigstore-1.2.3.tgz\n');
  expect(release()).toMatchObject({
    status: 1,
    stderr: 'Error: README.md says that 1.2.3 is not released yet: say where it is, and which key signs it\n',
  });
  expect(read('CHANGELOG.md')).toContain('## 1.2.3 (unreleased)');
  write('README.md', 'https://example.com/sigstore-1.2.3.tgz\n');
  expect(release()).toMatchObject({ status: 0, stdout: expect.stringContaining('git tag v1.2.3') as string });
  expect(read('CHANGELOG.md')).toMatch(/^## 1\.2\.3 \([0-9]{4}-[0-9]{2}-[0-9]{2}\)$/m);
  expect(release()).toMatchObject({
    status: 1,
    stderr: 'Error: CHANGELOG.md says that 1.2.3 was released\n',
  });
});

it('another version is begun in every file', () => {
  expect(release('2.0.0-rc.1')).toMatchObject({ status: 0, stderr: '' });
  expect(release('--check')).toMatchObject({ status: 0 });
  expect(read('README.md')).toBe('helm plugin install RELEASES/sigstore-2.0.0-rc.1-linux-amd64.tgz\n');
  expect(read('CHANGELOG.md')).toContain('## 2.0.0-rc.1 (unreleased)\n\n## 1.2.3 (unreleased)\n');
  expect(release('3.0.0')).toMatchObject({ status: 0 });
  expect(read('docs/ci.md')).toBe('$RELEASES/sigstore-3.0.0.tgz\n');
  expect(release('--check')).toMatchObject({ status: 0 });
});
