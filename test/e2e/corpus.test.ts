import { execFileSync } from 'node:child_process';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const root = path.join(import.meta.dirname, '..', '..');

test('without a corpus that is said aloud', () => {
  expect(judge()).toMatch(/^no corpus was judged: /);
});

test('of a corpus it is said how many charts are accepted, and why others are not', async () => {
  const corpus = await temporaryDirectory();
  await mkdir(path.join(corpus, 'keys'));
  const copy = (name: string, to: string) =>
    copyFile(path.join(root, 'examples', name), path.join(corpus, to));
  await copy('publisher.asc', 'keys/publisher.asc');
  await copy('hello-0.1.0.tgz', 'hello-0.1.0.tgz');
  await copy('hello-0.1.0.tgz.prov', 'hello-0.1.0.tgz.prov');
  await copy('hello-0.1.0.tgz', 'other-0.1.0.tgz');
  await copy('hello-0.1.0.tgz.prov', 'other-0.1.0.tgz.prov');
  await writeFile(path.join(corpus, 'junk-0.1.0.tgz.prov'), 'junk');

  const [count, ...reasons] = judge(corpus).trim().split('\n');
  expect(count).toBe('accepted: 1 of 3');
  expect(reasons).toEqual([
    expect.stringMatching(/^ +1 {2}the chart is no provenance file: .* \(such as junk-0\.1\.0\.tgz\.prov\)$/),
    expect.stringMatching(/^ +1 {2}archive-name: .* \(such as other-0\.1\.0\.tgz\)$/),
  ]);
});

function judge(corpus = ''): string {
  const env = { ...process.env, HELM_SIGSTORE_CORPUS: corpus };
  return execFileSync(process.execPath, ['scripts/corpus.mjs'], { cwd: root, env, encoding: 'utf8' });
}
