import { MalformedError } from '../../errors.ts';
import { isLoopback } from '../../http/base-url.ts';

/**
 * Refuses an archive's address that the index of a repository must not send us to.
 * @param repository the scheme of its URL: whoever speaks TLS to it wants no archives that others on the way can change
 * @throws MalformedError saying what is wrong with it
 */
export function requireFetchable(url: URL, repository: 'https:' | 'http:'): void {
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    throw new MalformedError(`its URL has the scheme ${url.protocol.slice(0, -1)}`);
  if (url.protocol === 'http:' && (repository === 'https:' || !isLoopback(url.hostname)))
    throw new MalformedError('its URL has plain http');
  if (url.username !== '' || url.password !== '') throw new MalformedError('its URL has credentials in it');
}
