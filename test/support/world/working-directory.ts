import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { chartArchive } from '../chart.ts';
import type { Ran } from '../program.ts';
import { Folder } from './folder.ts';
import { User } from './user.ts';
import type { World } from './world.ts';

export const CHART = 'hello-0.1.0.tgz';
export const PROVENANCE = `${CHART}.prov`;

/** The working directory of a user, with a signed chart and a keyring, and a log: all good at first. */
export class WorkingDirectory extends Folder {
  /** The address of the log. */
  server: string;
  readonly user: User;

  private constructor(
    readonly world: World,
    directory: string,
    readonly archive: Uint8Array,
    /** The text of the provenance file. */
    readonly provenance: string,
  ) {
    super(directory);
    this.server = world.log.url;
    this.user = new User(join(directory, 'home'), ['keyring.gpg'], world.user.trust);
  }

  /** A new one, below the folder of a world, with a chart by its publisher. */
  static async open(world: World): Promise<WorkingDirectory> {
    const directory = await mkdtemp(join(world.directory, 'site-'));
    const archive = await chartArchive('hello', '0.1.0');
    const provenance = await world.publisher.sign('hello', '0.1.0', archive);
    const made = new WorkingDirectory(world, directory, archive, Buffer.from(provenance).toString());
    await made.subdirectory('home');
    await made.write(CHART, archive);
    await made.write(PROVENANCE, provenance);
    await made.write('keyring.gpg', world.publisher.certificate);
    return made;
  }

  /** Puts another archive in the place of the chart, signed by the publisher all the same. */
  async writeSigned(archive: Uint8Array): Promise<void> {
    await this.write(CHART, archive);
    await this.write(PROVENANCE, await this.world.publisher.sign('hello', '0.1.0', archive));
  }

  /** Signs a text in the place of the provenance. */
  async writeSignedText(text: string): Promise<void> {
    await this.write(PROVENANCE, await this.world.publisher.signText(text));
  }

  /** Runs a command line as the user, in this directory, which is the working directory of the process meanwhile. */
  async run(argv: readonly string[]): Promise<Ran> {
    const before = process.cwd();
    process.chdir(this.directory);
    try {
      return await this.user.run(argv);
    } finally {
      process.chdir(before);
    }
  }
}
