import { isAbsolute, join } from 'node:path';
import type { Context } from './context.ts';

/**
 * Where the program keeps what it can lose (checkpoints seen): `$HELM_SIGSTORE_HOME`, else below Helm's data
 * directory. Undefined where there is no home. A relative directory, which Helm 4 gives when it has no home
 * itself, is ignored: state must not land wherever a command happens to run.
 */
export function stateDirectory(context: Context): string | undefined {
  const own = context.env['HELM_SIGSTORE_HOME'];
  if (own) return own;
  const data = helmDirectory('HELM_DATA_HOME', context);
  return data === undefined ? undefined : join(data, 'sigstore');
}

/** Where the pins of logs are: below Helm's configuration directory; undefined without a home. */
export function pinsDirectory(context: Context): string | undefined {
  const config = helmDirectory('HELM_CONFIG_HOME', context);
  return config === undefined ? undefined : join(config, 'sigstore', 'pins');
}

/** Helm's own rules: its variable, then that of XDG, then the default of the platform. */
function helmDirectory(
  variable: 'HELM_DATA_HOME' | 'HELM_CONFIG_HOME',
  { env, home, platform }: Context,
): string | undefined {
  const isData = variable === 'HELM_DATA_HOME';
  const given = env[variable];
  if (given && isAbsolute(given)) return given;
  const xdg = env[isData ? 'XDG_DATA_HOME' : 'XDG_CONFIG_HOME'];
  if (xdg && isAbsolute(xdg)) return join(xdg, 'helm');
  if (platform === 'win32') return env['APPDATA'] ? join(env['APPDATA'], 'helm') : undefined;
  if (!home) return undefined;
  if (platform === 'darwin') return join(home, 'Library', isData ? 'helm' : join('Preferences', 'helm'));
  return join(home, isData ? join('.local', 'share') : '.config', 'helm');
}
