import { join, resolve } from 'node:path';
import { isPresent } from '../files/is-present.ts';
import type { Settings } from '../settings/settings.ts';
import { configurationDirectory } from './directories.ts';
import type { Context } from './context.ts';

/** Where the policy of a run is, and what says so. */
export interface PolicyPlace {
  readonly path: string;
  readonly from: 'flag' | 'variable' | 'default';
}

/**
 * Where the policy is that a run has to obey; undefined: there is none. A file that is there and cannot be read is one
 * all the same: it must not be passed over.
 */
export async function policyPlace(
  settings: Settings<'policy'>,
  context: Pick<Context, 'env' | 'home' | 'platform'>,
): Promise<PolicyPlace | undefined> {
  const { values, from } = settings.given('policy');
  const named = values.at(-1);
  if (named !== undefined) return { path: named, from: from === 'flag' ? 'flag' : 'variable' };
  return await policyOfUser(context);
}

/** The same, where the variable for it does not count, which is said if it names another file. */
export async function policyWithoutVariable(
  settings: Settings<'policy'>,
  context: Pick<Context, 'env' | 'home' | 'platform' | 'stderr'>,
): Promise<PolicyPlace | undefined> {
  const named = settings.givenByFlag('policy').at(-1);
  const path = named ?? defaultPolicyPath(context);
  const variable = settings.variableFor('policy');
  const other = variable && context.env[variable];
  if (variable && other && (path === undefined || resolve(other) !== resolve(path)))
    context.stderr.warn(
      `${variable} is ignored: the policy of the gate is ${path ?? 'policy.yaml in $HELM_CONFIG_HOME/sigstore'}`,
    );
  return named === undefined ? await policyOfUser(context) : { path: named, from: 'flag' };
}

/** The policy that is obeyed where nobody names one; undefined: there is none. */
export async function policyOfUser(
  context: Pick<Context, 'env' | 'home' | 'platform'>,
): Promise<PolicyPlace | undefined> {
  const path = defaultPolicyPath(context);
  return path !== undefined && (await isPresent(path)) ? { path, from: 'default' } : undefined;
}

/** Where a policy is looked for if nobody names one. */
export function defaultPolicyPath(context: Pick<Context, 'env' | 'home' | 'platform'>): string | undefined {
  const directory = configurationDirectory(context);
  return directory && join(directory, 'policy.yaml');
}
