import { createHash } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { chartArchive } from '../../support/chart.ts';
import { createSigner, type TestSigner } from '../../support/signer.ts';
import type { World } from '../../support/world/world.ts';

/** A chart as its publisher has it. */
export interface MadeChart {
  /** `NAME-VERSION`. */
  readonly id: string;
  readonly name: string;
  readonly version: string;
  readonly archive: Uint8Array;
  /** Of the archive, in hexadecimal. */
  readonly sha256: string;
  readonly provenance: Uint8Array | undefined;
  /** What was kept when it was uploaded to the log. */
  readonly evidence: Uint8Array | undefined;
  /** Of the archive; provenance and evidence are beside it. */
  readonly path: string;
}

/** Those that the log has. The newest comes neither last by name nor by time. */
const LOGGED = [
  ['hello', '0.1.0'],
  ['hello', '0.2.0'],
  ['hello', '1.10.0'],
  ['hello', '1.2.3+build.5'],
  ['hello', '1.9.0'],
  ['hello', '2.0.0-rc.1'],
  ['other', '0.1.0'],
] as const;

/** The charts of a test, by `NAME-VERSION`. */
export class Charts {
  private constructor(private readonly made: ReadonlyMap<string, MadeChart>) {}

  /**
   * Makes them in a folder of the world, and uploads those that the log shall have. `quiet` is signed and not logged,
   * `strange` is signed by somebody whose key the user does not have, `unsigned` is not signed.
   */
  static async make(world: World): Promise<Charts> {
    const directory = await world.subdirectory('charts');
    const stranger = await createSigner();
    const make = (name: string, version: string, signer?: TestSigner) =>
      writeChart(directory, name, version, signer);
    const logged: string[] = [];
    for (const [name, version] of LOGGED) logged.push(await make(name, version, world.publisher));
    const others = [
      await make('quiet', '0.1.0', world.publisher),
      await make('strange', '0.1.0', stranger),
      await make('unsigned', '0.1.0'),
    ];
    const { status, stderr } = await world.runKnowing('upload', ...logged);
    if (status !== 0) throw new Error(`upload: ${stderr}`);
    const made = await Promise.all([...logged, ...others].map(readChart));
    return new Charts(new Map(made.map((chart) => [chart.id, chart])));
  }

  /** @throws when there is none */
  get(id: string): MadeChart {
    const chart = this.made.get(id);
    if (chart === undefined) throw new Error(`no chart ${id}`);
    return chart;
  }

  all(): MadeChart[] {
    return [...this.made.values()];
  }
}

async function writeChart(
  directory: string,
  name: string,
  version: string,
  signer?: TestSigner,
): Promise<string> {
  const archive = await chartArchive(name, version);
  const file = path.join(directory, `${name}-${version}.tgz`);
  await writeFile(file, archive);
  if (signer !== undefined) await writeFile(`${file}.prov`, await signer.sign(name, version, archive));
  return file;
}

async function readChart(file: string): Promise<MadeChart> {
  const beside = (suffix: string) => readFile(file + suffix).catch(() => undefined);
  const id = path.basename(file, '.tgz');
  const dash = id.indexOf('-');
  const archive = await readFile(file);
  return {
    id,
    name: id.slice(0, dash),
    version: id.slice(dash + 1),
    archive,
    sha256: createHash('sha256').update(archive).digest('hex'),
    provenance: await beside('.prov'),
    evidence: await beside('.rekor.json'),
    path: file,
  };
}
