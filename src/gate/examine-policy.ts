import { InputError } from '../errors.ts';
import { writableByOthers } from '../files/writable-by-others.ts';
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
  if (policy.otherwise === 'deny') return ok(found);
  return warning(`${found}: what no rule is about comes through unproven`, 'otherwise: deny');
}
