import type { SigstoreError } from '../errors.ts';
import { NotFoundError } from '../errors.ts';
import type { Authorities } from '../http/authorities.ts';
import type { Deadline } from '../http/deadline.ts';
import { download, type Downloaded, type Sink } from '../http/download.ts';
import type { AnswerHead } from '../http/exchange.ts';
import type { HttpAnswer, HttpClient } from '../http/request.ts';
import type { RegistryAuthorization } from './authorization.ts';
import { parseChallenges } from './challenge.ts';
import { formatReference, type RepositoryName } from './reference.ts';
import { followed } from './redirected.ts';
import { asUnchecked, registryRefusal, type RefusingAnswer } from './refusal.ts';
import type { Scope } from './token.ts';

/** A registry of the run. */
export interface RegistryConnection {
  readonly host: string;
  /** The URL of its API, which ends with a slash. */
  readonly base: URL;
  readonly http: HttpClient;
  readonly authorization: RegistryAuthorization;
  readonly authorities: Authorities | undefined;
  /** Whether redirects may lead to plain http on other machines. */
  readonly isPlain: boolean;
}

/** A request to a repository. */
export interface RepositoryRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT';
  /** Of the registry: see {@link RemoteRepository.url}. */
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** Of the answer's body. */
  readonly maxBytes: number;
}

/**
 * A repository of a registry, and who asks it. All methods throw SigstoreError `UNCHECKED` if the registry does not answer, or
 * refuses who asks.
 */
export class RemoteRepository {
  readonly name: RepositoryName;
  readonly #connection: RegistryConnection;
  readonly #deadline: Deadline;

  constructor(name: RepositoryName, connection: RegistryConnection, deadline: Deadline) {
    this.name = name;
    this.#connection = connection;
    this.#deadline = deadline;
  }

  /** The same repository, for requests with another deadline. */
  within(deadline: Deadline): RemoteRepository {
    return new RemoteRepository(this.name, this.#connection, deadline);
  }

  /** What it is called, for people. */
  get label(): string {
    return formatReference(this.name);
  }

  /** The URL of something in the repository, such as `manifests/TAG`. */
  url(path: string, query: Readonly<Record<string, string>> = {}): URL {
    const url = new URL(`${this.name.repository}/${path}`, this.#connection.base);
    for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
    return url;
  }

  /** Whether a URL that the registry names is its own: no other gets what is meant for the registry. */
  isOwn(url: URL): boolean {
    return url.origin === this.#connection.base.origin && url.username === '' && url.password === '';
  }

  /**
   * The answer to a request, whatever its status but 401 and 403. A GET or HEAD may be redirected anywhere, without
   * credentials.
   */
  async ask(request: RepositoryRequest): Promise<HttpAnswer> {
    const { http, authorities, isPlain } = this.#connection;
    return await this.#authorized(request.method, request.url, async (headers) => {
      const authorized = { ...request, headers: { ...request.headers, ...headers } };
      return await followed(http, { ...authorized, authorities, deadline: this.#deadline }, isPlain);
    });
  }

  /** Streams content into sinks, as `download` does. The answer may be redirected, without credentials. */
  async stream(url: URL, maxBytes: number, openSink: () => Promise<Sink>): Promise<Downloaded> {
    const { http, authorities, isPlain } = this.#connection;
    const limits = { maxBytes, deadline: this.#deadline };
    const where = { url, authorities, followsAnywhere: true, plainHttp: isPlain };
    const { answer } = await this.#authorized('GET', url, async (headers) => {
      const answer = await download(http, { ...where, ...limits, headers }, openSink);
      return { ...answer, answer, body: answer.words };
    });
    return answer;
  }

  /** The error for an answer that is not the one that was wanted: status 404 says that there is no such thing. */
  refusal(answer: RefusingAnswer, what: string, hint?: string): SigstoreError {
    if (answer.status !== 404) return registryRefusal(answer, hint);
    return new NotFoundError(`${this.label} has no ${what}`, hint);
  }

  async #authorized<Answer extends AnswerHead & RefusingAnswer>(
    method: RepositoryRequest['method'],
    url: URL,
    send: (headers: Readonly<Record<string, string>>) => Promise<Answer>,
  ): Promise<Answer> {
    const { authorization } = this.#connection;
    const actions = method === 'GET' || method === 'HEAD' ? 'pull' : 'pull,push';
    const scope: Scope = `repository:${this.name.repository}:${actions}`;
    let sent = await authorization.known(scope);
    try {
      let answer = await send(headersWith(sent));
      if (answer.status === 401 && isOwnAnswer(answer, url)) {
        const challenges = parseChallenges(answer.headers['www-authenticate'] ?? '');
        sent = await authorization.meet(challenges, scope, sent, this.#deadline);
        answer = await send(headersWith(sent));
      }
      if (answer.status !== 401 && answer.status !== 403) return answer;
      throw registryRefusal(
        answer,
        isOwnAnswer(answer, url) ? await this.#loginHint(answer.status) : undefined,
      );
    } catch (error) {
      throw asUnchecked(error);
    }
  }

  async #loginHint(status: number): Promise<string> {
    const { authorization, host } = this.#connection;
    const place = await authorization.place();
    if (place === undefined) return `if it needs a login: helm registry login ${host}`;
    return status === 401
      ? `the registry does not take the user and password of ${place}: log in again with helm registry login ${host}`
      : `the registry does not let the user of ${place} do this: log in as another one with helm registry login ${host}`;
  }
}

function headersWith(authorization: string | undefined): Readonly<Record<string, string>> {
  return authorization === undefined ? {} : { authorization };
}

/** Whether the registry itself gave an answer, and not a server to which it, or a server after it, redirected. */
function isOwnAnswer(answer: RefusingAnswer, asked: URL): boolean {
  return answer.url.href === asked.href;
}
