import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Helm } from '../../scripts/fetch-helm.mjs';
import { isStandalone } from './product.ts';

export interface Outcome {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

type Environment = Readonly<Record<string, string>>;

/**
 * Variables of every Helm that tests start. It runs for a moment: to collect garbage in it took a third of its time. It
 * still does where there is much.
 */
export const FOR_A_MOMENT: Environment = { GOGC: 'off', GOMEMLIMIT: '512MiB' };

/** Makes a directory whose `node` and `bun` only fail, for the beginning of a PATH. */
async function withoutNode(directory: string): Promise<string> {
  const programs = path.join(directory, 'no runtimes');
  await mkdir(programs);
  for (const name of ['node', 'bun'])
    await writeFile(path.join(programs, name), `#!/bin/sh\necho "${name} was started" >&2\nexit 97\n`, {
      mode: 0o755,
    });
  return programs;
}

/** Makes a directory with Helm and nothing else, for the whole of a PATH. */
async function onlyHelm(helm: Helm, directory: string): Promise<string> {
  const programs = path.join(directory, 'only helm');
  await mkdir(programs);
  await symlink(helm.path, path.join(programs, 'helm'));
  return programs;
}

/** A user of one Helm, with directories and an environment of their own. */
export class HelmSite {
  private constructor(
    private readonly helm: Helm,
    /** An absolute path with blanks in it, because such paths exist. */
    readonly directory: string,
    readonly env: Environment,
  ) {}

  static async create(helm: Helm): Promise<HelmSite> {
    const site = await HelmSite.withoutPath(helm);
    const first = isStandalone() ? await withoutNode(site.directory) : path.dirname(process.execPath);
    return site.withVariables({ PATH: `${first}${path.delimiter}${process.env['PATH'] ?? ''}` });
  }

  /** A user who has no other program than Helm: no Node, no shell, no tar. Helm is started by its bare name. */
  static async alone(helm: Helm): Promise<HelmSite> {
    const site = await HelmSite.withoutPath({ ...helm, path: 'helm' });
    return site.withVariables({ PATH: await onlyHelm(helm, site.directory) });
  }

  private static async withoutPath(helm: Helm): Promise<HelmSite> {
    const directory = await mkdtemp(path.join(tmpdir(), 'a helm site '));
    const places = ['HOME', 'HELM_DATA_HOME', 'HELM_CACHE_HOME', 'HELM_CONFIG_HOME', 'GNUPGHOME'];
    const homes = Object.fromEntries(places.map((name) => [name, path.join(directory, name)]));
    await Promise.all(Object.values(homes).map((home) => mkdir(home, { mode: 0o700 })));
    return new HelmSite(helm, directory, { ...homes, ...FOR_A_MOMENT });
  }

  /** The same user, with further variables. */
  private withVariables(env: Environment): HelmSite {
    return new HelmSite(this.helm, this.directory, { ...this.env, ...env });
  }

  /** Whether it is Helm 4, which knows verification of plugins. */
  get isHelm4(): boolean {
    return this.helm.version.startsWith('4.');
  }

  /** Where Helm puts the plugins of this user. */
  get plugins(): string {
    return path.join(this.directory, 'HELM_DATA_HOME', 'plugins');
  }

  /** Installs a packed plugin from a server; Helm 4 verifies its signature with the keyring. */
  async installFrom(url: string, keyring: string): Promise<Outcome> {
    return this.run(['plugin', 'install', url, ...(this.isHelm4 ? ['--keyring', keyring] : [])]);
  }

  /** Runs Helm in the directory of the site, whatever its exit status. */
  async run(argv: readonly string[], env: Environment = {}): Promise<Outcome> {
    const options = { cwd: this.directory, env: { ...this.env, ...env }, maxBuffer: 1 << 26 };
    return new Promise((resolve, reject) => {
      execFile(this.helm.path, argv, options, (error, stdout, stderr) => {
        const status = error === null ? 0 : error.code;
        if (typeof status === 'number') resolve({ status, stdout, stderr });
        else reject(error ?? new Error('no exit status'));
      });
    });
  }

  /** Makes a fresh chart and packs it. Returns the name of the archive. @throws when Helm refuses. */
  async packageChart(name: string, options: readonly string[]): Promise<string> {
    for (const argv of [
      ['create', name],
      ['package', name, ...options],
    ]) {
      const { status, stderr } = await this.run(argv);
      if (status !== 0) throw new Error(`helm ${argv.join(' ')}: exit status ${status}: ${stderr}`);
    }
    return `${name}-0.1.0.tgz`;
  }

  async remove(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }
}
