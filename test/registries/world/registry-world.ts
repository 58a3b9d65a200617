import path from 'node:path';
import type { Helm } from '../../../scripts/fetch-helm.mjs';
import type { RegistryBinaries } from '../../../scripts/fetch-registries.mjs';
import { serveFiles, type FileServer } from '../../e2e/file-server.ts';
import type { Release } from '../../e2e/global-setup.ts';
import { World } from '../../support/world/world.ts';
import { publish, repositories, type Addresses } from './addresses.ts';
import { Charts } from './charts.ts';
import { HelmUser } from './helm-user.ts';
import { startPlaces, type Places } from './places.ts';

/** What the global setup has. */
export interface Given {
  readonly binaries: RegistryBinaries;
  readonly release: Release;
  readonly helms: readonly Helm[];
}

/** A log, charts, every server that has them, and users of each Helm, for a file of tests. */
export class RegistryWorld {
  private readonly users: HelmUser[] = [];

  private constructor(
    private readonly given: Given,
    readonly world: World,
    readonly charts: Charts,
    readonly places: Places,
    readonly at: Addresses,
    private readonly plugin: FileServer,
  ) {}

  static async open(given: Given): Promise<RegistryWorld> {
    const world = await World.open();
    const places = await startPlaces(world, given.binaries);
    const charts = await Charts.make(world);
    const publisher = await HelmUser.create(helmThatPushes(given.helms), world, places);
    const at = await publish(charts, places, publisher);
    await publisher.remove();
    const plugin = await serveFiles(path.dirname(given.release.archive));
    return new RegistryWorld(given, world, charts, places, at, plugin);
  }

  /** Somebody with this Helm and the plugin in it. */
  async user(helm: Helm): Promise<HelmUser> {
    const { world, places, plugin, given } = this;
    const user = await HelmUser.create(helm, world, places, repositories(places));
    this.users.push(user);
    const { archive, keyring } = given.release;
    await user.install(`${plugin.url}/${path.basename(archive)}`, keyring);
    return user;
  }

  async close(): Promise<void> {
    await Promise.all(this.users.map((user) => user.remove()));
    await this.plugin.close();
    await this.places.stop();
    await this.world.close();
  }
}

/** 3.18.0 cannot push. */
function helmThatPushes(helms: readonly Helm[]): Helm {
  const [helm] = helms.filter(({ version }) => version !== '3.18.0').slice(-1);
  if (helm === undefined) throw new Error('no Helm that can push');
  return helm;
}
