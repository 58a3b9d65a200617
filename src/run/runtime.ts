import { execPath, versions } from 'node:process';
import type { Output } from '../cli/output.ts';
import { ok, warning, type Finding } from '../render/findings-text.ts';

/** By which the runtime in the standalone executable runs other code than ours, or lets others look into it. */
const OBEYED = [
  'BUN_OPTIONS',
  'BUN_BE_BUN',
  'BUN_INSPECT',
  'BUN_INSPECT_CONNECT_TO',
  'BUN_INSPECT_PRELOAD',
] as const;

type Environment = Readonly<Record<string, string | undefined>>;
/** Versions of what a runtime consists of, as `process.versions`. */
type Versions = Readonly<Record<string, string | undefined>>;

/** What runs this program, for `doctor`: Node, or the runtime in the standalone executable. */
export function examineRuntime(
  env: Environment,
  { bun, node }: Versions = versions,
  path = execPath,
): Finding {
  if (bun === undefined) return { subject: 'Node', ...ok(`${node ?? ''} (${path})`) };
  const found = `Bun ${bun}, in the standalone executable ${path}`;
  const [name] = obeyedIn(env);
  if (name === undefined) return { subject: 'Runtime', ...ok(found) };
  return { subject: 'Runtime', ...warning(`${found}, which obeys ${name}`, `unset ${name}`) };
}

/**
 * Warns of variables that the runtime in the standalone executable obeys, where a command decides for others than those who start
 * it. Node has variables for the same, which many set for its other programs.
 */
export function warnOfRuntimeVariables(
  { env, stderr }: { readonly env: Environment; readonly stderr: Pick<Output, 'warn'> },
  { bun }: Versions = versions,
): void {
  if (bun === undefined) return;
  for (const name of obeyedIn(env))
    stderr.warn(`${name} is set, and the runtime in this executable obeys it: it can run other code`);
}

function obeyedIn(env: Environment): readonly string[] {
  return OBEYED.filter((name) => env[name]);
}
