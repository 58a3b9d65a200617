import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import type { TestProject } from 'vitest/node';
import { fetchRekor, type RekorBinaries } from '../../scripts/fetch-rekor.mjs';
import { packagePlugin } from '../../scripts/package.mjs';
import type { KnownLog } from './known-log.ts';
import { missingPrograms } from './prerequisites.ts';
import { freePort } from './stack/free-port.ts';
import { holdMetricsPort } from './stack/metrics-port.ts';
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
 * Packs the plugin, and starts two Rekors and the plugin's own log. Where something is missing nothing can be tested:
 * in CI that is a failure, elsewhere it is said aloud. Returns what clears up.
 */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const missing = missingPrograms();
  if (missing !== undefined) {
    if (process.env['CI'] === 'true') throw new Error(`the tests against Rekor need ${missing}`);
    console.warn(`nothing is tested against Rekor, which needs ${missing}`);
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

/** Returns the path of the launcher. */
async function unpackPlugin(directory: string): Promise<string> {
  const archive = await packagePlugin(directory);
  await promisify(execFile)('tar', ['--extract', '--gzip', '--file', archive, '--directory', directory]);
  return path.join(directory, 'sigstore', 'bin', 'helm-sigstore');
}
