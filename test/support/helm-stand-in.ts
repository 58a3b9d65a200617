import { chmod, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

/** What the stand-in of Helm does when it is told to pull. */
export interface Pulling {
  /** What it puts into the destination, by name. */
  readonly files?: Readonly<Record<string, Uint8Array>>;
  readonly stdout?: string;
  readonly stderr?: string;
  readonly status?: number;
  /** What one of its plugins puts where our downloader notes a refusal. */
  readonly refusal?: string;
  /** Goes on until it is killed, with a child of its own. */
  readonly hangs?: boolean;
}

/** A program in place of Helm, for tests of what we ask of Helm and make of its answers. The real ones are in test/e2e. */
export class HelmStandIn {
  private constructor(
    /** For `HELM_BIN`. */
    readonly program: string,
    private readonly directory: string,
  ) {}

  static async create(directory: string): Promise<HelmStandIn> {
    const program = join(directory, 'helm');
    await writeFile(program, `#!${process.execPath}\n${SCRIPT}`);
    await chmod(program, 0o755);
    return new HelmStandIn(program, directory);
  }

  /** Nor is anything known of calls before. */
  async willPull({ files = {}, ...rest }: Pulling): Promise<void> {
    await rm(join(this.directory, 'called.json'), { force: true });
    const encoded = Object.entries(files).map(([name, bytes]) => [
      name,
      Buffer.from(bytes).toString('base64'),
    ]);
    await writeFile(join(this.directory, 'pulling.json'), JSON.stringify({ ...rest, files: encoded }));
  }

  /** The words and the environment of its last call, and the ID of its own child. */
  async called(): Promise<{
    readonly argv: readonly string[];
    readonly env: Readonly<Record<string, string>>;
    readonly child?: number;
  }> {
    return JSON.parse(await readFile(join(this.directory, 'called.json'), 'utf8')) as never;
  }

  /** Whether it was called, and has come so far that it has a child where it hangs. */
  async wasCalled(): Promise<boolean> {
    return await this.called().then(
      () => true,
      () => false,
    );
  }

  /** Resolves when it was called. */
  async untilCalled(): Promise<void> {
    while (!(await this.wasCalled())) await setTimeout(10);
  }
}

const SCRIPT = `
const fs = require('node:fs'), path = require('node:path'), { spawn } = require('node:child_process');
const here = path.dirname(process.argv[1]);
const { files, stdout = '', stderr = '', status = 0, refusal, hangs } = JSON.parse(fs.readFileSync(path.join(here, 'pulling.json')));
const argv = process.argv.slice(2);
const child = hangs ? spawn('sleep', ['60']).pid : undefined;
fs.writeFileSync(path.join(here, 'called.json'), JSON.stringify({ argv, env: process.env, child }));
const into = argv[argv.indexOf('--destination') + 1];
for (const [name, bytes] of files) fs.writeFileSync(path.join(into, name), Buffer.from(bytes, 'base64'));
if (refusal !== undefined) fs.writeFileSync(process.env.HELM_SIGSTORE_REFUSAL_FILE, refusal);
process.stdout.write(stdout);
process.stderr.write(stderr);
if (hangs) setInterval(() => undefined, 1000);
else process.exitCode = status;
`;
