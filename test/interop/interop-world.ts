import { GnupgHome } from '../support/gnupg.ts';
import { Folder } from '../support/world/folder.ts';
import { Plugin } from './clients/plugin.ts';
import { RekorCli } from './clients/rekor-cli.ts';
import type { Interop } from './global-setup.ts';
import { createPublishers, publish, type Kind, type PublishedChart, type Publisher } from './publishers.ts';

/** A folder for charts, publishers with keys of every kind, and a user of each client. */
export class InteropWorld extends Folder {
  private charts = 0;

  private constructor(
    { directory }: Folder,
    private readonly home: GnupgHome,
    readonly publishers: Readonly<Record<Kind, Publisher>>,
    readonly plugin: Plugin,
    readonly rekorCli: RekorCli,
  ) {
    super(directory);
  }

  static async open({ launcher, binaries }: Interop): Promise<InteropWorld> {
    const home = await GnupgHome.create();
    return new InteropWorld(
      await Folder.create(),
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

  override async close(): Promise<void> {
    await Promise.all([this.plugin.remove(), this.rekorCli.remove(), this.home.remove()]);
    await super.close();
  }
}
