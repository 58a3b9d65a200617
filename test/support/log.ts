import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedLog, type EmbeddedLog } from '../../src/embedded-log/service/server.ts';

/** A log of its own for a test or a file of tests. */
export interface TestLog extends EmbeddedLog {
  readonly directory: string;
  /** The time that entries get, in seconds since 1970; set it before an upload. */
  now: number;
  /** What went wrong in the log itself. */
  readonly failures: readonly unknown[];
}

/**
 * Starts the embedded log in a new directory, on a free port of loopback. `close` stops it and removes the
 * directory.
 */
export async function startTestLog(now = Math.floor(Date.now() / 1000)): Promise<TestLog> {
  const directory = await mkdtemp(join(tmpdir(), 'helm-sigstore-log-'));
  const failures: unknown[] = [];
  const running = await startEmbeddedLog({
    directory,
    host: '127.0.0.1',
    port: 0,
    now: () => log.now,
    onFailure: (error) => failures.push(error),
  });
  const log: TestLog = {
    ...running,
    directory,
    now,
    failures,
    close: async () => {
      await running.close();
      await rm(directory, { recursive: true, force: true });
    },
  };
  return log;
}
