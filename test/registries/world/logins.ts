import { basicAuthorization } from '../servers/registry-server.ts';
import { READER, type Places } from './places.ts';

/** What `helm registry login` leaves of logins with the reader's password, wherever one is asked for. */
export function logins(places: Places): string {
  return file(places, { auth: basicAuthorization(READER).replace('Basic ', '') });
}

/** The same, where the service of tokens gave an identity token in place of the password. */
export function identityLogins(places: Places): string {
  return file(places, { identitytoken: places.tokens.identityToken });
}

function file({ registries }: Places, entry: object): string {
  const hosts = [registries.tls, registries.token, registries.v3Token].map(({ host }) => [host, entry]);
  return JSON.stringify({ auths: Object.fromEntries(hosts) as object });
}
