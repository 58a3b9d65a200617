import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { GnupgHome } from '../support/gnupg.ts';
import { Plugin } from './clients/plugin.ts';
import { RekorCli } from './clients/rekor-cli.ts';
import type { Interop } from './global-setup.ts';
import { createPublishers, publish, type Kind, type PublishedChart, type Publisher } from './publishers.ts';

/** Publishers, and a user of each client, with a folder for charts. */
export class Scene {
  private charts = 0;

  private constructor(
    private readonly directory: string,
    private readonly home: GnupgHome,
    readonly publishers: Readonly<Record<Kind, Publisher>>,
    readonly plugin: Plugin,
    readonly rekorCli: RekorCli,
  ) {}

  static async open({ launcher, binaries }: Interop): Promise<Scene> {
    const home = await GnupgHome.create();
    return new Scene(
      await mkdtemp(path.join(tmpdir(), 'interop-scene-')),
      home,
      await createPublishers(home, Math.floor(Date.now() / 1000)),
      await Plugin.create(launcher),
      await RekorCli.create(binaries.cli),
    );
  }

  /** A new chart, signed with a key of this kind. */
  async chart(kind: Kind): Promise<PublishedChart> {
    this.charts += 1;
    return await publish(this.directory, this.publishers[kind], `chart-${this.charts}`);
  }

  async close(): Promise<void> {
    await Promise.all([this.plugin.remove(), this.rekorCli.remove(), this.home.remove()]);
    await rm(this.directory, { recursive: true, force: true });
  }
}
