import type { Authorities } from '../http/authorities.ts';
import type { Deadline } from '../http/deadline.ts';
import type { HttpClient } from '../http/request.ts';
import { RegistryAuthorization } from './authorization.ts';
import type { CredentialFiles } from './credentials.ts';
import type { RepositoryName } from './reference.ts';
import { findRegistry, type PlainHttp } from './registry-address.ts';
import { RemoteRepository, type RegistryConnection } from './remote-repository.ts';

/** What the registries of a run share. */
export interface RegistryOptions {
  readonly http: HttpClient;
  readonly credentials: CredentialFiles;
  readonly plainHttp: PlainHttp;
  /**
   * What vouches for registries, and for this client there, where that differs from what counts for all servers. Another
   * host, to which a registry redirects, is never shown the client's certificate.
   */
  readonly authorities?: Authorities | undefined;
}

/** The registries of one run. What one of them took as proof of who asks is used again. */
export class Registries {
  readonly #options: RegistryOptions;
  readonly #connections = new Map<string, Promise<RegistryConnection>>();

  constructor(options: RegistryOptions) {
    this.#options = options;
  }

  /**
   * A repository of a registry.
   * @param deadline of all requests to it together
   * @throws SigstoreError `UNCHECKED` if the registry does not answer
   */
  async repository(name: RepositoryName, deadline: Deadline): Promise<RemoteRepository> {
    // A reference may be given, with its tag: that is no part of the repository.
    const { host, repository } = name;
    let connecting = this.#connections.get(host);
    if (connecting === undefined) this.#connections.set(host, (connecting = this.#connect(host, deadline)));
    try {
      return new RemoteRepository({ host, repository }, await connecting, deadline);
    } catch (error) {
      // The next chart has a deadline of its own.
      if (this.#connections.get(host) === connecting) this.#connections.delete(host);
      throw error;
    }
  }

  async #connect(host: string, deadline: Deadline): Promise<RegistryConnection> {
    const { http, credentials, plainHttp, authorities } = this.#options;
    const base = await findRegistry(host, plainHttp, { http, authorities, deadline });
    const isPlain = plainHttp.isForced;
    const authorization = new RegistryAuthorization(host, credentials, http, isPlain);
    return { host, base, http, authorization, authorities, isPlain };
  }
}
