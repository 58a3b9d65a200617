// Packs the plugin that needs no Node: the executable of one platform, in the layout of the other archive.
import { readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { BUN_VERSION } from './bun.mjs';
import { standaloneNoticeOf } from './notice.mjs';
import {
  documents,
  pluginFiles,
  readMetadata,
  sourceFiles,
  writeArchive,
  writeDigest,
} from './plugin-archive.mjs';
import { compileStandalone, executableName, withCompiler } from './standalone.mjs';

/** @import { Bundle } from './notice.mjs' */
/** @import { Options } from './plugin-archive.mjs' */
/** @import { Target } from './standalone.mjs' */

/** How many platforms are packed at once, at most: each takes half a gigabyte of memory. */
const AT_ONCE = Math.min(availableParallelism(), 4);

/**
 * Makes the executables of platforms, and packs each as a plugin, some at the same time.
 *
 * @param {readonly Target[]} targets
 * @param {Parameters<typeof packExecutable>[2]} options
 * @param {(file: string) => void} made is told the path of each file
 */
export async function packageStandalone(targets, options, made) {
  const waiting = [...targets];
  await withCompiler(async (compiler) => {
    const worker = async () => {
      for (let target = waiting.shift(); target !== undefined; target = waiting.shift()) {
        const executable = await compiled(target, options.directory, compiler);
        made(executable);
        made(await packExecutable(executable, target, options));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  });
}

/**
 * Makes the executable of a platform, and its .sha256, of dist/, which has to be built.
 *
 * @param {Target} target
 * @param {string} directory
 * @returns {Promise<string>} its path
 */
export async function makeExecutable(target, directory) {
  return await withCompiler((compiler) => compiled(target, directory, compiler));
}

/**
 * @param {Target} target
 * @param {string} directory
 * @param {string} compiler
 */
async function compiled(target, directory, compiler) {
  const extension = path.extname(executableName(target));
  const file = path.join(directory, `helm-sigstore-${target}${extension}`);
  await compileStandalone(target, file, compiler);
  await writeDigest(file, await readFile(file));
  return file;
}

/**
 * Packs an executable as a plugin.
 *
 * @param {string} executable
 * @param {Target} target
 * @param {Options & { directory: string, bundles: Bundle[] }} options `bundles`: what is in it
 * @returns {Promise<string>} the path of the archive
 */
export async function packExecutable(executable, target, { directory, bundles, signer, version }) {
  const name = executableName(target);
  const metadata = { ...(await readMetadata(version)), command: `$HELM_PLUGIN_DIR/bin/${name}` };
  const own = ['licences/GPL-3.0.txt', 'licences/LGPL-2.0.txt', 'licences/LGPL-2.1.txt', 'licences/Bun.md'];
  const plugin = [
    { name: `bin/${name}`, content: await readFile(executable), executable: true },
    { name: 'NOTICE', content: standaloneNoticeOf(bundles, BUN_VERSION) },
    ...(await sourceFiles([...(await documents()), ...own])),
    ...(await licenceTexts(bundles)),
  ];
  // Helm joins the command of a downloader to a directory of plugins, in which this is found wherever the archive lies. What
  // Windows could start there is an executable only: `gate install` finds the one that there is.
  const starter = `#!/bin/sh\nexec "\${0%/*}/../${metadata.name}/bin/${name}" "$@"\n`;
  const isForWindows = target.startsWith('windows-');
  const atRoot = isForWindows ? [] : [{ name: 'bin/helm-sigstore', content: starter, executable: true }];
  const files = await pluginFiles(metadata, plugin, atRoot, isForWindows);
  return await writeArchive(directory, { metadata, target, files, signer });
}

/** @param {Bundle[]} bundles */
async function licenceTexts(bundles) {
  const names = bundles.filter(({ packages }) => packages.length > 0).map(({ file }) => file);
  const texts = await sourceFiles(names.map((file) => `dist/${file.replace(/\.cjs$/, '.LICENSES')}`));
  return texts.map(({ name, content }) => ({
    name: `licences/${path.basename(name, '.LICENSES')}.txt`,
    content,
  }));
}
