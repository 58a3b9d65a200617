import { execFile, spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';
import { startLog } from '../../scripts/embedded-log.mjs';
import { fetchRekor, type RekorBinaries } from '../../scripts/fetch-rekor.mjs';
import { packagePlugin } from '../../scripts/package.mjs';
import type { KnownLog } from './known-log.ts';
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

  const cleanups: (() => unknown)[] = [];
  const cleanUp = async () => {
    for (const each of cleanups.reverse()) await each();
  };
  try {
    project.provide('interop', await startAll(cleanups));
  } catch (error) {
    await cleanUp();
    throw error;
  }
  return cleanUp;
}

async function startAll(cleanups: (() => unknown)[]): Promise<Interop> {
  cleanups.push(await holdMetricsPort());
  const directory = await mkdtemp(path.join(tmpdir(), 'interop-'));
  cleanups.push(() => rm(directory, { recursive: true, force: true }));
  const launcher = await unpackPlugin(directory);
  const binaries = await fetchRekor();
  const stack = await Stack.start(binaries);
  cleanups.push(() => stack.remove());
  const rekor = await stack.startRekor();
  await stack.database.create('search');
  const index = { mysql: stack.database.dataSource('search') };
  const oldRekor = await stack.startRekor({ command: binaries.oldRekor.server, index });
  const embedded = await startLog(path.join(directory, 'log'), { HOME: directory }, { program: launcher });
  cleanups.push(() => embedded.stop());
  return {
    binaries,
    launcher,
    rekor: named(`Rekor ${binaries.rekor.version}`, rekor),
    oldRekor: named(`Rekor ${binaries.oldRekor.version}`, oldRekor),
    embedded: named('log serve', embedded),
    trillian: stack.trillian.address,
  };
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
