import { readdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { membersOf } from '../chart/yaml/mapping.ts';
import { parseYaml } from '../chart/yaml/yaml.ts';
import { InputError, MalformedError, messageOf } from '../errors.ts';
import { hasCode } from '../files/error-code.ts';
import { readOwnFile } from '../files/user-file.ts';
import { decodeUserText } from '../user-text.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** A plugin of Helm that fetches charts. */
export interface Downloader {
  readonly name: string;
  /** Where it is. */
  readonly directory: string;
  readonly protocols: readonly string[];
  /** Whether it is this program that it calls. */
  readonly isOurs: boolean;
  /** The policy that it names, if it is this program. */
  readonly policy?: string;
}

/**
 * The plugins that fetch charts, in the order in which Helm finds them.
 * @param folders the directories of Helm's plugins (`pluginDirectories`)
 * @param env says by `HELM_PLUGIN_DIR` which plugin runs
 * @throws InputError if one cannot be read
 */
export async function findDownloaders(
  folders: readonly string[],
  env: Environment,
): Promise<readonly Downloader[]> {
  const found: Downloader[] = [];
  for (const folder of folders)
    for (const name of await namesIn(folder)) {
      const plugin = await readYaml(join(folder, name, 'plugin.yaml'));
      // Helm 4 has them in `config` of a plugin of type getter/v1, and knows the older form as well.
      const parts = [...itemsOf(plugin, 'downloaders'), ...partOf(plugin, 'config')];
      const protocols = parts.flatMap((part) =>
        itemsOf(part, 'protocols').filter((each) => typeof each === 'string'),
      );
      if (protocols.length === 0) continue;
      const commands = parts.map((part) => OURS.exec(textIn(part, 'command') ?? ''));
      const [, , policy] = commands[0] ?? [];
      const programs = commands.map((command) => command && join(folder, name, command[1] ?? ''));
      found.push({
        name: textIn(plugin, 'name') ?? name,
        directory: join(folder, name),
        protocols,
        isOurs: (await Promise.all(programs.map((program) => isThisPlugin(program, env)))).every(Boolean),
        ...(policy !== undefined && { policy }),
      });
    }
  return found;
}

/**
 * The command of our downloader: this program lies beside it, under whatever name it is installed; on Windows in a folder of the
 * plugin too, as archives have it.
 */
const OURS =
  /^(\.\.\/[^/ ]+)\/(?:bin\/helm-sigstore(?:\.exe)?|sigstore\/bin\/helm-sigstore\.exe) getter(?: --policy ([^ ]+))?(?: --)?$/;

/** Whether a command is of the plugin that runs: another one may have a program of the same name. Outside of Helm nobody can tell. */
async function isThisPlugin(
  directory: string | null,
  { HELM_PLUGIN_DIR: own }: Environment,
): Promise<boolean> {
  if (directory === null || !own) return directory !== null;
  const [other, ours] = await Promise.all([directory, own].map(realPath));
  return other === ours;
}

async function realPath(path: string): Promise<string> {
  return await realpath(path).catch(() => path);
}

/** Helm's own files have kilobytes. */
const LIMIT = 1 << 20;

async function readYaml(path: string): Promise<unknown> {
  const bytes = await readOwnFile(path, LIMIT, path);
  if (bytes === undefined) return undefined;
  try {
    return parseYaml(decodeUserText(bytes));
  } catch (error) {
    if (error instanceof MalformedError) throw new InputError(`cannot read ${path}: ${error.message}`);
    throw error;
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries
      .filter((entry) => !entry.isFile())
      .map(({ name }) => name)
      .sort();
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return [];
    throw new InputError(`cannot read ${folder}: ${messageOf(error)}`);
  }
}

function itemsOf(value: unknown, name: string): readonly unknown[] {
  const items = membersOf(value)[name];
  return Array.isArray(items) ? items : [];
}

function partOf(value: unknown, name: string): readonly unknown[] {
  const part = membersOf(value)[name];
  return part === undefined ? [] : [part];
}

function textIn(value: unknown, name: string): string | undefined {
  const text = membersOf(value)[name];
  return typeof text === 'string' ? text : undefined;
}
