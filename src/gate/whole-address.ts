import type { Repository } from '../chart/fetch/repositories.ts';
import { UsageError } from '../errors.ts';
import type { GateAddress } from '../chart/fetch/gate-address.ts';
import type { ListedAddress } from '../chart/fetch/listed-address.ts';

/** A file of a chart in an index, with the query of the URL of its repository; empty: there is none. */
export interface ListedWithQuery extends ListedAddress {
  readonly query: string;
}

/** What Helm asks for, with all that chooses the rule. */
export type WholeAddress = Exclude<GateAddress, ListedAddress> | ListedWithQuery;

/**
 * The address with the query of the repository, which the index does not say, as it may be secret: it is the query with which the
 * user added the repository.
 * @param configured the repositories that `helm repo add` has made known
 * @throws UsageError if nobody knows which query that is: it chooses the rule
 */
export function wholeAddress(address: GateAddress, configured: readonly Repository[]): WholeAddress {
  if (address.kind !== 'listed') return address;
  if (!address.hasQuery) return { ...address, query: '' };
  const { repository } = address;
  const place = placeOfRepository(new URL(repository));
  const queries = configured.flatMap(({ url }) =>
    url !== undefined && url.search !== '' && placeOfRepository(url) === place ? url.search : [],
  );
  const [query, ...others] = new Set(queries);
  if (query !== undefined && others.length === 0) return { ...address, query };
  throw new UsageError(
    query === undefined
      ? `the repository ${repository} has a query in its URL, which Helm does not hand over with its charts`
      : `there are several repositories ${repository} that differ in the query of their URL, and Helm does not say which is meant`,
    query === undefined
      ? 'add it with helm repo add, under this URL'
      : 'helm repo list has them: only one of them can be behind the gate',
  );
}

/** Where a repository is, without what may be secret: with a slash at its end. */
export function placeOfRepository({ origin, pathname }: URL): string {
  return `${origin}${pathname.replace(/\/$/, '')}/`;
}
