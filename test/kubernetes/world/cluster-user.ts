import { execFile } from 'node:child_process';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Helm } from '../../../scripts/fetch-helm.mjs';
import { HelmSite, type Outcome } from '../../e2e/helm-site.ts';
import type { Cluster } from '../cluster/cluster.ts';
import { heldOf, type Held } from './releases.ts';

type Environment = Readonly<Record<string, string>>;

interface ProgramOptions {
  readonly env?: Environment;
  readonly stdin?: string;
}

/** Somebody with one Helm who may do everything in a cluster. */
export class ClusterUser {
  private constructor(
    readonly helm: Helm,
    readonly site: HelmSite,
    private readonly cluster: Cluster,
    private readonly env: Environment,
  ) {}

  /** @param env further variables of everything that is run */
  static async create(helm: Helm, cluster: Cluster, env: Environment = {}): Promise<ClusterUser> {
    const user = new ClusterUser(helm, await HelmSite.create(helm), cluster, env);
    await mkdir(user.temporary);
    return user;
  }

  /** Where programs put what they need for a moment. */
  private get temporary(): string {
    return path.join(this.site.directory, 'temporary');
  }

  /** `helm …` */
  async run(argv: readonly string[], env: Environment = {}): Promise<Outcome> {
    return await this.site.run(argv, { ...this.variables(), ...env });
  }

  /** Another program, which finds this Helm on its path. */
  async runProgram(argv: readonly string[], { env = {}, stdin = '' }: ProgramOptions = {}): Promise<Outcome> {
    const [program = '', ...words] = argv;
    const PATH = [path.dirname(this.helm.path), this.site.env['PATH']].join(path.delimiter);
    const options = {
      cwd: this.site.directory,
      env: { ...this.site.env, ...this.variables(), PATH, ...env },
    };
    return await new Promise((resolve, reject) => {
      const child = execFile(program, words, options, (error, stdout, stderr) => {
        const status = error === null ? 0 : error.code;
        if (typeof status === 'number') resolve({ status, stdout, stderr });
        else reject(error ?? new Error('no exit status'));
      });
      // A program that reads nothing may have ended.
      child.stdin?.on('error', () => undefined).end(stdin);
    });
  }

  /** The same, for what has to work. @throws with what Helm says, when it does not */
  async succeed(argv: readonly string[]): Promise<Outcome> {
    const outcome = await this.run(argv);
    const { status, stdout, stderr } = outcome;
    if (status !== 0) throw new Error(`helm ${argv.join(' ')}: exit status ${status}: ${stderr}${stdout}`);
    return outcome;
  }

  /** What programs left where they put something for a moment. */
  async left(): Promise<string[]> {
    return await readdir(this.temporary);
  }

  /** Writes a file where commands run. */
  async write(name: string, content: Uint8Array | string): Promise<string> {
    const file = path.join(this.site.directory, name);
    await writeFile(file, content);
    return file;
  }

  /** A name for a namespace that no other Helm uses. */
  namespace(purpose: string): string {
    return `${purpose}-${this.helm.version.replaceAll('.', '-')}`;
  }

  /** What the cluster holds of a release. */
  async held(namespace: string, release: string): Promise<Held> {
    return await heldOf(this.cluster, namespace, release);
  }

  private variables(): Environment {
    return { KUBECONFIG: this.cluster.kubeconfig, TMPDIR: this.temporary, ...this.env };
  }

  async remove(): Promise<void> {
    await this.site.remove();
  }
}
