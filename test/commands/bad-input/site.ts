import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExitStatus } from '../../../src/cli/exit-status.ts';
import { chartArchive } from '../../support/chart.ts';
import type { Ran } from '../../support/program.ts';
import type { Workshop } from '../workshop.ts';

/** The commands that a bad input is given to. */
export type Command = 'upload' | 'verify' | 'search' | 'inspect' | 'log pin';

/** Something that no command can work with, and what the program says of it. */
export interface BadInput {
  readonly input: string;
  readonly commands: readonly Command[];
  /** Makes the good input of a site bad. */
  readonly stage: (site: Site) => unknown;
  readonly status: ExitStatus;
  /** The whole error, but for `Error: `. */
  readonly error: RegExp;
  /** The whole hint; none: there is no line with one. */
  readonly hint?: RegExp;
}

export const CHART = 'hello-0.1.0.tgz';
export const PROVENANCE = `${CHART}.prov`;

/** A working directory with a signed chart and a keyring, and a log: all good at first. */
export class Site {
  /** The address of the log. */
  server: string;
  keyring = 'keyring.gpg';
  /** Further options of commands that talk to a log. */
  options: string[] = [];

  private constructor(
    readonly workshop: Workshop,
    readonly directory: string,
    readonly archive: Uint8Array,
    /** The text of the provenance file. */
    readonly provenance: string,
  ) {
    this.server = workshop.log.url;
  }

  static async open(workshop: Workshop): Promise<Site> {
    const directory = await mkdtemp(join(workshop.directory, 'site-'));
    const archive = await chartArchive('hello', '0.1.0');
    const provenance = await workshop.publisher.sign('hello', '0.1.0', archive);
    const site = new Site(workshop, directory, archive, Buffer.from(provenance).toString());
    await mkdir(join(directory, 'home'));
    await site.write(CHART, archive);
    await site.write(PROVENANCE, provenance);
    await site.write(site.keyring, workshop.publisher.certificate);
    return site;
  }

  async write(name: string, content: Uint8Array | string): Promise<void> {
    await writeFile(join(this.directory, name), content);
  }

  async remove(name: string): Promise<void> {
    await rm(join(this.directory, name));
  }

  /** Puts a directory in the place of a file. */
  async makeDirectory(name: string): Promise<void> {
    await this.remove(name);
    await mkdir(join(this.directory, name));
  }

  /** Puts another archive in the place of the chart, signed by the publisher all the same. */
  async writeSigned(archive: Uint8Array): Promise<void> {
    await this.write(CHART, archive);
    await this.write(PROVENANCE, await this.workshop.publisher.sign('hello', '0.1.0', archive));
  }

  /** Signs a text in the place of the provenance. */
  async writeSignedText(text: string): Promise<void> {
    await this.write(PROVENANCE, await this.workshop.publisher.signText(text));
  }

  /** Runs a command in the directory of the site, which is the working directory of the process meanwhile. */
  async run(command: Command): Promise<Ran> {
    const log = ['--rekor-server', this.server, '--rekor-public-key', this.workshop.log.publicKeyPath];
    const keys = ['--keyring', this.keyring];
    const argv = {
      upload: ['upload', CHART, ...log, ...keys, ...this.options],
      verify: ['verify', CHART, ...log, ...keys, ...this.options],
      search: ['search', CHART, ...log, ...this.options],
      inspect: ['inspect', CHART, ...keys],
      'log pin': ['log', 'pin', this.server, ...this.options],
    };
    const before = process.cwd();
    process.chdir(this.directory);
    try {
      return await this.workshop.run(argv[command], { home: join(this.directory, 'home') });
    } finally {
      process.chdir(before);
    }
  }

  /** Every file and directory of the site, with the digest of its content. */
  async content(): Promise<string[]> {
    const entries = await readdir(this.directory, { recursive: true, withFileTypes: true });
    const lines = entries.map(async (entry) => {
      const path = join(entry.parentPath, entry.name);
      const bytes = entry.isFile() ? await readFile(path) : '';
      return `${path} ${createHash('sha256').update(bytes).digest('hex')}`;
    });
    return (await Promise.all(lines)).sort();
  }
}
