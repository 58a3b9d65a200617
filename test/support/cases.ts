import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The folder of inputs that failed once, each with the right value: `HELM_SIGSTORE_CASES`, else `shared/cases` beside
 * the checkout. Without it the tests that need it are skipped, with "(needs the cases)" in their titles; in CI it must
 * be there.
 */
export const cases: string | undefined = locate();

/** The path of a file below the cases. Only for tests that are skipped without them. */
export function casePath(...parts: string[]): string {
  if (cases === undefined) throw new Error('there are no cases here');
  return join(cases, ...parts);
}

function locate(): string | undefined {
  const named = process.env['HELM_SIGSTORE_CASES'];
  const folder = named ? named : fileURLToPath(new URL('../../../shared/cases', import.meta.url));
  if (existsSync(folder)) return folder;
  if (named || process.env['CI'] === 'true') throw new Error(`no cases in ${folder}`);
  return undefined;
}
