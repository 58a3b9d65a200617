import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TreeMemory } from '../../src/history/tree-memory.ts';
import { runProgram, type Ran } from '../support/program.ts';
import { Scene } from '../verification/scene.ts';
import { chartAnswer, type ChartAnswer } from '../verification/verdicts.ts';

/** What a run said of the chart, what it said beside, and what it asked the log. */
export interface Round extends ChartAnswer {
  readonly stderr: string;
  /** `METHOD /path` of each request. */
  readonly asked: readonly string[];
  readonly conflicts: readonly Conflict[] | undefined;
}

interface Conflict {
  readonly reason: string;
  readonly before: string;
  readonly now: string;
  readonly path?: string;
}

/** Somebody who looks at the chart of a scene again and again, and remembers what the log showed. */
export class User {
  constructor(
    readonly scene: Scene,
    /** The state directory. */
    readonly state = join(scene.directory, 'state'),
  ) {}

  /** A user of a log that has the chart, and whose server has the user's time. */
  static async open(): Promise<User> {
    const scene = await Scene.open();
    scene.later = 0;
    scene.logChart();
    scene.log.fill(5);
    scene.server.intercept = (_, response) => {
      response.setHeader('date', new Date(scene.now * 1000).toUTCString());
      return false;
    };
    return new User(scene);
  }

  get history(): string {
    return join(this.state, 'history');
  }

  /** The file in which the active tree is remembered. */
  get file(): string {
    const { treeId, keys } = this.scene.log.active;
    return join(this.history, keys.key.logId, `${treeId}.json`);
  }

  /** Runs a command over the chart. */
  async run(command: 'verify' | 'upload' = 'verify', ...options: readonly string[]): Promise<Round> {
    const { chart, server } = this.scene;
    const asked = server.seen.length;
    const ran = await this.#run([command, chart.path, '--keyring', chart.keyring, ...options]);
    const { conflicts } = JSON.parse(ran.stdout) as Partial<Round>;
    const seen = server.seen.slice(asked);
    return { ...chartAnswer(ran), stderr: ran.stderr, asked: seen, conflicts };
  }

  /** Searches for the chart. */
  async search(): Promise<Ran> {
    return await this.#run(['search', this.scene.chart.path]);
  }

  /** Asks for the trees of the log. */
  async info(...options: readonly string[]): Promise<Ran> {
    return await this.#run(['log', 'info', ...options]);
  }

  /** What is remembered of the active tree, as it stands in its file. */
  async remembered(): Promise<{ readonly size: number } & Pick<TreeMemory, 'servers' | 'offset'> & Times> {
    const { checkpoints, ...rest } = JSON.parse(await readFile(this.file, 'utf8')) as Stored;
    return { size: Number(checkpoints[0]?.split('\n')[1]), ...rest };
  }

  /** Puts something else into the file in which the active tree is remembered. */
  async damage(content: string): Promise<void> {
    await mkdir(join(this.file, '..'), { recursive: true });
    await writeFile(this.file, content);
  }

  /** The names of the files with evidence. */
  async evidence(): Promise<readonly string[]> {
    return await readdir(join(this.history, 'conflicts')).catch(() => []);
  }

  async #run(argv: readonly string[]): Promise<Ran> {
    const { server, trust, now, options } = this.scene;
    return await runProgram(
      [...argv, '--rekor-server', server.url, '--output', 'json', ...trust, ...options],
      {
        now,
        random: () => 0,
        env: { HELM_SIGSTORE_HOME: this.state },
      },
    );
  }
}

interface Times {
  readonly sightings: readonly { readonly size: number; readonly seen: string }[];
}

interface Stored extends Pick<TreeMemory, 'servers' | 'offset'>, Times {
  readonly checkpoints: readonly string[];
}
