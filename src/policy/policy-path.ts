import { excerpt } from '../encoding.ts';
import { PolicyError } from './policy-error.ts';
import type { Located } from './policy-members.ts';

/**
 * The path of a file or a folder beside the policy. Names that begin with two dots are Kubernetes' own, where a policy is
 * mounted as a ConfigMap, and lead out of the folder elsewhere.
 * @throws PolicyError if it leads anywhere else
 */
export function requireBeside({ value, at }: Located): Located {
  const isAbsolute = value.startsWith('/') || value.includes('\\') || value.includes(':');
  if (isAbsolute || value.split('/').some((part) => part === '' || part.startsWith('..')))
    throw new PolicyError(
      at,
      `expected the path of a file beside the policy, found ${excerpt(value)}`,
      'keep what a policy names in its own folder, and write the path with slashes',
    );
  return { value, at };
}
