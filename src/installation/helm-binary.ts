import { execFile } from 'node:child_process';

/** Milliseconds. A working Helm needs a tenth of that. */
const PATIENCE = 3000;

/** What a Helm says of itself: its version, such as `3.18.0`, or why that is not known. */
export type HelmVersion = { readonly version: string } | { readonly unknown: string };

/**
 * Asks a Helm for its version, which no variable tells.
 * @param helm what `HELM_BIN` says: a path, or a name that is looked up in `PATH`
 * @param interrupted ends it at once
 * @param patience how long it may take, in milliseconds
 */
export async function helmVersion(
  helm: string,
  env: Readonly<Record<string, string | undefined>>,
  interrupted: AbortSignal,
  patience = PATIENCE,
): Promise<HelmVersion> {
  return await new Promise<HelmVersion>((resolve) => {
    // A shell script around Helm may ignore other signals.
    const limits = { timeout: patience, killSignal: 'SIGKILL', signal: interrupted } as const;
    execFile(helm, ['version', '--short'], { env, ...limits }, (error, stdout) => {
      const version = error ? undefined : /^v([0-9]+\.[0-9]+[^\s+]*)/m.exec(stdout)?.[1];
      if (version !== undefined) resolve({ version });
      else if (error?.killed === true)
        resolve({ unknown: `did not answer within ${patience / 1000} seconds` });
      else resolve({ unknown: 'does not tell its version' });
    });
  });
}
