import type { Authorities } from '../http/authorities.ts';
import type { HttpClient } from '../http/request.ts';
import { CredentialFiles } from '../registry/credentials.ts';
import { Registries } from '../registry/registries.ts';
import type { Context } from './context.ts';
import { registryConfigFiles } from './directories.ts';
import { registryLogin, type Login } from './login.ts';

/** What the settings of a run say about registries. */
interface RegistrySettings {
  /** Whether the user asked for plain http. */
  readonly isPlainForced: boolean;
  /** Whether the user named authorities, or a certificate of this client: then there is no plain http by itself. */
  readonly isTlsRequired: boolean;
  /** What vouches for registries, and for this client there, where that differs from what counts for all servers. */
  readonly authorities?: Authorities | undefined;
  /** A user and a password for one of them. */
  readonly login?: Login | undefined;
}

/** The registries of this run, with the credentials that Helm and Docker keep for them. */
export function openRegistries(
  http: HttpClient,
  context: Context,
  { isPlainForced, isTlsRequired, authorities, login }: RegistrySettings,
): Registries {
  const { env, interrupted } = context;
  const credentials = new CredentialFiles(
    registryConfigFiles(context),
    { env, interrupted },
    login && registryLogin(login),
  );
  const plainHttp = { isForced: isPlainForced, isForbidden: isTlsRequired };
  return new Registries({ http, credentials, plainHttp, authorities });
}
