// Puts a real Kubernetes API server into a cache outside the checkout, built by Go, and prints where it is. etcd, in
// which the server keeps everything, comes with apt.
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { cachedDirectory } from './binary-cache.mjs';
import { goBuildPackage, goSources } from './go-install.mjs';
import { endWithOneLine } from './one-line-errors.mjs';

/** One that Go 1.24 and every Helm of the tests know. */
const VERSION = '1.34.4';
const MODULE = 'k8s.io/kubernetes';
const SERVER = 'kube-apiserver';

/**
 * @typedef {object} KubernetesBinaries
 * @property {string} version
 * @property {string} apiServer a path
 */

/**
 * @returns {Promise<KubernetesBinaries>}
 * @throws an error with the code ENOENT where there is no Go
 */
export async function fetchKubernetes() {
  const directory = await cachedDirectory(`${SERVER}-${VERSION}`, SERVER, async (scratch) => {
    console.error(`building ${SERVER} ${VERSION}, which takes some minutes`);
    const sources = await goSources(`${MODULE}@v${VERSION}`);
    const goMod = await readFile(path.join(sources, 'go.mod'), 'utf8');
    await writeFile(path.join(scratch, 'go.mod'), moduleAround(goMod));
    await goBuildPackage(scratch, `${MODULE}/cmd/${SERVER}`, path.join(scratch, SERVER), linkerFlags());
  });
  return { version: VERSION, apiServer: path.join(directory, SERVER) };
}

/**
 * A module that needs Kubernetes and nothing else. In its repository the parts that are modules of their own lie in
 * `staging`, and have no version; they are published, each as v0.34.4 where Kubernetes is v1.34.4.
 *
 * @param {string} goMod of Kubernetes
 * @throws when it names no such part: it is written otherwise than it was
 */
function moduleAround(goMod) {
  const [, go] = /^go ([0-9.]+)$/m.exec(goMod) ?? [];
  const parts = [...goMod.matchAll(/^\t(\S+) => \.\/staging\/src\/\S+$/gm)].map(([, part]) => part);
  if (go === undefined || parts.length === 0)
    throw new Error(`${MODULE} v${VERSION}: expected a go.mod with its parts`);
  const published = `v0.${VERSION.split('.').slice(1).join('.')}`;
  return [
    'module helm-sigstore/kubernetes',
    `go ${go}`,
    `require ${MODULE} v${VERSION}`,
    ...parts.map((part) => `replace ${part} => ${part} ${published}`),
    '',
  ].join('\n');
}

/** Without them the server would say that its version is v0.0.0. */
function linkerFlags() {
  const [major, minor] = VERSION.split('.');
  const values = { gitVersion: `v${VERSION}`, gitMajor: major, gitMinor: minor };
  return Object.entries(values).map(([name, value]) => `-X=k8s.io/component-base/version.${name}=${value}`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  endWithOneLine();
  console.log((await fetchKubernetes()).apiServer);
}
