// NOTICE: what an archive has of others, and under which licences.

/** @import { Package } from './build.mjs' */
/** @typedef {{ file: string, packages: Package[] }} Bundle */

/**
 * The notice of the plugin for Node.
 *
 * @param {Bundle[]} bundles
 */
export function noticeOf(bundles) {
  return `helm-sigstore, under the Apache License 2.0 (LICENSE), contains these packages:

${packagesOf(bundles, (file) => `dist/${file}, licence texts in dist/${file.replace(/\.cjs$/, '.LICENSES')}`)}
dist/openpgp.cjs and dist/openpgp-rarely.cjs are what the plugin needs of OpenPGP.js, under the GNU Lesser General Public
License, version 3 or later. One thing is changed: two tables that serve decryption are computed when they are first used.
The files hold nothing else, and another build of the library can take the place of openpgp.cjs if it exports config,
PublicKeyPacket and SignaturePacket. That licence adds to the GNU General Public License, whose text is in licences/GPL-3.0.txt. Source code: https://github.com/openpgpjs/openpgpjs
`;
}

/**
 * The notice of the plugin in one executable.
 *
 * @param {Bundle[]} bundles
 * @param {string} bun the version of its runtime
 */
export function standaloneNoticeOf(bundles, bun) {
  return `helm-sigstore, under the Apache License 2.0 (LICENSE), as one executable with the runtime of Bun ${bun}, under the MIT License.
The runtime contains JavaScriptCore and tinycc, under the GNU Lesser General Public License: licences/Bun.md names them, all
else that is in it, and how an executable is made with other versions of them. The program in it contains these packages:

${packagesOf(bundles, (file) => `${file}, licence texts in licences/${file.replace(/\.cjs$/, '.txt')}`)}
openpgp.cjs and openpgp-rarely.cjs are what the plugin needs of OpenPGP.js, under the GNU Lesser General Public License,
version 3 or later. One thing is changed: two tables that serve decryption are computed when they are first used. That licence adds to
the GNU General Public License, whose text is in licences/GPL-3.0.txt. Source code: https://github.com/openpgpjs/openpgpjs
`;
}

/**
 * @param {Bundle[]} bundles
 * @param {(file: string) => string} titleOf
 */
function packagesOf(bundles, titleOf) {
  const others = bundles.filter(({ packages }) => packages.length > 0);
  const sections = others.map(({ file, packages }) => {
    const lines = packages.map(({ name, version, licence }) => `  ${name} ${version} (${licence})`);
    return `${titleOf(file)}:\n${lines.join('\n')}\n`;
  });
  return sections.join('\n');
}
