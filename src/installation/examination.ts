import { usersHelm } from '../files/users-helm.ts';
import { ok, warning, type Found } from '../render/findings-text.ts';
import { helmVersion } from './helm-binary.ts';
import { howInstalled } from './plugin-directory.ts';
import { isThere, isWritable } from './state.ts';

/** What an examination needs from a run. */
interface Examined {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Of this program. */
  readonly version: string;
  readonly platform: NodeJS.Platform;
  readonly interrupted: AbortSignal;
}

type HelmExamined = Pick<Examined, 'env' | 'platform' | 'interrupted'>;

/** Which version this is, and how it was installed. @throws InputError if there is nothing where Helm says it is */
export async function examinePlugin({ env, version }: Pick<Examined, 'env' | 'version'>): Promise<Found> {
  const directory = env['HELM_PLUGIN_DIR'];
  if (!directory) return ok(`${version}, not started by Helm`);
  const installed = await howInstalled(directory);
  const origin = installed.from === 'directory' ? `the directory ${installed.target}` : installed.from;
  return ok(`${version} in ${directory}, installed from ${origin}`);
}

/** Whether the Helm that started this is of a version that is known to work. */
export async function examineHelm({ env, platform, interrupted }: HelmExamined): Promise<Found> {
  const helm = usersHelm({ env, platform })?.program;
  if (helm === undefined) return ok('not started by Helm');
  const answer = await helmVersion(helm, env, interrupted);
  if ('unknown' in answer)
    return warning(
      `${helm} ${answer.unknown}`,
      'see what helm version --short says there, and put a helm that answers on the PATH',
    );
  const found = answer.version;
  const [major = 0, minor = 0] = found.split('.').map(Number);
  if (major < 3 || (major === 3 && minor < 17))
    return warning(`${found} (${helm}), with which nobody tried this`, 'use Helm 3.17 or later, or Helm 4');
  if (found === '3.18.0')
    return warning(`${found} cannot pull a chart with its provenance from a registry`, 'use a later Helm');
  return ok(`${found} (${helm})`);
}

/** Whether the state can be written. @param directory undefined: there is no place for it */
export async function examineState(directory: string | undefined): Promise<Found> {
  const remedy = 'set HELM_SIGSTORE_HOME to an absolute path';
  if (directory === undefined) return warning('there is no place for it, so nothing is remembered', remedy);
  if (!(await isWritable(directory)))
    return warning(`${directory} cannot be written, so nothing new is remembered`, remedy);
  return ok((await isThere(directory)) ? directory : `${directory}, nothing there yet`);
}
