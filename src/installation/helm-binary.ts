import { execFile } from 'node:child_process';

const PATIENCE = 10_000;

/**
 * The version of a Helm, such as `3.18.0`: no variable says it.
 * @param helm what `HELM_BIN` says: a path, or a name that is looked up in `PATH`
 * @returns undefined if it cannot be run, or answers something else
 */
export async function helmVersion(
  helm: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<string | undefined> {
  const answer = await new Promise<string>((resolve) => {
    execFile(helm, ['version', '--short'], { env, timeout: PATIENCE }, (error, stdout) => {
      resolve(error ? '' : stdout);
    });
  });
  return /^v([0-9]+\.[0-9]+[^\s+]*)/m.exec(answer)?.[1];
}
