import { expect } from 'vitest';
import type { ClusterUser } from './cluster-user.ts';
import type { Held } from './releases.ts';

/** A word of a command line, in place of which each of two ways has its own. */
export const CHART = 'CHART';

/** How somebody names a chart of a repository, and calls Helm for it. */
export interface Way {
  /** Before the verb. */
  readonly words: readonly string[];
  /** Of the repository, as it was added. */
  readonly repository: string;
}

/**
 * Runs each command line with plain Helm and in another way, and holds against each other what Helm prints and what the
 * cluster then holds of the release. Returns what it holds in the end.
 *
 * @param lines Helm's words, with CHART for the chart
 */
export async function expectSameReleases(
  user: ClusterUser,
  [plain, other]: readonly [Way, Way],
  release: string,
  lines: readonly (readonly string[])[],
): Promise<Held> {
  const namespaces = { plain: user.namespace(`${release}-plain`), other: user.namespace(`${release}-other`) };
  const run = async ({ words, repository }: Way, namespace: string, line: readonly string[]) => {
    const named = line.map((word) => (word === CHART ? `${repository}/hello` : word));
    const outcome = await user.run([...words, ...named, '--namespace', namespace]);
    expect(outcome, `${line.join(' ')}: ${outcome.stderr}`).toMatchObject({ status: 0 });
    return { printed: withoutTime(outcome.stdout, namespace), held: await user.held(namespace, release) };
  };
  let last: Held | undefined;
  for (const line of lines) {
    const expected = await run(plain, namespaces.plain, line);
    const found = await run(other, namespaces.other, line);
    expect(found, line.join(' ')).toEqual(expected);
    last = found.held;
  }
  if (last === undefined) throw new Error('no command line');
  return last;
}

/** What Helm prints of a release, but for when it was made and where. */
function withoutTime(text: string, namespace: string): string {
  return text.replaceAll(namespace, 'NAMESPACE').replace(/^(LAST DEPLOYED): .*$/gm, '$1');
}
