// Puts a real helmfile into a cache outside the checkout, built by Go, and prints where it is. The build takes long:
// tests use one that was built before, and build none.
import { access, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheDirectory, cachedDirectory } from './binary-cache.mjs';
import { goBuildPackage } from './go-install.mjs';
import { endWithOneLine } from './one-line-errors.mjs';

const NAME = 'helmfile';
const VERSION = '1.8.0';
const MODULE = 'github.com/helmfile/helmfile';
/** `go install` refuses a module that replaces others, so this one needs helmfile, and replaces what helmfile does. */
const GO_MOD = `module helm-sigstore/helmfile
go 1.26.6
require ${MODULE} v${VERSION}
replace k8s.io/api => k8s.io/api v0.35.4
replace k8s.io/apimachinery => k8s.io/apimachinery v0.36.0
replace k8s.io/client-go => k8s.io/client-go v0.35.4
`;

/** @returns {Promise<string | undefined>} the path of a helmfile that was built before; nothing is built */
export async function cachedHelmfile() {
  const file = path.join(cacheDirectory(`${NAME}-${VERSION}`), NAME);
  return access(file).then(
    () => file,
    () => undefined,
  );
}

/**
 * @returns {Promise<string>} the path of the binary
 * @throws an error with the code ENOENT where there is no Go
 */
export async function fetchHelmfile() {
  const directory = await cachedDirectory(`${NAME}-${VERSION}`, NAME, async (scratch) => {
    console.error(`building ${NAME} ${VERSION}, which takes many minutes`);
    await writeFile(path.join(scratch, 'go.mod'), GO_MOD);
    const version = `-X=go.szostok.io/version.version=v${VERSION}`;
    await goBuildPackage(scratch, MODULE, path.join(scratch, NAME), [version]);
  });
  return path.join(directory, NAME);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  endWithOneLine();
  console.log(await fetchHelmfile());
}
