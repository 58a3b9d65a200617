import { writeSignedChart, type ChartOnDisk } from '../chart.ts';
import { startTestLog, type TestLog } from '../log.ts';
import type { Ran, Surroundings } from '../program.ts';
import { createSigner, type TestSigner } from '../signer.ts';
import { Folder } from './folder.ts';
import { User } from './user.ts';

/** A chart, and where the log has it. */
interface LoggedChart extends ChartOnDisk {
  readonly uuid: string;
  readonly index: number;
}

/** A folder for charts, a publisher who is also the user, and the embedded log, for a file of tests. */
export class World extends Folder {
  private constructor(
    { directory }: Folder,
    readonly publisher: TestSigner,
    readonly log: TestLog,
    readonly user: User,
    /** The file with the publisher's certificate. */
    readonly keyring: string,
  ) {
    super(directory);
  }

  static async open(): Promise<World> {
    const folder = await Folder.create();
    const publisher = await createSigner();
    const log = await startTestLog();
    const keyring = await folder.write('keyring.gpg', publisher.certificate);
    const trust = ['--rekor-public-key', log.publicKeyPath];
    return new World(
      folder,
      publisher,
      log,
      new User(await folder.subdirectory('home'), [keyring], trust),
      keyring,
    );
  }

  override async close(): Promise<void> {
    await this.log.close();
    await super.close();
  }

  /** The options that name the log, or a server before it, and make its key trusted. */
  trusting(server: { readonly url: string } = this.log): string[] {
    return this.user.trusting(server);
  }

  /** The same, and the publisher's keyring. */
  knowing(server: { readonly url: string } = this.log): string[] {
    return this.user.knowing(server);
  }

  /** A new chart, signed by the publisher or somebody else. */
  async chart(name: string, signer = this.publisher): Promise<ChartOnDisk> {
    return await writeSignedChart(await this.subdirectory(name), signer, { name });
  }

  /** A chart that the log has, and nothing beside it that says so. */
  async loggedChart(name: string): Promise<LoggedChart> {
    return await this.#logged(name, ['--no-evidence']);
  }

  /** A chart that the log has, with its evidence beside it. */
  async keptChart(name: string): Promise<LoggedChart & { readonly evidence: string }> {
    const chart = await this.#logged(name, []);
    return { ...chart, evidence: `${chart.path}.rekor.json` };
  }

  async #logged(name: string, options: readonly string[]): Promise<LoggedChart> {
    const chart = await this.chart(name);
    const { stdout } = await this.run(['upload', chart.path, ...options, ...this.knowing()]);
    const [, index, uuid = ''] =
      /^\nCreated Helm entry at index ([0-9]+), .*\/([0-9a-f]{80})\n/.exec(stdout) ?? [];
    return { ...chart, uuid, index: Number(index) };
  }

  /** Runs the program as the user. */
  async run(argv: readonly string[], surroundings: Surroundings = {}): Promise<Ran> {
    return await this.user.run(argv, surroundings);
  }

  /** The same, with the log and the publisher's keyring, as `knowing` names them. */
  async runKnowing(...argv: readonly string[]): Promise<Ran> {
    return await this.run([...argv, ...this.knowing()]);
  }
}
