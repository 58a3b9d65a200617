import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

/** What is known of a referrer from the list that it stands in. */
export interface Discovered {
  readonly digest: string;
  readonly artifactType: string;
}

/** Another client of referrers, which knows nothing of charts. */
export class Oras {
  constructor(
    private readonly command: string,
    /** Its working directory and home. */
    readonly directory: string,
  ) {}

  /** One that works in a new folder of somebody's directory. */
  static async of(command: string, { directory }: { readonly directory: string }): Promise<Oras> {
    const own = path.join(directory, 'oras');
    await mkdir(own);
    return new Oras(command, own);
  }

  /** Attaches a file of the working directory, both the manifest and the layer with this type; returns its digest. */
  async attach(reference: string, type: string, file: string): Promise<string> {
    const answer = await this.#ask('attach', '--artifact-type', type, reference, `${file}:${type}`);
    return (answer as Discovered).digest;
  }

  /** What is attached, newest or oldest first as the registry has it. */
  async discover(reference: string): Promise<readonly Discovered[]> {
    const answer = await this.#ask('discover', reference);
    return (answer as { referrers?: readonly Discovered[] }).referrers ?? [];
  }

  async #ask(...argv: readonly string[]): Promise<unknown> {
    const env = { HOME: this.directory, PATH: process.env['PATH'] };
    const options = { cwd: this.directory, env };
    const { stdout } = await promisify(execFile)(
      this.command,
      [...argv, '--plain-http', '--format', 'json'],
      options,
    );
    return JSON.parse(stdout);
  }
}
