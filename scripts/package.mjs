// Packs the plugin: build/sigstore-VERSION.tgz, one archive that every Helm can install, and its .sha256; with --key and
// --keyring (secret keys; --passphrase-file where needed) also its .prov, which Helm 4 verifies. `npm run package`. Beside it
// the downloader, build/sigstore-getter-VERSION.tgz, in the same way.
//
// Helm 3 looks for plugin.yaml at the root of an archive, Helm 4 for a local file in a directory with the name of the
// plugin. So the whole plugin is in sigstore/, and the files that Helm itself reads are at the root as well.
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { dump, load } from 'js-yaml';
import { pack } from 'tar-stream';
import { buildDist } from './build.mjs';
import { secretKey, signPackage } from './sign-package.mjs';
import { endWithOneLine } from './one-line-errors.mjs';

/**
 * @typedef {{ name: string, content: string | Buffer, executable?: boolean }} File
 * @typedef {{ name: string, version: string, command: string, hooks?: unknown }} Metadata as in plugin.yaml
 */

const root = path.join(import.meta.dirname, '..');

/** Pages for those who work on the plugin; its users get all others. */
const forDevelopers = ['docs/performance.md'];
const licences = ['licences/GPL-3.0.txt'];

/**
 * Packs the plugin into a directory, and signs the archive if there is a signer. The same sources and the same
 * version of Node give the same bytes.
 *
 * @param {string} directory
 * @param {{ signer?: import('./sign-package.mjs').Signer | undefined, version?: string }} [options] `version`: another one
 *   than that of plugin.yaml
 * @returns {Promise<string>} the path of the archive
 */
export async function packagePlugin(directory, { signer, version } = {}) {
  const metadata = { ...(await readMetadata()), ...(version && { version }) };
  return await write(directory, metadata, await contents(metadata), signer);
}

/**
 * Packs the downloader for Helm, one file, for those who install from releases: it obeys the policy of the user.
 *
 * @param {string} directory
 * @param {{ signer?: import('./sign-package.mjs').Signer | undefined, version?: string }} [options] as for the plugin
 * @returns {Promise<string>} the path of the archive
 */
export async function packageDownloader(directory, { signer, version: other } = {}) {
  const { name: plugin, version } = { ...(await readMetadata()), ...(other && { version: other }) };
  const metadata = {
    name: `${plugin}-getter`,
    version,
    usage: 'brings charts that the policy of helm sigstore accepts',
    description:
      'brings Helm the charts of repositories that were added as sigstore+https:// or sigstore+oci://',
    downloaders: [
      {
        // Behind `--` no word that Helm hands over is an option.
        command: `../${plugin}/bin/helm-sigstore getter --`,
        protocols: ['sigstore+https', 'sigstore+http', 'sigstore+oci'],
      },
    ],
  };
  const content = dump(metadata);
  const files = ['plugin.yaml', `${metadata.name}/plugin.yaml`].map((name) => ({ name, content }));
  return await write(directory, metadata, files, signer);
}

/**
 * @param {string} directory
 * @param {{ name: string, version: string }} metadata
 * @param {File[]} files
 * @param {import('./sign-package.mjs').Signer | undefined} signer
 */
async function write(directory, metadata, files, signer) {
  const bytes = gzipSync(await tar(files), { level: 9 });
  const name = `${metadata.name}-${metadata.version}.tgz`;
  const archive = path.join(directory, name);
  await mkdir(directory, { recursive: true });
  await writeFile(archive, bytes);
  await writeFile(`${archive}.sha256`, `${createHash('sha256').update(bytes).digest('hex')}  ${name}\n`);
  if (signer) await writeFile(`${archive}.prov`, await signPackage({ name, bytes, metadata }, signer));
  return archive;
}

/**
 * plugin.yaml without the hooks: they build a checkout, and this is built.
 *
 * @returns {Promise<Metadata>}
 */
async function readMetadata() {
  const { hooks, ...metadata } = /** @type {Metadata} */ (load((await read('plugin.yaml')).toString()));
  return metadata;
}

/**
 * @param {Metadata} metadata
 * @returns {Promise<File[]>}
 */
async function contents(metadata) {
  const bundles = await buildDist();
  const { name, command } = metadata;
  const inFolder = command.replace('$HELM_PLUGIN_DIR/', `$HELM_PLUGIN_DIR/${name}/`);
  const forHelm = [
    { name: 'completion.yaml', content: await read('completion.yaml') },
    { name: 'plugin.complete', content: await read('plugin.complete'), executable: true },
  ];
  const plugin = [
    { name: 'plugin.yaml', content: dump(metadata) },
    ...forHelm,
    { name: 'bin/helm-sigstore', content: await read('bin/helm-sigstore'), executable: true },
    { name: 'bin/bundles.cjs', content: await read('bin/bundles.cjs') },
    { name: 'bin/package.json', content: await read('bin/package.json') },
    { name: 'NOTICE', content: notice(bundles) },
  ];
  const built = bundles.flatMap(({ file, packages }) => [
    `dist/${file}`,
    ...(packages.length > 0 ? [`dist/${file.replace(/\.cjs$/, '.LICENSES')}`] : []),
  ]);
  for (const file of [...built, ...(await documents()), ...licences])
    plugin.push({ name: file, content: await read(file) });
  // Helm joins the command of a downloader to a directory of plugins, in which this is found wherever the archive lies.
  const launcher = `#!/usr/bin/env node\nrequire('../${name}/bin/helm-sigstore');\n`;
  return [
    // First: Helm 4 takes the first plugin.yaml of an archive for its own.
    { name: 'plugin.yaml', content: dump({ ...metadata, command: inFolder }) },
    ...forHelm,
    { name: 'bin/helm-sigstore', content: launcher, executable: true },
    { name: 'bin/package.json', content: await read('bin/package.json') },
    ...plugin.map((file) => ({ ...file, name: `${name}/${file.name}` })),
  ];
}

/** What goes into the archive as it is in the checkout, so that no link between documents breaks. */
async function documents() {
  const pages = (await readdir(path.join(root, 'docs'))).map((name) => `docs/${name}`).sort();
  const about = ['LICENSE', 'README.md', 'CHANGELOG.md', 'SECURITY.md'];
  return [...about, ...pages.filter((page) => !forDevelopers.includes(page))];
}

/** @param {Awaited<ReturnType<typeof buildDist>>} bundles */
function notice(bundles) {
  const others = bundles.filter(({ packages }) => packages.length > 0);
  const sections = others.map(({ file, packages }) => {
    const lines = packages.map(({ name, version, licence }) => `  ${name} ${version} (${licence})`);
    return `dist/${file}, licence texts in dist/${file.replace(/\.cjs$/, '.LICENSES')}:\n${lines.join('\n')}\n`;
  });
  return `helm-sigstore, under the Apache License 2.0 (LICENSE), contains these packages:

${sections.join('\n')}
dist/openpgp.cjs and dist/openpgp-rarely.cjs are what the plugin needs of OpenPGP.js, under the GNU Lesser General Public
License, version 3 or later. One thing is changed: two tables that serve decryption are computed when they are first used.
The files hold nothing else, and another build of the library can take the place of openpgp.cjs if it exports config,
PublicKeyPacket and SignaturePacket. That licence adds to the GNU General Public License, whose text is in licences/GPL-3.0.txt. Source code: https://github.com/openpgpjs/openpgpjs
`;
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

/** @param {string} file */
async function read(file) {
  return await readFile(path.join(root, file));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  endWithOneLine();
  const { values } = parseArgs({
    options: {
      key: { type: 'string' },
      keyring: { type: 'string' },
      'passphrase-file': { type: 'string' },
      directory: { type: 'string', default: path.join(root, 'build') },
    },
  });
  const { key, keyring, 'passphrase-file': passphraseFile, directory } = values;
  if ((key === undefined) !== (keyring === undefined)) throw new Error('--key and --keyring go together');
  const signer = key === undefined || keyring === undefined ? undefined : { key, keyring, passphraseFile };
  // Before the build, which takes seconds.
  if (signer) await secretKey(signer);
  console.log(await packagePlugin(directory, { signer }));
  console.log(await packageDownloader(directory, { signer }));
}
