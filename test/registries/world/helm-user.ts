import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Helm } from '../../../scripts/fetch-helm.mjs';
import { dump } from 'js-yaml';
import { HelmSite, type Outcome } from '../../e2e/helm-site.ts';
import type { World } from '../../support/world/world.ts';
import { installDownloader } from './downloader.ts';
import { logins } from './logins.ts';
import { READER, type Places } from './places.ts';

/** A repository, as `helm repo add` would name it. */
export interface NamedRepository {
  readonly name: string;
  readonly url: string;
  /** Speaks TLS, with the authority of the test, and wants the reader's password. */
  readonly isGuarded?: boolean;
}

/** What `helm pull` brought. */
export interface Pulled {
  /** Of the archive; undefined when it brought none. */
  readonly sha256: string | undefined;
  /** What Helm printed. */
  readonly said: string;
}

type Environment = Readonly<Record<string, string>>;

/** Somebody with one Helm, who is logged in to every registry, and has added repositories. */
export class HelmUser {
  private constructor(
    readonly helm: Helm,
    private readonly site: HelmSite,
    private readonly world: World,
  ) {}

  static async create(
    helm: Helm,
    world: World,
    places: Places,
    repositories: readonly NamedRepository[] = [],
  ): Promise<HelmUser> {
    const site = await HelmSite.create(helm);
    const user = new HelmUser(helm, site, world);
    const configuration = path.join(site.directory, 'HELM_CONFIG_HOME');
    await Promise.all([mkdir(user.temporary), mkdir(path.join(configuration, 'registry'))]);
    await writeFile(path.join(configuration, 'registry', 'config.json'), logins(places));
    if (repositories.length === 0) return user;
    await writeFile(path.join(configuration, 'repositories.yaml'), added(places, repositories));
    orThrow(await user.run(['repo', 'update']));
    return user;
  }

  /** Where the plugin may put what it needs for a moment. */
  get temporary(): string {
    return path.join(this.directory, 'temporary');
  }

  /** Where commands run. */
  get directory(): string {
    return this.site.directory;
  }

  /** Installs the packed plugin from a server, and a downloader plugin beside it. @throws with what Helm says, when it refuses */
  async install(url: string, keyring: string): Promise<void> {
    orThrow(await this.site.installFrom(url, keyring));
    await installDownloader(this.site.plugins);
  }

  /** `helm …` */
  async run(argv: readonly string[], env: Environment = {}): Promise<Outcome> {
    return await this.site.run(argv, env);
  }

  /** `helm sigstore …`, with a log, its key and the publisher's keyring in variables. */
  async sigstore(argv: readonly string[], log: { readonly url: string } = this.world.log): Promise<Outcome> {
    return await this.run(['sigstore', ...argv], {
      TMPDIR: this.temporary,
      REKOR_SERVER: log.url,
      SIGSTORE_REKOR_PUBLIC_KEY: this.world.log.publicKeyPath,
      KEYRING: this.world.keyring,
    });
  }

  /** `helm pull …` into an empty directory, with an empty cache of contents. */
  async pull(words: readonly string[]): Promise<Pulled> {
    const directory = await mkdtemp(path.join(this.directory, 'pull-'));
    const to = path.join(directory, 'to');
    await mkdir(to);
    const env = { HELM_CONTENT_CACHE: path.join(directory, 'contents') };
    const { stdout, stderr } = await this.run(['pull', ...words, '-d', to], env);
    const files = await readdir(to);
    const [file] = files;
    const sha256 = file === undefined ? undefined : digest(await readFile(path.join(to, file)));
    await rm(directory, { recursive: true });
    if (files.length > 1) throw new Error(`helm pull ${words.join(' ')} brought ${files.join(' and ')}`);
    return { sha256, said: stdout + stderr };
  }

  async remove(): Promise<void> {
    await this.site.remove();
  }
}

/** Pushes a chart, and the provenance beside it. @throws with what Helm says, when it refuses */
export async function push(
  user: HelmUser,
  file: string,
  to: string,
  options: readonly string[],
): Promise<void> {
  orThrow(await user.run(['push', file, to, ...options]));
}

/** What `helm repo add` leaves of repositories. */
function added({ authority }: Places, repositories: readonly NamedRepository[]): string {
  const { user: username, password } = READER;
  const guarded = { username, password, caFile: authority };
  const entries = repositories.map(({ name, url, isGuarded }) => ({ name, url, ...(isGuarded && guarded) }));
  return dump({ apiVersion: '', generated: '0001-01-01T00:00:00Z', repositories: entries });
}

function orThrow({ status, stdout, stderr }: Outcome): void {
  if (status !== 0) throw new Error(`helm: exit status ${status}: ${stderr}${stdout}`);
}

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
