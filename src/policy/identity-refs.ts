import { matchesGlob, endOf, type Glob } from './glob.ts';

/** Which refs of a repository a pattern for identities of workflows lets in, beside those that it names. */
interface LetIn {
  readonly branches: boolean;
  readonly pullRequests: boolean;
}

/**
 * An identity of a workflow ends with `@REF`. What stands for the ref is behind the last `@` of the pattern, or is a `**`,
 * which may stand for an `@` as well.
 */
export function refsOf(identity: Glob): LetIn {
  const end = endOf(identity);
  const letsIn = (ref: string) => end !== undefined && matchesGlob(end, `@${ref}`);
  return {
    branches: letsIn(`refs/heads/${ODD_NAME}`),
    pullRequests:
      OF_PULL_REQUESTS.test(identity.text) ||
      letsIn('refs/pull/48151/merge') ||
      letsIn('refs/merge-requests/48151/head'),
  };
}

/** One of them, named: also its author could be anybody. */
const OF_PULL_REQUESTS = /@refs\/(?:pull|merge-requests)\//;

/** A branch that no pattern names. */
const ODD_NAME = 'zq-48151';
