import { formatReference, parseRegistryReference } from '../registry/reference.ts';
import { behindTheGate, GATE_PREFIX } from '../gate-schemes.ts';
import { listedRepository, saysQuery, type ListedRepository } from '../chart/fetch/listed-address.ts';

/**
 * A URL by which Helm would fetch an archive past the gate, or by another rule, in the index that it has cached of a repository
 * behind the gate: one that does not lie under the address of the repository, or does not say whether that has a query, or has
 * a digest beside it, by which Helm 4 takes what it has without asking. Such an index was there before the repository was moved by hand, a `helm repo update` that ran meanwhile put it back,
 * or somebody wrote it. Undefined: there is none, as in every index that the gate wrote.
 * @param text what is cached
 * @param address of the repository, with our scheme
 */
export function wayPastGate(text: string, address: string): string | undefined {
  const { place, hasQuery } = repositoryAt(behindTheGate(address));
  const base = `${GATE_PREFIX}${place.replace(/\/$/, '')}/`;
  for (const entry of versionsIn(text)) {
    const { urls, digest } = entry as { readonly urls?: unknown; readonly digest?: unknown };
    const all: readonly unknown[] = Array.isArray(urls) ? urls : [urls];
    const leadsThrough = (url: unknown) =>
      typeof url === 'string' && url.startsWith(base) && saysQuery(url) === hasQuery;
    const other = all.find((url) => !leadsThrough(url));
    if (other !== undefined) return typeof other === 'string' ? other : 'something else than a URL';
    if (all.length === 0) return 'a version without a URL';
    if (digest !== undefined) return 'a version with a digest';
  }
  return undefined;
}

function repositoryAt(plain: string): ListedRepository {
  if (!plain.startsWith('oci://')) return listedRepository(new URL(plain));
  const { host, repository } = parseRegistryReference(plain.replace(/\/$/, ''));
  return { place: formatReference({ host, repository }), hasQuery: false };
}

/** The versions of an index as the gate writes it; of anything else one that is none. */
function versionsIn(text: string): readonly object[] {
  try {
    const { entries } = JSON.parse(text) as { readonly entries: Readonly<Record<string, readonly object[]>> };
    return Object.values(entries).flat();
  } catch {
    return [{ urls: ['an index that the gate did not write'] }];
  }
}
