/** What a request asks for. */
export interface RequestTarget {
  /** As it was written. */
  readonly path: string;
  readonly query: URLSearchParams;
}

/**
 * The target of a request, which may be a whole URL (RFC 9112 3.2). Undefined: it is not in the one form in which everybody reads
 * it alike. What a proxy keeps away from others by its path must not be had by `//x/metrics`, `/x\..\metrics` or `/x/../metrics`.
 */
export function targetOf(written: string): RequestTarget | undefined {
  const isPath = written.startsWith('/');
  const whole = isPath ? `http://log${written}` : written;
  if (!URL.canParse(whole)) return undefined;
  const { protocol, pathname: path, searchParams: query } = new URL(whole);
  if (protocol !== 'http:' && protocol !== 'https:') return undefined;
  return pathIn(written) === path ? { path, query } : undefined;
}

/** The path of a target for a line of the log, where it must not show the query, or credentials in a URL. */
export function shownPath(written: string): string {
  return targetOf(written)?.path ?? (written.startsWith('/') ? pathIn(written) : '(unreadable)');
}

/** What stands between host and query. */
function pathIn(written: string): string {
  const [beforeQuery = ''] = written.split('?', 1);
  if (written.startsWith('/')) return beforeQuery;
  const path = beforeQuery.indexOf('/', beforeQuery.indexOf('//') + 2);
  return path < 0 ? '/' : beforeQuery.slice(path);
}
