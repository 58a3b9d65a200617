import { InputError } from '../errors.ts';
import { writableByOthers } from '../files/writable-by-others.ts';
import type { Policy } from '../policy/policy.ts';
import { ok, warning, type Found } from '../render/findings-text.ts';
import type { RunContext } from '../run/context.ts';
import { readPolicy } from '../run/read-policy.ts';
import { policyOfUser } from '../run/policy-place.ts';

/**
 * Which policy the gate obeys, and what is wrong with it.
 * @param named the one that the downloader names; undefined: that of the user, whatever a variable says
 * @throws InputError if there is none, or it cannot be read
 */
export async function examineGatePolicy(named: string | undefined, context: RunContext): Promise<Found> {
  const place = named === undefined ? await policyOfUser(context) : { path: named };
  if (place === undefined)
    throw new InputError(
      'there is none, so nothing comes through the gate',
      'helm sigstore gate install --policy FILE',
    );
  const { policy } = await readPolicy(place, context);
  const rules = policy.rules.length === 1 ? '1 rule' : `${policy.rules.length} rules`;
  const found = `${place.path} (${rules}, otherwise ${policy.otherwise})`;
  const writable = await writableByOthers(place.path);
  if (writable !== undefined)
    return warning(`${found}: every user may change ${writable}`, `chmod o-w ${writable}`);
  if (!reachesRepositories(policy)) return warning(`${found}: ${NOTHING_COMES}`, NOTHING_COMES_HINT);
  if (policy.otherwise === 'deny') return ok(found);
  return warning(`${found}: what no rule is about comes through unproven`, 'otherwise: deny');
}

/** Whether a chart that Helm asks the gate for can be one that this policy lets pass. */
export function reachesRepositories({ otherwise, rules }: Policy): boolean {
  if (otherwise !== 'deny') return true;
  return rules.some(({ origin, charts }) => charts.some(({ of }) => of === 'reference' || origin === 'any'));
}

/** What is wrong with a policy that does not. */
export const NOTHING_COMES =
  'no rule is about charts of repositories or registries, so nothing comes through the gate';
export const NOTHING_COMES_HINT =
  'name charts by their addresses, such as https://charts.example.com/*: helm sigstore policy init REPO/CHART drafts such a rule';
