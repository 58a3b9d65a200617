import { delimiter, isAbsolute, join } from 'node:path';
import { InputError } from '../errors.ts';
import type { Context } from './context.ts';
import { requirePath } from '../settings/path-value.ts';

/**
 * The directory of the state, which may be lost without harm (checkpoints seen): `$HELM_SIGSTORE_HOME`, else
 * below Helm's data directory. Undefined where there is no home. A relative directory, which Helm 4 gives
 * when it has no home itself, is ignored: state must not land in the working directory.
 * @throws UsageError if `$HELM_SIGSTORE_HOME` is a URL
 */
export function stateDirectory(context: Context): string | undefined {
  const own = context.env['HELM_SIGSTORE_HOME'];
  if (own) return requirePath(own, 'HELM_SIGSTORE_HOME');
  const data = helmDirectory('HELM_DATA_HOME', context);
  return data === undefined ? undefined : join(data, 'sigstore');
}

/** Where the pins of logs are: in the configuration directory; undefined without a home. */
export function pinsDirectory(context: Place): string | undefined {
  const config = configurationDirectory(context);
  return config === undefined ? undefined : join(config, PINS);
}

/** Where `keys add` keeps the keys of publishers: in the configuration directory; undefined without a home. */
export function addedKeysDirectory(context: Place): string | undefined {
  const config = configurationDirectory(context);
  return config === undefined ? undefined : join(config, KEYS);
}

/** Where the user's decisions are kept: below Helm's configuration directory; undefined without a home. */
export function configurationDirectory(context: Place): string | undefined {
  const config = helmDirectory('HELM_CONFIG_HOME', context);
  return config === undefined ? undefined : join(config, 'sigstore');
}

/** The same, for commands that exist to write there. @throws InputError without a home */
export function requireConfigurationDirectory(context: Place): string {
  const directory = configurationDirectory(context);
  if (directory !== undefined) return directory;
  throw new InputError('there is no directory for pins and keys', 'set HELM_CONFIG_HOME to an absolute path');
}

/** The directory of the pins, for those commands. @throws InputError without a home */
export function requirePinsDirectory(context: Place): string {
  return join(requireConfigurationDirectory(context), PINS);
}

/** The directory of the keys, for those commands. @throws InputError without a home */
export function requireAddedKeysDirectory(context: Place): string {
  return join(requireConfigurationDirectory(context), KEYS);
}

const PINS = 'pins';
const KEYS = 'keys';

/**
 * The directories in which Helm looks for plugins, in its order: those of `HELM_PLUGINS`, also where that is empty; else the one in
 * its data directory. Helm sets the variable for what it starts; the program that runs without Helm finds the same. A relative
 * directory is one of the working directory, as for Helm: nothing is written there.
 */
export function pluginDirectories(context: Place): readonly string[] {
  const { HELM_PLUGINS: given, HELM_DATA_HOME: ownData } = context.env;
  if (given !== undefined) return given.split(delimiter).filter((each) => each !== '');
  const data = ownData || helmDirectory('HELM_DATA_HOME', context);
  return data === undefined ? [] : [join(data, 'plugins')];
}

/** The file in which `helm repo add` keeps repositories; undefined without a home. */
export function repositoriesFile(context: Place): string | undefined {
  const given = context.env['HELM_REPOSITORY_CONFIG'];
  if (given) return given;
  const config = helmDirectory('HELM_CONFIG_HOME', context);
  return config === undefined ? undefined : join(config, 'repositories.yaml');
}

/** The file with the index of a repository that `helm repo update` fetched last; undefined without a home. */
export function cachedIndex(repository: string, context: Place): string | undefined {
  return inRepositoryCache(`${repository}-index.yaml`, context);
}

/** The file with the names of the charts in that index, one a line; undefined without a home. */
export function namesInIndex(repository: string, context: Place): string | undefined {
  return inRepositoryCache(`${repository}-charts.txt`, context);
}

function inRepositoryCache(file: string, context: Place): string | undefined {
  const given = context.env['HELM_REPOSITORY_CACHE'];
  const cache = given ? undefined : helmDirectory('HELM_CACHE_HOME', context);
  const directory = given ? given : cache && join(cache, 'repository');
  return directory === undefined ? undefined : join(directory, file);
}

/**
 * The files with the credentials of registries, in the order in which Helm looks into them: its own, then Docker's. They need
 * not exist.
 */
export function registryConfigFiles(context: Place): readonly string[] {
  const { env, home } = context;
  const config = helmDirectory('HELM_CONFIG_HOME', context);
  const ofHelm = config === undefined ? undefined : join(config, 'registry', 'config.json');
  const ofDocker = env['DOCKER_CONFIG'] || (home && join(home, '.docker'));
  const files = [env['HELM_REGISTRY_CONFIG'] || ofHelm, ofDocker && join(ofDocker, 'config.json')];
  return files.filter((file): file is string => file !== undefined && file !== '');
}

/** What the directories depend on. */
type Place = Pick<Context, 'env' | 'home' | 'platform'>;

type HelmVariable = 'HELM_DATA_HOME' | 'HELM_CONFIG_HOME' | 'HELM_CACHE_HOME';

/** For each of Helm's directories: the variable of XDG, the place on Unix, on macOS, and the variable of Windows. */
const PLACES: Readonly<
  Record<HelmVariable, readonly [xdg: string, unix: string, mac: string, windows: string]>
> = {
  HELM_DATA_HOME: ['XDG_DATA_HOME', join('.local', 'share'), '', 'APPDATA'],
  HELM_CONFIG_HOME: ['XDG_CONFIG_HOME', '.config', 'Preferences', 'APPDATA'],
  HELM_CACHE_HOME: ['XDG_CACHE_HOME', '.cache', 'Caches', 'TEMP'],
};

/** Helm's own rules: its variable, then that of XDG, then the default of the platform. */
function helmDirectory(variable: HelmVariable, { env, home, platform }: Place): string | undefined {
  const [xdgVariable, unix, mac, windows] = PLACES[variable];
  const given = env[variable];
  if (given && isAbsolute(given)) return given;
  const xdg = env[xdgVariable];
  if (xdg && isAbsolute(xdg)) return join(xdg, 'helm');
  const base = platform === 'win32' ? env[windows] : home;
  if (!base) return undefined;
  if (platform === 'win32') return join(base, 'helm');
  return platform === 'darwin' ? join(base, 'Library', mac, 'helm') : join(base, unix, 'helm');
}
