import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { otherRuntime } from './standalone.ts';

const root = join(import.meta.dirname, '..', '..');
const runtime = otherRuntime() ?? process.execPath;

/** What a process said, where its streams were not sent elsewhere, and its exit status. */
export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The program as a process of its own, for what only a process has: descriptors, signals. */
export class BuiltProgram {
  private constructor(private readonly directory: string) {}

  static async make(): Promise<BuiltProgram> {
    const directory = await mkdtemp(join(tmpdir(), 'helm-sigstore-built-'));
    await build({
      stdin: {
        contents:
          "import { processContext, run } from './main.ts';\n" +
          'void run(process.argv.slice(2), processContext()).then((status) => { process.exitCode = status; });',
        resolveDir: join(root, 'src'),
        loader: 'ts',
      },
      outfile: join(directory, 'program.cjs'),
      // As scripts/build.mjs bundles it.
      alias: { openpgp: join(root, 'node_modules', 'openpgp', 'dist', 'lightweight', 'openpgp.mjs') },
      ...{ bundle: true, platform: 'node', format: 'cjs' },
    });
    return new BuiltProgram(directory);
  }

  async remove(): Promise<void> {
    await rm(this.directory, { recursive: true });
  }

  /** Starts it, with these variables and no others. Whoever starts it waits for its end. */
  start(argv: readonly string[], options: { cwd?: string; env?: Record<string, string> }): ChildProcess {
    const env = { PATH: process.env['PATH'], HOME: this.directory, ...options.env };
    const stdio = ['ignore', 'pipe', 'pipe'] as const;
    return spawn(runtime, [join(this.directory, 'program.cjs'), ...argv], {
      ...options,
      env,
      stdio: [...stdio],
    });
  }

  /**
   * Runs it in a shell to its end.
   * @param redirections in the shell's words, such as `>/dev/full`
   * @param before what the shell does first, such as `ulimit -f 1`
   */
  async run(argv: readonly string[], redirections = '', before = ':'): Promise<Ended> {
    const script = `${before}; "$0" "$@" ${redirections}`;
    const program = join(this.directory, 'program.cjs');
    const child = spawn('sh', ['-c', script, runtime, program, ...argv], {
      env: { PATH: process.env['PATH'], HOME: this.directory },
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    const [status] = (await once(child, 'close')) as [number | null];
    return { status, stdout, stderr };
  }
}
