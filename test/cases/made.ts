import { spawnSync } from 'node:child_process';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { casePath } from '../support/cases.ts';

/** The signed chart of the project, from which a case may start. */
export const EXAMPLES = join(import.meta.dirname, '..', '..', 'examples');
export const CHART = 'hello-0.1.0.tgz';

/** Runs a script of a case, as its README says. */
export function make(folder: string, script: string, ...argv: readonly string[]): void {
  const { status, stderr } = spawnSync(process.execPath, [casePath(folder, script), ...argv], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${folder}/${script}: ${stderr}`);
}

/** Copies the archive of the signed chart into a folder. Returns its path there. */
export async function archiveIn(folder: string, name = CHART): Promise<string> {
  const path = join(folder, name);
  await copyFile(join(EXAMPLES, CHART), path);
  return path;
}
