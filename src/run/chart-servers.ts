import { ARCHIVE_LIMIT, type Access, type Fetching } from '../chart/fetch/fetching.ts';
import { repositoryFor, type Repository } from '../chart/fetch/repositories.ts';
import { startProgress } from '../cli/progress.ts';
import { UsageError } from '../errors.ts';
import { requireHelm, type UsersHelm } from '../files/users-helm.ts';
import type { Authorities } from '../http/authorities.ts';
import { basicAuthorization } from '../http/basic.ts';
import { Deadline, limitsOf } from '../http/deadline.ts';
import type { HttpClient } from '../http/request.ts';
import type { RepositoryName } from '../registry/reference.ts';
import type { Registries } from '../registry/registries.ts';
import type { RemoteRepository } from '../registry/remote-repository.ts';
import type { RegistryOption } from '../settings/option-groups.ts';
import type { Settings } from '../settings/settings.ts';
import { timeLimitOf } from '../settings/time-limit.ts';
import { clientIdentity } from './client-identity.ts';
import type { Context } from './context.ts';
import type { Login } from './login.ts';
import { Downloads } from './downloads.ts';
import { openHttp } from './http.ts';
import { readRepositories } from './repositories.ts';

/** The servers that charts of a run are fetched from, and what the user has for each of them. */
export class ChartServers {
  readonly #settings: Settings<RegistryOption>;
  readonly #context: Context;
  readonly #http: HttpClient;
  readonly #downloads: Downloads;
  readonly #login: Login | undefined;
  readonly #identities = new Map<Repository | undefined, Promise<Authorities | undefined>>();
  readonly #handed: Repository[] = [];
  #repositories: Promise<readonly Repository[]> | undefined;
  #registries: Promise<Registries> | undefined;

  private constructor(
    settings: Settings<RegistryOption>,
    context: Context,
    http: HttpClient,
    login: Login | undefined,
  ) {
    this.#settings = settings;
    this.#context = context;
    this.#http = http;
    this.#downloads = new Downloads(context.env);
    this.#login = login;
  }

  /**
   * @param login a user and a password that were given for this run
   * @throws InputError or UsageError on files and options that cannot be used
   */
  static async open(
    settings: Settings<RegistryOption>,
    context: Context,
    login?: Login,
  ): Promise<ChartServers> {
    timeLimitOf(settings);
    if ((settings.one('certFile') === undefined) !== (settings.one('keyFile') === undefined))
      throw new UsageError('--cert-file and --key-file belong together, but only one of them was given');
    return new ChartServers(settings, context, await openHttp(context, settings.one('caFile')), login);
  }

  /** How charts are fetched. @param maxArchive the most bytes of an archive */
  fetching(maxArchive = ARCHIVE_LIMIT): Fetching {
    return {
      http: this.#http,
      deadline: () => this.deadline(),
      directory: () => this.#downloads.directory(),
      accessTo: (url) => this.accessTo(url),
      plainHttp: this.#settings.has('plainHttp'),
      maxArchive,
      watch: (what) => this.#watch(what),
    };
  }

  /** For all requests about one chart. */
  deadline(): Deadline {
    return new Deadline(limitsOf(timeLimitOf(this.#settings)), this.#context.interrupted);
  }

  /** What goes to the server of a URL: the credentials of a repository there, and its certificates or those of the options. */
  async accessTo(url: URL): Promise<Access> {
    const access = await this.#accessOf(repositoryFor(url, await this.repositories()));
    return isFor(this.#login, url) ? { ...access, headers: basicHeaders(this.#login) } : access;
  }

  /** The same, of a URL that the index of this repository names. */
  async accessFrom(repository: Repository, url: URL): Promise<Access> {
    const isItsServer = repository.url?.origin === url.origin;
    if (isItsServer || repository.passCredentialsAll) {
      const access = await this.#accessOf(repository);
      if (repository.username !== undefined) return access;
      // That a repository passes its credentials to all is no word about those of a command line.
      const login = isItsServer || isFor(this.#login, url) ? this.#login : undefined;
      return login === undefined ? access : { ...access, headers: basicHeaders(login) };
    }
    return await this.accessTo(url);
  }

  /** The repositories of the user. @throws InputError if the file with them cannot be read */
  async repositories(): Promise<readonly Repository[]> {
    return [...this.#handed, ...(await (this.#repositories ??= readRepositories(this.#context)))];
  }

  /** Takes a repository that is in no file: what it has for its server comes before what files have. */
  add(repository: Repository): void {
    this.#handed.push(repository);
  }

  /** The Helm that called this program. @throws UsageError if none did */
  helm(): UsersHelm {
    const otherwise = '; or name the chart by the URL of its archive, or by its exact version in a registry';
    return requireHelm(this.#context, 'that resolves this chart', otherwise);
  }

  /** A repository of a registry, with the credentials that Helm and Docker keep. */
  async repository(name: RepositoryName, deadline: Deadline): Promise<RemoteRepository> {
    this.#registries ??= this.#openRegistries();
    return await (await this.#registries).repository(name, deadline);
  }

  #watch(what: string): (bytes?: number) => void {
    const progress = startProgress(this.#context);
    let text = `fetching ${what}`;
    const show = () => {
      progress.show(text);
    };
    // A server that gives nothing, and a Helm that says nothing, are waited for as well.
    const timer = this.#context.stderr.isTerminal ? setInterval(show, 1000).unref() : undefined;
    return (bytes) => {
      if (bytes === undefined) {
        clearInterval(timer);
        progress.clear();
      } else {
        text = `fetching ${what}: ${Math.floor(bytes / 1e6)} MB`;
        show();
      }
    };
  }

  async #openRegistries(): Promise<Registries> {
    const isTlsRequired = (['caFile', 'certFile'] as const).some((name) => this.#settings.has(name));
    // Loaded for those who name a registry.
    const { openRegistries } = await import('./registries.ts');
    return openRegistries(this.#http, this.#context, {
      isPlainForced: this.#settings.has('plainHttp'),
      isTlsRequired,
      authorities: await this.#identityFor(undefined),
      login: this.#login,
    });
  }

  /** Closes connections, and removes what was fetched. */
  async close(): Promise<void> {
    this.#http.close();
    await this.#downloads.remove();
  }

  async #accessOf(repository: Repository | undefined): Promise<Access> {
    const { username, password } = repository ?? {};
    const hasCredentials = username !== undefined || password !== undefined;
    return {
      headers: hasCredentials ? basicHeaders(repository ?? {}) : {},
      authorities: await this.#identityFor(repository),
    };
  }

  async #identityFor(repository: Repository | undefined): Promise<Authorities | undefined> {
    const known =
      this.#identities.get(repository) ?? clientIdentity(this.#settings, this.#context, repository);
    this.#identities.set(repository, known);
    return await known;
  }
}

/** Whether a user and a password that were given may go to the server of a URL. */
function isFor(login: Login | undefined, url: URL): login is Login {
  return login !== undefined && (login.passesToAll || login.place === url.origin);
}

function basicHeaders({
  username = '',
  password = '',
}: Pick<Repository, 'username' | 'password'>): Record<string, string> {
  return { authorization: basicAuthorization(username, password) };
}
