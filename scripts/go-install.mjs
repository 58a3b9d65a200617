import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * Builds commands of a Go module, whose digest Go's checksum database knows, into a directory.
 *
 * @param {string} directory
 * @param {readonly string[]} sources such as helm.sh/helm/v4/cmd/helm@v4.3.1
 * @param {readonly string[]} flags further arguments of `go install`
 * @throws an error with the code ENOENT where there is no Go
 */
export async function goInstall(directory, sources, flags = []) {
  const argv = ['install', '-trimpath', '-ldflags=-s -w', ...flags, ...sources];
  await run('go', argv, { cwd: directory, env: { ...goEnvironment(), GOBIN: directory } });
}

/**
 * Builds a program of this repository, a directory with a go.mod and a go.sum, as a file.
 *
 * @param {string} sources
 * @param {string} file
 * @throws an error with the code ENOENT where there is no Go
 */
export async function goBuild(sources, file) {
  const argv = ['build', '-trimpath', '-ldflags=-s -w', '-mod=readonly', '-buildvcs=false', '-o', file, '.'];
  await run('go', argv, { cwd: sources, env: goEnvironment() });
}

/**
 * Builds a command of another module as a file: in a directory with a go.mod that needs that module, whose digest and
 * those of all that it needs Go's checksum database knows.
 *
 * @param {string} directory
 * @param {string} command such as k8s.io/kubernetes/cmd/kube-apiserver
 * @param {string} file
 * @param {readonly string[]} linkerFlags further ones
 * @throws an error with the code ENOENT where there is no Go
 */
export async function goBuildPackage(directory, command, file, linkerFlags = []) {
  const flags = [
    '-trimpath',
    `-ldflags=${['-s -w', ...linkerFlags].join(' ')}`,
    '-mod=mod',
    '-buildvcs=false',
  ];
  // It says on standard error what it fetches, which is more than the default takes.
  const options = { cwd: directory, env: goEnvironment(), maxBuffer: 1 << 26 };
  await run('go', ['build', ...flags, '-o', file, command], options);
}

/**
 * The directory of a Go module's sources.
 *
 * @param {string} module such as github.com/google/trillian@v1.7.3
 * @returns {Promise<string>}
 * @throws an error with the code ENOENT where there is no Go
 */
export async function goSources(module) {
  const { stdout } = await run('go', ['mod', 'download', '-json', module], { env: goEnvironment() });
  return JSON.parse(stdout).Dir;
}

/** Static binaries, with the Go that is there. */
function goEnvironment() {
  return { ...process.env, CGO_ENABLED: '0', GOWORK: 'off', GOTOOLCHAIN: 'local' };
}
