// An archive that every Helm can install, its .sha256, and its .prov where there is a key.
//
// Helm 3 looks for plugin.yaml at the root of an archive, Helm 4 for a local file in a directory with the name of the
// plugin. So the whole plugin is in sigstore/, and the files that Helm itself reads are at the root as well.
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { dump, load } from 'js-yaml';
import { pack } from 'tar-stream';
import { signPackage } from './sign-package.mjs';

/** @import { Signer } from './sign-package.mjs' */

/**
 * @typedef {{ name: string, content: string | Buffer, executable?: boolean }} File
 * @typedef {{ name: string, version: string, command: string, hooks?: unknown }} Metadata as in plugin.yaml
 * @typedef {{ signer?: Signer | undefined, version?: string | undefined }} Options `version`: another one than that of
 *   plugin.yaml
 */

const root = path.join(import.meta.dirname, '..');

/** Pages for those who work on the plugin; its users get all others. */
const forDevelopers = ['docs/development/performance.md'];

/**
 * Writes an archive, its digest, and its provenance if there is a signer.
 *
 * @param {string} directory
 * @param {{ metadata: { name: string, version: string }, target?: string, files: File[], signer: Signer | undefined }} archive
 *   `target`: the platform that it is for; all, where none is named
 * @returns {Promise<string>} its path
 */
export async function writeArchive(directory, { metadata, target, files, signer }) {
  // Nine would take twice the time for a hundredth of an executable.
  const bytes = await promisify(gzip)(await tar(files), { level: target === undefined ? 9 : 6 });
  const name = `${metadata.name}-${metadata.version}${target === undefined ? '' : `-${target}`}.tgz`;
  const archive = path.join(directory, name);
  await mkdir(directory, { recursive: true });
  await writeFile(archive, bytes);
  await writeDigest(archive, bytes);
  if (signer) await writeFile(`${archive}.prov`, await signPackage({ name, bytes, metadata }, signer));
  return archive;
}

/**
 * Writes the .sha256 of a file beside it.
 *
 * @param {string} file
 * @param {Uint8Array} bytes what is in it
 */
export async function writeDigest(file, bytes) {
  const digest = createHash('sha256').update(bytes).digest('hex');
  await writeFile(`${file}.sha256`, `${digest}  ${path.basename(file)}\n`);
}

/**
 * plugin.yaml without the hooks: they build a checkout, and this is built.
 *
 * @param {string} [version] another one than that of the file
 * @returns {Promise<Metadata>}
 */
export async function readMetadata(version) {
  const { hooks, ...metadata } = /** @type {Metadata} */ (load((await readSource('plugin.yaml')).toString()));
  return { ...metadata, ...(version && { version }) };
}

/**
 * The files of a whole plugin, at the root what Helm reads, and all of it in a directory.
 *
 * @param {Metadata} metadata with the command of the plugin in that directory
 * @param {File[]} plugin what it has beside what Helm reads
 * @param {File[]} atRoot further files beside the directory
 * @param {boolean} [isForWindows] without the script that completes: only a shell could run it
 * @returns {Promise<File[]>}
 */
export async function pluginFiles(metadata, plugin, atRoot, isForWindows = false) {
  const { name, command } = metadata;
  const inFolder = command.replace('$HELM_PLUGIN_DIR/', `$HELM_PLUGIN_DIR/${name}/`);
  /** @type {File[]} */
  const forHelm = isForWindows
    ? [{ name: 'completion.yaml', content: await readSource('completion-windows.yaml') }]
    : [
        { name: 'completion.yaml', content: await readSource('completion.yaml') },
        { name: 'plugin.complete', content: await readSource('plugin.complete'), executable: true },
      ];
  forHelm.push(...(await examples()));
  const inside = [{ name: 'plugin.yaml', content: dump(metadata) }, ...forHelm, ...plugin];
  return [
    // First: Helm 4 takes the first plugin.yaml of an archive for its own.
    { name: 'plugin.yaml', content: dump({ ...metadata, command: inFolder }) },
    ...forHelm,
    ...atRoot,
    ...inside.map((file) => ({ ...file, name: `${name}/${file.name}` })),
  ];
}

/**
 * Files of the checkout, under their names there.
 *
 * @param {string[]} names
 * @returns {Promise<File[]>}
 */
export async function sourceFiles(names) {
  return await Promise.all(names.map(async (name) => ({ name, content: await readSource(name) })));
}

/**
 * The names of the documents that go into an archive as they are in the checkout, so that no link between them breaks.
 */
export async function documents() {
  const pages = (await filesBelow('docs')).filter((page) => !forDevelopers.includes(page));
  const about = ['LICENSE', 'README.md', 'CHANGELOG.md', 'SECURITY.md'];
  return [...about, ...pages];
}

/**
 * A chart to try the plugin on, with all that proves it: in `examples/`, whatever Helm made the directory of the plugin of.
 *
 * @returns {Promise<File[]>}
 */
async function examples() {
  const files = await sourceFiles(await filesBelow('examples/logged'));
  return files.map((file) => ({ ...file, name: file.name.replace('/logged/', '/') }));
}

/** @param {string} directory of the checkout */
async function filesBelow(directory) {
  const entries = await readdir(path.join(root, directory), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)).replaceAll(path.sep, '/'))
    .sort();
}

/**
 * Every directory has an entry, once and before its files, or Helm 3 cannot unpack it.
 *
 * @param {File[]} files
 */
async function tar(files) {
  const archive = pack();
  const bytes = buffer(archive);
  const known = new Set(['.']);
  const attributes = { mtime: new Date(0), uid: 0, gid: 0 };
  for (const { name, content, executable = false } of files) {
    const parents = name.split('/').slice(0, -1);
    for (const [depth] of parents.entries()) {
      const parent = parents.slice(0, depth + 1).join('/');
      if (!known.has(parent))
        archive.entry({ ...attributes, name: `${parent}/`, type: 'directory', mode: 0o755 });
      known.add(parent);
    }
    archive.entry({ ...attributes, name, mode: executable ? 0o755 : 0o644 }, content);
  }
  archive.finalize();
  return await bytes;
}

/** @param {string} file of the checkout */
async function readSource(file) {
  return await readFile(path.join(root, file));
}
