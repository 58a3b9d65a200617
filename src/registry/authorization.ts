import { SigstoreError } from '../errors.ts';
import { basicAuthorization } from '../http/basic.ts';
import type { Deadline } from '../http/deadline.ts';
import type { HttpClient } from '../http/request.ts';
import type { CredentialFiles, FoundCredential } from './credentials.ts';
import type { Challenge } from './challenge.ts';
import { fetchToken, realmOf, type Scope } from './token.ts';

/** What proves to one registry who asks, remembered for the run. */
export class RegistryAuthorization {
  readonly #host: string;
  readonly #credentials: CredentialFiles;
  readonly #http: HttpClient;
  readonly #mayBePlain: boolean;
  readonly #headers = new Map<Scope, Promise<string>>();

  /** @param mayBePlain whether credentials may go over plain http to other machines */
  constructor(host: string, credentials: CredentialFiles, http: HttpClient, mayBePlain: boolean) {
    this.#host = host;
    this.#credentials = credentials;
    this.#http = http;
    this.#mayBePlain = mayBePlain;
  }

  /** The value of `Authorization` that the registry took for this scope before. */
  async known(scope: Scope): Promise<string | undefined> {
    return await this.#headers.get(scope)?.catch(() => undefined);
  }

  /**
   * The value of `Authorization` that meets a challenge of the registry itself (RFC 9110 11.6.1).
   * @param refused the value that was answered with this challenge
   * @throws SigstoreError `UNCHECKED` if nothing meets it; InputError on a bad file of credentials
   */
  async meet(
    challenges: readonly Challenge[],
    scope: Scope,
    refused: string | undefined,
    deadline: Deadline,
  ): Promise<string> {
    const known = this.#headers.get(scope);
    const current = await this.known(scope);
    // Another request of the run may have met it in the meantime.
    if (known !== undefined && current !== undefined && current !== refused) return current;
    const made = this.#make(challenges, scope, deadline);
    this.#headers.set(scope, made);
    try {
      return await made;
    } catch (error) {
      if (this.#headers.get(scope) === made) this.#headers.delete(scope);
      throw error;
    }
  }

  /** Where the credentials are from, for the hint about a refusal. */
  async place(): Promise<string | undefined> {
    return (await this.#credentials.find(this.#host))?.place;
  }

  async #make(challenges: readonly Challenge[], scope: Scope, deadline: Deadline): Promise<string> {
    const found = await this.#credentials.find(this.#host);
    if (found?.credential.kind === 'registry') return bearer(found.credential.token, found.place);
    const wanted = challenges.find(({ scheme }) => scheme === 'bearer');
    if (wanted !== undefined) {
      const realm = realmOf(wanted, this.#host, this.#mayBePlain);
      const credential = found?.credential;
      const service = wanted.parameters.get('service');
      const asked = { realm, service, scope, credential, deadline };
      return bearer(await fetchToken(asked, this.#http), realm.host);
    }
    if (challenges.some(({ scheme }) => scheme === 'basic')) return this.#basic(found);
    throw new SigstoreError(
      'UNCHECKED',
      `the registry ${this.#host} wants credentials, and does not say how to give them`,
    );
  }

  #basic(found: FoundCredential | undefined): string {
    if (found === undefined)
      throw new SigstoreError(
        'UNCHECKED',
        `the registry ${this.#host} wants a user and a password, and there are none for it`,
        `log in first: helm registry login ${this.#host}`,
      );
    if (found.credential.kind !== 'password')
      throw new SigstoreError(
        'UNCHECKED',
        `the registry ${this.#host} wants a user and a password, and ${found.place} has a token for it`,
        `log in again: helm registry login ${this.#host}`,
      );
    return basicAuthorization(found.credential.user, found.credential.password);
  }
}

/** RFC 6750 2.1, and every other character that may be in a header. */
function bearer(token: string, place: string): string {
  if (/^[\x21-\x7e]+$/.test(token)) return `Bearer ${token}`;
  throw new SigstoreError('UNCHECKED', `the token from ${place} holds characters that no token has`);
}
