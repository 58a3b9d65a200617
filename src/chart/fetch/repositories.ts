import { excerpt } from '../../encoding.ts';
import { MalformedError } from '../../errors.ts';
import { behindTheGate } from '../../gate-schemes.ts';
import { decodeUserText } from '../../user-text.ts';
import { isMapping, membersOf } from '../yaml/mapping.ts';
import { parseYaml } from '../yaml/yaml.ts';

/** A repository that `helm repo add` has made known. */
export interface Repository {
  readonly name: string;
  /** As it stands there: what Helm puts into a lock. */
  readonly address: string;
  /** Without our own scheme before it. Undefined: it is for a plugin of Helm, with a scheme that is neither https nor http. */
  readonly url: URL | undefined;
  readonly username?: string;
  readonly password?: string;
  /** Paths. */
  readonly certFile?: string;
  readonly keyFile?: string;
  readonly caFile?: string;
  /** Whether Helm was told not to verify who the server is, which is never obeyed here. */
  readonly isTlsSkipped: boolean;
  /** Whether its credentials also go to other servers that its index names. */
  readonly passCredentialsAll: boolean;
}

/** The most bytes of `repositories.yaml`. */
export const REPOSITORIES_LIMIT = 1 << 20;

/**
 * The repositories of `repositories.yaml`.
 * @throws MalformedError if it is no such file
 */
export function parseRepositories(bytes: Uint8Array): readonly Repository[] {
  const { repositories = [] } = membersOf(parseYaml(decodeUserText(bytes), MAX_NODES));
  if (repositories === null || repositories === '') return [];
  if (!Array.isArray(repositories)) throw new MalformedError('expected a list of repositories, found none');
  return repositories.map((entry) => {
    if (!isMapping(entry))
      throw new MalformedError('expected a repository, found something else in the list');
    return repositoryOf(membersOf(entry));
  });
}

const MAX_NODES = 40_000;

function repositoryOf(members: Readonly<Record<string, unknown>>): Repository {
  const text = (member: string) => {
    const value = members[member];
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const name = text('name');
  const address = text('url') ?? '';
  if (name === undefined) throw new MalformedError('expected each repository to have a name, found none');
  if (!URL.canParse(address))
    throw new MalformedError(`expected the repository ${excerpt(name)} to have a URL, found another text`);
  // What is kept for a repository behind our scheme is for the server that we ask.
  const behind = behindTheGate(address);
  const url = /^https?:\/\//i.test(behind) && URL.canParse(behind) ? new URL(behind) : undefined;
  const [username, password] = [text('username'), text('password')];
  const [certFile, keyFile, caFile] = [text('certFile'), text('keyFile'), text('caFile')];
  return {
    name,
    address,
    url,
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(certFile !== undefined && { certFile }),
    ...(keyFile !== undefined && { keyFile }),
    ...(caFile !== undefined && { caFile }),
    isTlsSkipped: text('insecure_skip_tls_verify') === 'true',
    passCredentialsAll: text('pass_credentials_all') === 'true',
  };
}

/**
 * The repository whose credentials are for this URL: it has the same scheme, host and port. Of several the one counts
 * whose path the URL continues the furthest.
 */
export function repositoryFor(url: URL, repositories: readonly Repository[]): Repository | undefined {
  const same = repositories.filter((each) => each.url?.origin === url.origin);
  const shared = (repository: Repository) => {
    const { pathname = '' } = repository.url ?? {};
    const path = pathname.endsWith('/') ? pathname : `${pathname}/`;
    return url.pathname.startsWith(path) ? path.length : 0;
  };
  return same.sort((a, b) => shared(b) - shared(a))[0];
}
