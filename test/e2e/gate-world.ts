import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Helm } from '../../scripts/fetch-helm.mjs';
import { ChartServer } from '../registries/servers/chart-server.ts';
import { serveRepository } from '../registries/world/chart-repository.ts';
import { Charts } from '../registries/world/charts.ts';
import { Started } from '../support/started.ts';
import { World } from '../support/world/world.ts';
import { serveFiles, type FileServer } from './file-server.ts';
import type { Release } from './global-setup.ts';
import { HelmSite, type Outcome } from './helm-site.ts';

/** Who may read what is guarded. */
export const READER = { user: 'reader', password: 'of all charts' } as const;

/** A log, charts, servers that have them, and users of Helm whose charts come through the gate. */
export class GateWorld {
  private constructor(
    readonly world: World,
    readonly charts: Charts,
    readonly server: ChartServer,
    readonly guarded: ChartServer,
    readonly elsewhere: ChartServer,
    private readonly plugin: FileServer,
    private readonly release: Release,
    private readonly started: Started,
  ) {}

  static async open(release: Release): Promise<GateWorld> {
    return await Started.whole(async (started) => {
      const serving = async (starting: Promise<ChartServer>) =>
        await started.add(starting, (server) => server.stop());
      const world = await started.add(World.open(), (opened) => opened.close());
      const charts = await Charts.make(world);
      const server = await serving(ChartServer.start());
      const guarded = await serving(ChartServer.start({ credentials: READER }));
      const elsewhere = await serving(ChartServer.start());
      const plugin = await started.add(serveFiles(path.dirname(release.archive)), (files) => files.close());
      await copyFile(world.log.publicKeyPath, path.join(world.directory, 'log.pem'));
      await copyFile(world.keyring, path.join(world.directory, 'publisher.gpg'));
      return new GateWorld(world, charts, server, guarded, elsewhere, plugin, release, started);
    });
  }

  /** A policy by which all charts of these places need the publisher's signature, and those of others nothing. */
  async policy(name: string, ...places: string[]): Promise<string> {
    const all = [this.server.url, this.guarded.url, ...places].map((place) => `"${place}/**"`);
    return await this.world.write(
      name,
      `version: 1
keys: [publisher.gpg]
logs: [{ url: "${this.world.log.url}", publicKeys: [log.pem] }]
rules:
  - { name: guarded, charts: [${all.join(', ')}], signedBy: [{ openpgp: ${this.world.publisher.fingerprint} }] }
otherwise: allow
`,
    );
  }

  /** Serves all charts, and what is wrong with some repositories. */
  serve(): void {
    const { server, guarded, elsewhere, charts } = this;
    const all = charts.all();
    serveRepository(server, '/good', all);
    serveRepository(server, '/queried', all, { query: 'team=a' });
    serveRepository(elsewhere, '/files', all);
    serveRepository(server, '/absolute', all, { urls: (file) => [`${elsewhere.url}/files/${file}`] });
    serveRepository(server, '/forged', all, {
      urls: (file) => [`${file}#name=hello&version=0.1.0&digest=&url=x&by=sigstore`],
    });
    serveRepository(server, '/false-digest', all, { claims: () => ({ digest: '0'.repeat(64) }) });
    serveRepository(server, '/older', all, {
      claims: ({ version }) => (version === '0.1.0' ? { version: '3.0.0' } : {}),
    });
    serveRepository(server, '/renamed', all, {
      claims: ({ name }) => (name === 'other' ? { name: 'hello', version: '7.0.0' } : {}),
    });
    serveRepository(server, '/moved', all, { urls: (file) => [`${server.url}/away/${file}`] });
    for (const { id } of all)
      for (const suffix of ['', '.prov', '.rekor.json'])
        server.redirect(`/away/${id}.tgz${suffix}`, `${elsewhere.url}/files/${id}.tgz${suffix}`);
    serveRepository(guarded, '/charts', all);
    serveRepository(guarded, '/lent', all, { urls: (file) => [`${elsewhere.url}/files/${file}`] });
  }

  /** Somebody with this Helm, and the plugin in it. */
  async user(helm: Helm): Promise<GateUser> {
    const site = await HelmSite.create(helm);
    const user = new GateUser(helm, site);
    await this.started.add(user, (each) => each.remove());
    await mkdir(user.temporary);
    const { archive, keyring } = this.release;
    orThrow(await site.installFrom(`${this.plugin.url}/${path.basename(archive)}`, keyring));
    return user;
  }

  /** Installs the downloader as releases have it, and gives it the files of this policy. */
  async installDownloader({ site }: GateUser, policy: string): Promise<void> {
    const { downloader, keyring } = this.release;
    const configuration = path.join(site.directory, 'HELM_CONFIG_HOME', 'sigstore');
    await mkdir(configuration, { recursive: true });
    for (const name of ['publisher.gpg', 'log.pem'])
      await copyFile(path.join(this.world.directory, name), path.join(configuration, name));
    await copyFile(policy, path.join(configuration, 'policy.yaml'));
    orThrow(await site.installFrom(`${this.plugin.url}/${path.basename(downloader)}`, keyring));
  }

  async close(): Promise<void> {
    await this.started.end();
  }
}

/** Somebody who uses one Helm. */
export class GateUser {
  constructor(
    readonly helm: Helm,
    readonly site: HelmSite,
  ) {}

  /** Where the plugin may put what it needs for a moment. */
  get temporary(): string {
    return path.join(this.site.directory, 'temporary');
  }

  /** `helm …` */
  async run(...argv: readonly string[]): Promise<Outcome> {
    return await this.site.run(argv, { TMPDIR: this.temporary });
  }

  /** The same, which has to work. @throws with what Helm says */
  async do(...argv: readonly string[]): Promise<string> {
    return orThrow(await this.run(...argv)).stdout;
  }

  /** What `helm pull` brings, by file name, and what it says. */
  async pull(
    ...words: readonly string[]
  ): Promise<{ files: Record<string, Buffer>; said: string; status: number }> {
    const to = await mkdtemp(path.join(this.site.directory, 'pulled-'));
    const { status, stdout, stderr } = await this.run('pull', ...words, '-d', to);
    const names = await readdir(to);
    const files = Object.fromEntries(
      await Promise.all(names.map(async (name) => [name, await readFile(path.join(to, name))] as const)),
    );
    await rm(to, { recursive: true });
    return { files, said: stdout + stderr, status };
  }

  /** A directory of a chart that needs another one. */
  async parent(name: string, repository: string): Promise<string> {
    const directory = path.join(this.site.directory, name);
    await mkdir(directory);
    const needs = `dependencies:\n- {name: hello, version: ^0.1.0, repository: "${repository}"}\n`;
    await writeFile(
      path.join(directory, 'Chart.yaml'),
      `apiVersion: v2\nname: ${name}\nversion: 0.1.0\n${needs}`,
    );
    return directory;
  }

  async remove(): Promise<void> {
    await this.site.remove();
  }
}

function orThrow(outcome: Outcome): Outcome {
  const { status, stdout, stderr } = outcome;
  if (status !== 0) throw new Error(`helm: exit status ${status}: ${stderr}${stdout}`);
  return outcome;
}
