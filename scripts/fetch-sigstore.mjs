// Puts a whole Sigstore into a cache outside the checkout, built by Go, and prints where it is: the certificate
// authority (Fulcio), a log of certificates (TesseraCT), a transparency log of the second version (rekor-tiles), which
// keep their trees in files, and a timestamp authority. With `--cosign` another client of them as well, which takes
// longer to build than all of them.
import { createHash } from 'node:crypto';
import { access, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheDirectory, cachedDirectory } from './binary-cache.mjs';
import { goBuild, goInstall, goSources } from './go-install.mjs';
import { endWithOneLine } from './one-line-errors.mjs';

/** The newest ones that Go 1.26 builds. */
const FULCIO = {
  name: 'fulcio',
  version: '1.8.8',
  source: 'github.com/sigstore/fulcio',
  // Its metrics are for the whole network, and no option says otherwise.
  changed: {
    module: 'github.com/sigstore/fulcio',
    file: 'cmd/app/serve.go',
    from: '":%v"',
    to: '"127.0.0.1:%v"',
  },
};
const REKOR = {
  name: 'rekor-tiles',
  version: '2.3.0',
  source: 'github.com/sigstore/rekor-tiles/v2/cmd/rekor-server/posix',
};
const TIMESTAMPS = {
  name: 'timestamp-server',
  version: '2.1.3',
  source: 'github.com/sigstore/timestamp-authority/v2/cmd/timestamp-server',
  // Its metrics are for the whole network, always on the same port, and without that port it ends.
  changed: {
    module: 'github.com/sigstore/timestamp-authority/v2',
    file: 'pkg/server/prometheus.go',
    from: '":2112"',
    to: '"127.0.0.1:0"',
  },
};
const CERTIFICATE_LOG = {
  name: 'tesseract',
  version: '0.1.1',
  source: 'github.com/transparency-dev/tesseract/cmd/tesseract/posix',
};
const COSIGN = { name: 'cosign', version: '3.1.3', source: 'github.com/sigstore/cosign/v3/cmd/cosign' };

/**
 * @typedef {object} SigstoreBinaries paths
 * @property {string} fulcio
 * @property {string} rekor
 * @property {string} timestamps
 * @property {string} certificateLog
 *
 * @typedef {object} Command
 * @property {string} name
 * @property {string} version
 * @property {string} source a package, which gives the binary its name
 * @property {Change} [changed]
 *
 * @typedef {{ module: string, file: string, from: string, to: string }} Change a text of one file that is another here
 */

/**
 * @returns {Promise<SigstoreBinaries>}
 * @throws an error with the code ENOENT where there is no Go
 */
export async function fetchSigstore() {
  return {
    certificateLog: await install(CERTIFICATE_LOG),
    timestamps: await install(TIMESTAMPS),
    rekor: await install(REKOR),
    fulcio: await install(FULCIO),
  };
}

/** @returns {Promise<string | undefined>} the path of a cosign that was built before; nothing is built */
export async function cachedCosign() {
  const file = path.join(cacheDirectory(directoryOf(COSIGN)), COSIGN.name);
  return access(file).then(
    () => file,
    () => undefined,
  );
}

/**
 * @param {Command} command
 * @returns {Promise<string>} the path of the binary. It has the command's name: two sources call theirs `posix`.
 */
async function install(command) {
  const { name, version, source, changed } = command;
  const directory = await cachedDirectory(directoryOf(command), name, async (scratch) => {
    console.error(`building ${name} ${version}, which takes some minutes`);
    if (changed !== undefined) {
      await buildChanged(scratch, command, changed);
      return;
    }
    await goInstall(scratch, [`${source}@v${version}`]);
    const built = path.posix.basename(source);
    if (built !== name) await rename(path.join(scratch, built), path.join(scratch, name));
  });
  return path.join(directory, name);
}

/**
 * Builds it of a copy of the module in which one text is another.
 *
 * @param {string} scratch
 * @param {Command} command
 * @param {Change} change
 * @throws when the file does not have the text exactly once: it is written otherwise than it was
 */
async function buildChanged(scratch, { name, version, source }, { module, file, from, to }) {
  const sources = path.join(scratch, 'sources');
  // Not as a whole: what Go keeps may not be written to, nor could its copy.
  const original = await goSources(`${module}@v${version}`);
  for (const entry of await readdir(original, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const directory = path.join(sources, path.relative(original, entry.parentPath));
    await mkdir(directory, { recursive: true });
    await writeFile(
      path.join(directory, entry.name),
      await readFile(path.join(entry.parentPath, entry.name)),
    );
  }
  const parts = (await readFile(path.join(sources, file), 'utf8')).split(from);
  if (parts.length !== 2) throw new Error(`${module} v${version}: expected ${file} to have ${from} once`);
  await writeFile(path.join(sources, file), parts.join(to));
  await goBuild(path.join(sources, path.posix.relative(module, source)), path.join(scratch, name));
  await rm(sources, { recursive: true });
}

/** @param {Command} command */
function directoryOf({ name, version, changed }) {
  if (changed === undefined) return `${name}-${version}`;
  return `${name}-${version}-${createHash('sha256').update(JSON.stringify(changed)).digest('hex').slice(0, 12)}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  endWithOneLine();
  for (const file of Object.values(await fetchSigstore())) console.log(file);
  if (process.argv.includes('--cosign')) console.log(await install(COSIGN));
}
