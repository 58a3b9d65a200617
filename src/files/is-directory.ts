import { stat } from 'node:fs/promises';

/** Whether there is a directory at a path, or a link to one. */
export async function isDirectory(path: string): Promise<boolean> {
  return await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
