import type { RegistryLogin } from '../registry/credentials.ts';

/** A user and a password that were given for one chart, on a command line of Helm. */
export interface Login {
  readonly username: string;
  readonly password: string;
  /** The origin of the URL that was named, or the host of the registry: they are for nobody else … */
  readonly place: string;
  /** … unless the user says that they are for every server that the chart comes from. */
  readonly passesToAll: boolean;
}

/** The login for the place that a reference, or the URL of its repository, names. */
export function loginFor(
  place: string,
  { username, password }: Pick<Login, 'username' | 'password'>,
  passesToAll: boolean,
): Login {
  const registry = /^oci:\/\/([^/]*)/i.exec(place)?.[1];
  const url = registry === undefined ? place : `https://${registry}`;
  const { host = '', origin = '' } = URL.canParse(url) ? new URL(url) : {};
  return { username, password, place: registry === undefined ? origin : host, passesToAll };
}

/** What a login is to a registry. */
export function registryLogin({ username: user, password, place: host }: Login): RegistryLogin {
  return { host, found: { credential: { kind: 'password', user, password }, place: '--username' } };
}

/** The words that tell Helm the same. */
export function wordsOfLogin(login: Login | undefined): string[] {
  if (login === undefined) return [];
  const { username, password, passesToAll } = login;
  return [`--username=${username}`, `--password=${password}`, ...(passesToAll ? ['--pass-credentials'] : [])];
}
