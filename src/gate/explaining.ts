import type { Repository } from '../chart/fetch/repositories.ts';
import { formatReference } from '../registry/reference.ts';
import type { GateAddress } from '../chart/fetch/gate-address.ts';
import { describeUrl } from '../http/request.ts';
import { behindTheGate } from '../gate-schemes.ts';
import { placeOfRepository, type ListedWithQuery } from './whole-address.ts';

/**
 * The command that shows what each rule makes of a chart that Helm asked for. It names the chart as the user can: by the name that
 * the repository has for him, if it has one, which brings what is kept for it.
 * @param configured the repositories that `helm repo add` has made known
 * @param policy the path of the policy of the gate
 */
export function explainingCommand(
  address: ListedWithQuery | Extract<GateAddress, { kind: 'url' | 'oci' }>,
  configured: readonly Repository[],
  policy: string,
): string {
  const words = ['helm', 'sigstore', 'policy', 'explain', ...named(address, configured), '--policy', policy];
  return words.map(quoted).join(' ');
}

function named(
  address: ListedWithQuery | Extract<GateAddress, { kind: 'url' | 'oci' }>,
  configured: readonly Repository[],
): readonly string[] {
  if (address.kind === 'oci') return [formatReference(address.reference)];
  if (address.kind === 'url') return [describeUrl(address.url)];
  const { repository, query, chart, demands } = address;
  const { name, version } = demands;
  const known = configured.find((each) => isSame(each, repository, query));
  if (known !== undefined) return [`${known.name}/${chart ?? name}`, '--version', version];
  if (chart === undefined) return [repository, '--version', version];
  return [chart, '--repo', repository, '--version', version];
}

function isSame({ address, url }: Repository, repository: string, query: string): boolean {
  const plain = behindTheGate(address);
  if (plain === address) return false;
  if (url === undefined) return plain.replace(/\/$/, '') === repository;
  return placeOfRepository(url) === placeOfRepository(new URL(repository)) && url.search === query;
}

/** A word as a shell takes it. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
