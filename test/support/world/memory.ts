import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { SeenTree } from '../../../src/history/seen-tree.ts';
import type { HostileLog } from '../hostile-log.ts';

/** What a user remembers of a log, in the directory of their state. */
export class Memory {
  constructor(
    readonly state: string,
    readonly log: HostileLog,
  ) {}

  get history(): string {
    return join(this.state, 'history');
  }

  /** The file in which the active tree is remembered. */
  get file(): string {
    const { treeId, keys } = this.log.active;
    return join(this.history, keys.key.logId, `${treeId}.json`);
  }

  /** What is remembered of the active tree, as it stands in its file. */
  async remembered(): Promise<{ readonly size: number } & Pick<SeenTree, 'servers'> & Times> {
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
}

interface Times {
  readonly sightings: readonly { readonly size: number; readonly seen: string }[];
}

interface Stored extends Pick<SeenTree, 'servers'>, Times {
  readonly checkpoints: readonly string[];
}
