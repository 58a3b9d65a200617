import { mkdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { excerpt } from '../encoding.ts';
import { InputError, messageOf, UsageError } from '../errors.ts';
import { replaceFile } from '../files/replace-file.ts';
import { GATE_SCHEMES } from '../gate-schemes.ts';
import { findDownloaders } from './downloaders.ts';
import { isThere } from './state.ts';

/** What says where this program is, and what it runs on. */
interface Place {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  readonly version: string;
}

/** The directory of the downloader, beside that of this plugin. */
const NAME = 'sigstore-getter';

/**
 * Writes the downloader, which is one file, beside the plugin that runs, and returns its directory. It is a plugin of its own,
 * because one with downloaders has no command in Helm 4.
 * @param policy the absolute path of the policy that it obeys
 * @throws UsageError if Helm did not start this, or would not read what is written
 * @throws InputError if it cannot be written, or another plugin has its place
 */
export async function installDownloader(policy: string, { env, platform, version }: Place): Promise<string> {
  const plugin = env['HELM_PLUGIN_DIR'];
  if (!plugin)
    throw new UsageError(
      'expected HELM_PLUGIN_DIR to say where the plugin is, found it unset',
      'run it as helm sigstore gate install, which sets it',
    );
  const program = await programIn(plugin, platform);
  const command = `../${basename(plugin)}/${program} getter --policy ${policy} --`;
  for (const path of [basename(plugin), policy])
    if (!/^[^\s$"'`]+$/.test(path))
      throw new UsageError(
        `expected a path without blanks, quotes and "$", found ${excerpt(path)}: Helm divides the command of a downloader at blanks`,
        'give the file, or a folder above it, another name',
      );
  const directory = join(dirname(plugin), NAME);
  await requireOwn(directory, env);
  try {
    await mkdir(directory, { recursive: true });
    await replaceFile(join(directory, 'plugin.yaml'), pluginYaml(command, version), { mode: 0o644 });
  } catch (error) {
    throw new InputError(`cannot write the downloader into ${directory}: ${messageOf(error)}`);
  }
  return directory;
}

/** In the legacy form, the only one that Helm 3 and 4 both load. */
function pluginYaml(command: string, version: string): string {
  return `# Made by helm sigstore gate install.
name: ${NAME}
version: ${version}
usage: brings charts that the policy of helm sigstore accepts
description: brings Helm the charts of repositories that were added as ${GATE_SCHEMES.join('://, ')}://
downloaders:
  - command: ${JSON.stringify(command)}
    protocols: [${GATE_SCHEMES.join(', ')}]
`;
}

/** The file that Helm can start, in the plugin; an archive for Windows has one only, in the folder that Helm 4 looks for. */
async function programIn(plugin: string, platform: NodeJS.Platform): Promise<string> {
  const isWindows = platform === 'win32';
  const programs = isWindows
    ? ['bin/helm-sigstore.exe', 'sigstore/bin/helm-sigstore.exe']
    : ['bin/helm-sigstore'];
  for (const program of programs) if (await isThere(join(plugin, program))) return program;
  throw new InputError(
    `expected the program ${programs.map((program) => join(plugin, program)).join(' or ')}, found none`,
    isWindows
      ? 'on Windows Helm starts a downloader only if it is a program and no script: install sigstore-VERSION-windows-ARCH.tgz, which has the standalone executable'
      : 'install the plugin again',
  );
}

async function requireOwn(directory: string, env: Place['env']): Promise<void> {
  if (!(await isThere(join(directory, 'plugin.yaml')))) return;
  const found = await findDownloaders([dirname(directory)], env);
  if (found.some((each) => each.directory === directory && each.isOurs)) return;
  throw new InputError(
    `expected ${directory} to be the downloader of helm sigstore, found another plugin there`,
    `helm plugin uninstall ${NAME} removes it`,
  );
}
