// Makes the files of the page for people, `src/log-page`, as `log serve` serves them: what is written for a browser, in
// one script and as small as it may be. The build puts them into the bundle.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { build } from 'esbuild';

const sources = path.join(import.meta.dirname, '..', 'src', 'log-page');

/**
 * The files of the page, by name.
 *
 * @returns {Promise<Record<string, string>>}
 */
export async function buildLogPage() {
  const { outputFiles } = await build({
    entryPoints: [path.join(sources, 'page.ts'), path.join(sources, 'page.css')],
    outdir: sources,
    write: false,
    bundle: true,
    minify: true,
    platform: 'browser',
    format: 'esm',
    target: ['es2022', 'chrome120', 'firefox120', 'safari17'],
    charset: 'utf8',
    legalComments: 'eof',
    logLevel: 'warning',
  });
  const built = outputFiles.map(({ path: file, text }) => [path.basename(file), text]);
  const plain = ['index.html', 'icon.svg'].map(async (name) => [
    name,
    await readFile(path.join(sources, name), 'utf8'),
  ]);
  return Object.fromEntries([...built, ...(await Promise.all(plain))]);
}
