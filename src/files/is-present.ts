import { lstat } from 'node:fs/promises';
import { hasCode } from './error-code.ts';

/** Whether there is anything at a path, also a link that leads nowhere; what cannot be looked at counts as present. */
export async function isPresent(path: string): Promise<boolean> {
  return await lstat(path).then(
    () => true,
    (error: unknown) => !hasCode(error, 'ENOENT', 'ENOTDIR'),
  );
}
