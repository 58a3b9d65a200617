// Makes dist/: the plugin in a few CommonJS bundles, and beside them the packages that have reasons to be files of
// their own. What is in another file is not even read before it is needed.
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { cutIntoBundles } from './bundles.mjs';
import { compileBundles } from './compile.mjs';
import { processesLater, tablesLater } from './late-evaluation.mjs';
import { buildLogPage } from './log-page.mjs';
import { endWithOneLine } from './one-line-errors.mjs';

const root = path.join(import.meta.dirname, '..');
const dist = path.join(root, 'dist');

/** What `verify` needs that asks no log. */
const offline = [
  'src/run/default-log.ts',
  'src/run/policy-place.ts',
  'src/commands/verify.ts',
  'src/proving/answer-offline.ts',
];

/** @type {import('./bundles.mjs').Cut[]} */
const cuts = [
  {
    bundles: {
      // All that `version` and help need.
      'helm-sigstore': 'src/main.ts',
      // What is needed without a network as well: reads files, finds out which log is meant; judges what a log says.
      reading: ['src/run/early-connection.ts', offline],
      connection: 'src/run/early-connection.ts',
      judging: ['src/commands/search.ts', offline],
      search: 'src/commands/search.ts',
      verify: 'src/commands/verify.ts',
      // What judges evidence that was kept.
      kept: 'src/proving/answer-offline.ts',
      // What looks into archives, with the reader of YAML.
      packed: [['src/chart/packed-chart.ts', 'src/chart/archive/chart-yaml.ts']],
      // What reads the index of a repository.
      index: 'src/chart/local/index-file.ts',
      // Needed by `evidence` and `upload`.
      evidence: 'src/commands/evidence.ts',
      // What talks to registries.
      registry: 'src/run/registries.ts',
      // What fetches charts from where they are.
      references: 'src/proving/referenced-charts.ts',
      // By `attach` only.
      attach: 'src/commands/attach.ts',
      // Needed by `log serve` only.
      serve: 'src/embedded-log/service/service.ts',
      // What copies a log, and makes one of a copy.
      backup: [
        [
          'src/commands/log-backup.ts',
          'src/commands/log-restore.ts',
          'src/commands/log-resume.ts',
          'src/commands/log-replay.ts',
        ],
      ],
      // Patterns of identities and keys of signers: needed by policies and by those who judge bundles.
      signers: [
        [
          'src/policy/identity-pattern.ts',
          'src/run/signer-key.ts',
          'src/verification/identity-checks.ts',
          'src/evidence/library-verdict.ts',
        ],
      ],
      // By runs that obey a policy.
      policy: 'src/run/read-policy.ts',
      // By commands about policies.
      'policy-explain': 'src/commands/policy-explain.ts',
      'policy-lint': 'src/commands/policy-lint.ts',
      // What looks into the charts in a packed chart; then what is in the `charts/` of an unpacked one.
      contents: 'src/chart/archive/chart-contents.ts',
      dependencies: 'src/chart/dependencies/unpacked-dependencies.ts',
      // What Helm calls as its downloader; then what puts repositories behind it.
      gate: 'src/commands/getter.ts',
      'gate-commands': [
        [
          'src/commands/gate-install.ts',
          'src/commands/gate-enable.ts',
          'src/commands/gate-disable.ts',
          'src/commands/gate-status.ts',
        ],
      ],
      // By `keys add` and `keys remove`.
      'keys-add': 'src/commands/keys-add.ts',
      doctor: 'src/commands/doctor.ts',
      // By `sign` only.
      sign: 'src/commands/sign.ts',
      // By the verbs of Helm.
      'wrapper-verbs': 'src/commands/wrapper-verbs.ts',
      // What judges Sigstore bundles, but for the library.
      bundles: [
        [
          'src/evidence/sigstore-library.ts',
          'src/evidence/signing-certificate.ts',
          'src/evidence/image-claim.ts',
          'src/commands/bundle-verify.ts',
        ],
      ],
      // What holds them against charts.
      'chart-bundles': [
        [
          'src/proving/with-bundles.ts',
          'src/proving/asked-bundles.ts',
          'src/chart/fetch/cosign-signatures.ts',
        ],
      ],
      // What judges bundles by themselves, for `evidence --check`.
      'check-bundle': [['src/proving/check-bundle.ts', 'src/render/checked-bundles.ts']],
      // By `upload` and `sign --upload`.
      upload: 'src/proving/answer-uploaded.ts',
      // What holds bundles of provenances against charts.
      'provenance-bundles': [['src/proving/prove-by-bundle.ts', 'src/proving/attached-bundle.ts']],
      // What asks the servers of a Sigstore: the config that names them, a log of version 2 and its tiles, timestamps.
      services: [
        [
          'src/services/choose-services.ts',
          'src/services/signing-config.ts',
          'src/services/rekor-v2.ts',
          'src/services/request-timestamp.ts',
          'src/services/bundle-json.ts',
        ],
      ],
      // What asks the logs of bundles, where consistency is required of them.
      'bundle-logs': 'src/proving/logs-of-bundles.ts',
      // By `upload --rekor-version 2` only.
      'upload-v2': 'src/proving/answer-uploaded-v2.ts',
      // By `sign --identity` only.
      'sign-identity': 'src/signing/answer-identity.ts',
      // By `mirror` only.
      mirror: 'src/commands/mirror.ts',
      // By `verify --mirror` only.
      'verify-mirror': 'src/proving/answer-for-mirror.ts',
      // By `monitor` only.
      monitor: 'src/commands/monitor.ts',
    },
    rest: 'commands',
    apart: {
      './library-parts.ts': 'openpgp',
      './tuf-client.ts': 'tuf',
      './sigstore-parts.ts': 'sigstore',
      'js-yaml': 'js-yaml',
      'tar-stream': 'tar-stream',
      './undici.ts': 'undici',
    },
  },
  // Under the LGPL, so it has to stay replaceable.
  { bundles: { openpgp: 'src/openpgp/library-parts.ts' }, rest: 'openpgp-rarely' },
  // With tuf-js, for the rare refresh of Sigstore's trusted root. It imports nothing of ours that others need as well.
  { bundles: { tuf: 'src/trust/tuf-client.ts' } },
  // Sigstore's own library, for those who have a bundle.
  { bundles: { sigstore: 'src/evidence/sigstore-parts.ts' } },
  // Its form for ES modules makes garbage in V8 that outlives a call: forty megabytes over a large index.
  { bundles: { 'js-yaml': 'node_modules/js-yaml/dist/js-yaml.cjs.js' } },
  { bundles: { 'tar-stream': 'node_modules/tar-stream/index.js' } },
  // Large, and needed behind a proxy only.
  { bundles: { undici: 'src/http/undici.ts' } },
];

/** The names of all bundles. */
export const BUNDLES = cuts.flatMap(({ bundles, rest }) => [
  ...Object.keys(bundles),
  ...(rest === undefined ? [] : [rest]),
]);

/**
 * @typedef {object} Package
 * @property {string} name
 * @property {string} version
 * @property {string} licence the SPDX expression that it gives itself
 * @property {string} text of the licence
 */

/**
 * Builds dist/. A build that runs at the same moment does no harm: files appear there whole, by renaming.
 *
 * @returns {Promise<{ file: string, packages: Package[] }[]>} the bundles, and what is in them of others
 */
export async function buildDist() {
  const { version } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'));
  const options = optionsFor({ __VERSION__: version, __LOG_PAGE__: JSON.stringify(await buildLogPage()) });
  const bundles = await Promise.all(cuts.map((cut) => cutIntoBundles(cut, options)));
  await mkdir(dist, { recursive: true });
  const built = [];
  for (const { name, code, modules } of bundles.flat()) {
    const packages = await Promise.all(packagesOf(modules).map(readPackage));
    if (packages.length > 0) await place(`${name}.LICENSES`, licencesOf(packages));
    await place(`${name}.cjs`, code);
    built.push({ file: `${name}.cjs`, packages });
  }
  await compileBundles(
    dist,
    built.map(({ file }) => file),
  );
  return built;
}

/**
 * @param {Record<string, string>} texts by the names that stand for them in the sources
 * @returns {import('esbuild').BuildOptions & { absWorkingDir: string }}
 */
function optionsFor(texts) {
  return {
    absWorkingDir: root,
    minify: true,
    platform: 'node',
    target: 'node20',
    legalComments: 'eof',
    logLevel: 'warning',
    define: Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, JSON.stringify(text)])),
    // The lightweight build, which starts fastest.
    alias: { openpgp: './node_modules/openpgp/dist/lightweight/openpgp.mjs' },
    plugins: [processesLater, tablesLater],
    // An import() of another file becomes a lazy require().
    supported: { 'dynamic-import': false },
  };
}

/**
 * The directories of the packages that modules are from; of nested packages the innermost.
 *
 * @param {string[]} modules
 */
function packagesOf(modules) {
  const directories = modules.flatMap((file) => {
    const start = file.lastIndexOf('node_modules/');
    const directory = /^node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(file.slice(start))?.[0];
    return start < 0 || directory === undefined ? [] : file.slice(0, start) + directory;
  });
  return [...new Set(directories)].sort();
}

/**
 * @param {string} directory
 * @returns {Promise<Package>}
 */
async function readPackage(directory) {
  const { name, version, license } = JSON.parse(
    await readFile(path.join(root, directory, 'package.json'), 'utf8'),
  );
  const file = (await readdir(path.join(root, directory))).find((file) => /^licen[cs]e/i.test(file));
  // Some packages name this licence and do not bring its text, which is ours as well.
  const text =
    file === undefined && license === 'Apache-2.0' ? 'LICENSE' : file && path.join(directory, file);
  if (text === undefined || typeof license !== 'string') throw new Error(`${directory} has no licence`);
  return { name, version, licence: license, text: await readFile(path.join(root, text), 'utf8') };
}

/**
 * The licence texts of bundled packages, which have to go where their code goes.
 *
 * @param {Package[]} packages
 */
function licencesOf(packages) {
  return packages
    .map(({ name, version, text }) => `${name} ${version}\n\n${text}`)
    .join(`\n${'-'.repeat(80)}\n\n`);
}

/**
 * @param {string} name
 * @param {string | Uint8Array} content
 */
async function place(name, content) {
  const fresh = path.join(dist, `.${name}.${process.pid}`);
  await writeFile(fresh, content);
  await rename(fresh, path.join(dist, name));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  endWithOneLine();
  await buildDist();
}
