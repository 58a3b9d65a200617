import { readFile } from 'node:fs/promises';
import { backUpLog } from '../../src/embedded-log/backup/back-up.ts';
import { putBackEntries } from '../../src/embedded-log/backup/put-back.ts';
import { restoreLog } from '../../src/embedded-log/backup/restore-log.ts';
import { resumeLog } from '../../src/embedded-log/backup/resume-log.ts';
import { evidenceIn } from '../../src/evidence/read.ts';

const warn = () => undefined;

/** What `stepping-worker.ts` does, by name. */
export const STEPS: Readonly<Record<string, (...args: readonly string[]) => Promise<unknown>>> = {
  backup: (directory = '', to = '') => backUpLog(directory, to, { withKey: true, warn }),
  restore: (from = '', directory = '') => restoreLog(from, directory),
  resume: async (directory = '', path = '') =>
    await resumeLog(directory, [{ path, bytes: await readFile(path) }], { warn }),
  replay: (directory = '', ...paths) => putBackEntries(directory, filesAt(paths), { warn }),
};

async function* filesAt(paths: readonly string[]): AsyncGenerator<{
  path: string;
  bytes: Buffer;
  entries: ReturnType<typeof evidenceIn>['entries'];
}> {
  for (const path of paths) {
    const bytes = await readFile(path);
    yield { path, bytes, entries: evidenceIn(bytes, path).entries };
  }
}
