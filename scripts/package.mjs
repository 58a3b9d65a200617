// Packs the plugin: build/sigstore-VERSION.tgz, one archive that every Helm can install, and its .sha256; with --key and
// --keyring (secret keys; --passphrase-file where needed) also its .prov, which Helm 4 verifies. `npm run package`. Beside it
// the downloader, build/sigstore-getter-VERSION.tgz, in the same way.
//
// `npm run package -- --standalone [linux-amd64 …]` packs the plugin that needs no Node, for these platforms or all:
// build/sigstore-VERSION-OS-ARCH.tgz, and the executable of each alone.
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { dump } from 'js-yaml';
import { buildDist } from './build.mjs';
import { noticeOf } from './notice.mjs';
import { packageStandalone } from './package-standalone.mjs';
import { documents, pluginFiles, readMetadata, sourceFiles, writeArchive } from './plugin-archive.mjs';
import { secretKey } from './sign-package.mjs';
import { targetsOf } from './standalone.mjs';
import { endWithOneLine } from './one-line-errors.mjs';

/** @import { Options } from './plugin-archive.mjs' */

const root = path.join(import.meta.dirname, '..');

/**
 * Packs the plugin into a directory, and signs the archive if there is a signer. The same sources and the same
 * version of Node give the same bytes.
 *
 * @param {string} directory
 * @param {Options} [options]
 * @returns {Promise<string>} the path of the archive
 */
export async function packagePlugin(directory, { signer, version } = {}) {
  const metadata = await readMetadata(version);
  const bundles = await buildDist();
  const built = bundles.flatMap(({ file, packages }) => [
    `dist/${file}`,
    ...(packages.length > 0 ? [`dist/${file.replace(/\.cjs$/, '.LICENSES')}`] : []),
  ]);
  const [launcher, ...others] = await sourceFiles([
    'bin/helm-sigstore',
    'bin/bundles.cjs',
    'bin/package.json',
  ]);
  const plugin = [
    ...(launcher ? [{ ...launcher, executable: true }] : []),
    ...others,
    { name: 'NOTICE', content: noticeOf(bundles) },
    ...(await sourceFiles([...built, ...(await documents()), 'licences/GPL-3.0.txt'])),
  ];
  // Helm joins the command of a downloader to a directory of plugins, in which this is found wherever the archive lies.
  const starter = `#!/usr/bin/env node\nrequire('../${metadata.name}/bin/helm-sigstore');\n`;
  const atRoot = [
    { name: 'bin/helm-sigstore', content: starter, executable: true },
    ...(await sourceFiles(['bin/package.json'])),
  ];
  const files = await pluginFiles(metadata, plugin, atRoot);
  return await writeArchive(directory, { metadata, files, signer });
}

/**
 * Packs the downloader for Helm, one file, for those who install from releases: it obeys the policy of the user.
 *
 * @param {string} directory
 * @param {Options} [options]
 * @returns {Promise<string>} the path of the archive
 */
export async function packageDownloader(directory, { signer, version: other } = {}) {
  const { name: plugin, version } = await readMetadata(other);
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
  return await writeArchive(directory, { metadata, files, signer });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  endWithOneLine();
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      standalone: { type: 'boolean', default: false },
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
  if (values.standalone) {
    const targets = targetsOf(positionals);
    const bundles = await buildDist();
    await packageStandalone(targets, { directory, bundles, signer }, (file) => console.log(file));
  } else if (positionals.length > 0) throw new Error('only --standalone takes platforms');
  else {
    console.log(await packagePlugin(directory, { signer }));
    console.log(await packageDownloader(directory, { signer }));
  }
}
