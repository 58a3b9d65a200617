import type { Repository } from '../chart/fetch/repositories.ts';
import { decodePercent } from '../encoding.ts';

/** What Helm hands over for a server, whichever server that is. */
export interface HandedOver {
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** Paths. */
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
  readonly caFile?: string | undefined;
}

/** What a downloader is given beside the URL: three paths in its arguments, and credentials in variables. */
export function readHandedOver(
  [certFile, keyFile, caFile]: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): HandedOver {
  return {
    username: env['HELM_PLUGIN_USERNAME'] || undefined,
    password: env['HELM_PLUGIN_PASSWORD'] || undefined,
    certFile: certFile || undefined,
    keyFile: keyFile || undefined,
    caFile: caFile || undefined,
  };
}

/** What goes to the server of an address, or why it does not. */
export type Handed = { readonly repository: Repository | undefined } | { readonly keptBack: string };

/**
 * What Helm handed over, as a repository at this address. Helm hands over what it has for a repository whatever URL its index
 * names, so where the credentials are kept for a repository on another server, nothing goes to this one.
 * @param address of the repository that Helm asks for, perhaps with credentials in it
 * @param configured the repositories that `helm repo add` has made known
 */
export function handedFor(address: URL, handed: HandedOver, configured: readonly Repository[]): Handed {
  const fromUrl = {
    username: (decodePercent(address.username) ?? address.username) || undefined,
    password: (decodePercent(address.password) ?? address.password) || undefined,
  };
  const isInUrl = fromUrl.username !== undefined || fromUrl.password !== undefined;
  const all = isInUrl ? { ...handed, ...fromUrl } : handed;
  const given = Object.entries(all).filter(([, value]) => value !== undefined);
  if (given.length === 0) return { repository: undefined };
  const owners = isInUrl ? [] : configured.filter((each) => ownsSome(each, handed));
  const [owner] = owners;
  if (owner !== undefined && !owners.some(({ url }) => url?.origin === address.origin))
    return { keptBack: owner.name };
  const url = new URL(address);
  url.username = url.password = '';
  return {
    repository: {
      name: '',
      address: url.href,
      url,
      isTlsSkipped: false,
      passCredentialsAll: false,
      ...Object.fromEntries(given),
    },
  };
}

/** Whether a repository has these credentials, or this certificate of the client. */
function ownsSome(repository: Repository, { username, password, certFile, keyFile }: HandedOver): boolean {
  const hasPassword = username !== undefined || password !== undefined;
  const isPassword = hasPassword && repository.username === username && repository.password === password;
  const hasFiles = certFile !== undefined || keyFile !== undefined;
  return isPassword || (hasFiles && repository.certFile === certFile && repository.keyFile === keyFile);
}
