import { execFile, spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';
import { fetchRekor, type RekorBinaries } from '../../scripts/fetch-rekor.mjs';
import { packagePlugin } from '../../scripts/package.mjs';
import type { KnownLog } from './known-log.ts';
import { freePort } from './stack/free-port.ts';
import { Part } from './stack/part.ts';
import { Stack } from './stack/stack.ts';
import type { TrillianAddress } from './stack/trillian.ts';

/** A log that the tests talk to. */
export interface NamedLog extends KnownLog {
  readonly name: string;
}

/** What the tests share. */
export interface Interop {
  readonly binaries: RekorBinaries;
  /** The launcher of the packed plugin. */
  readonly launcher: string;
  readonly rekor: NamedLog;
  /** Of an older generation. */
  readonly oldRekor: NamedLog;
  /** Our own. */
  readonly embedded: NamedLog;
  /** For further trees. */
  readonly trillian: TrillianAddress;
}

declare module 'vitest' {
  interface ProvidedContext {
    interop: Interop | undefined;
  }
}

/**
 * Packs the plugin, and starts two Rekors and the plugin's own log. Where something is missing nothing can be tested: in CI that is a failure,
 * elsewhere it is said aloud. Returns what clears up.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const missing = ['go', 'setpriv', 'gpg', 'mariadbd', 'mariadb-install-db', 'redis-server'].filter(
    (command) => !isOnPath(command),
  );
  if (missing.length > 0) {
    const message = `the interop tests need ${missing.join(', ')} (Debian: golang, util-linux, gnupg, mariadb-server, redis-server)`;
    if (process.env['CI'] === 'true') throw new Error(message);
    console.warn(`nothing is tested: ${message}`);
    project.provide('interop', undefined);
    return () => Promise.resolve();
  }

  const directory = await mkdtemp(path.join(tmpdir(), 'interop-'));
  const removeAll = () => {
    rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  };
  // Also when the run is interrupted; everything that the tests write is below it.
  process.once('exit', removeAll);
  process.env['TMPDIR'] = directory;
  const releasePort = await holdMetricsPort();
  const { stack, embedded, interop } = await startAll(directory);
  project.provide('interop', interop);
  return async () => {
    await embedded.kill();
    await stack.remove();
    releasePort();
    removeAll();
  };
}

async function startAll(directory: string): Promise<{ stack: Stack; embedded: Part; interop: Interop }> {
  const launcher = await unpackPlugin(directory);
  const binaries = await fetchRekor();
  const stack = await Stack.start(binaries);
  const rekor = await stack.startRekor();
  await stack.database.create('search');
  const index = { mysql: stack.database.dataSource('search') };
  const oldRekor = await stack.startRekor({ command: binaries.oldRekor.server, index });

  const [port, home] = [await freePort(), path.join(directory, 'log')];
  const argv = [launcher, 'log', 'serve', '--dir', home, '--listen', `127.0.0.1:${port}`];
  const command = process.execPath;
  const embedded = await Part.start({ command, argv, directory, name: 'log-serve', port });
  const interop = {
    binaries,
    launcher,
    rekor: named(`Rekor ${binaries.rekor.version}`, rekor),
    oldRekor: named(`Rekor ${binaries.oldRekor.version}`, oldRekor),
    embedded: {
      name: 'log serve',
      url: `http://127.0.0.1:${port}`,
      publicKey: path.join(home, 'public-key.pem'),
    },
    trillian: stack.trillian.address,
  };
  return { stack, embedded, interop };
}

function named(name: string, { url, publicKey }: KnownLog): NamedLog {
  return { name, url, publicKey };
}

/**
 * Keeps the port of Rekor's metrics on loopback, so that it serves none: it would to the whole network, and no option
 * says otherwise. A port that somebody else has does as well.
 */
async function holdMetricsPort(): Promise<() => void> {
  const server = createServer((socket) => socket.destroy()).listen(2112, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve).once('error', resolve));
  // Nor does it keep a run alive that could not start.
  server.unref();
  return () => server.close();
}

function isOnPath(command: string): boolean {
  const env = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin` };
  return spawnSync('sh', ['-c', `command -v ${command}`], { env }).status === 0;
}

/** Returns the path of the launcher. */
async function unpackPlugin(directory: string): Promise<string> {
  const archive = await packagePlugin(directory);
  await promisify(execFile)('tar', ['--extract', '--gzip', '--file', archive, '--directory', directory]);
  return path.join(directory, 'sigstore', 'bin', 'helm-sigstore');
}
