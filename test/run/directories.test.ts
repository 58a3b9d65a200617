import { delimiter } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Context } from '../../src/run/context.ts';
import {
  pinsDirectory,
  pluginDirectories,
  registryConfigFiles,
  stateDirectory,
} from '../../src/run/directories.ts';

function context(
  env: Record<string, string>,
  platform: NodeJS.Platform = 'linux',
  home: string | undefined = '/home/ann',
): Context {
  return { env, platform, home } as Context;
}

describe('the directories of state and configuration', () => {
  it.each([
    ['linux', '/home/ann/.local/share/helm/sigstore', '/home/ann/.config/helm/sigstore/pins'],
    ['darwin', '/home/ann/Library/helm/sigstore', '/home/ann/Library/Preferences/helm/sigstore/pins'],
  ] as const)('on %s are below those of Helm', (platform, state, config) => {
    expect(stateDirectory(context({}, platform))).toBe(state);
    expect(pinsDirectory(context({}, platform))).toBe(config);
  });

  it('on Windows are in the folder of applications', () => {
    const windows = context({ APPDATA: '/appdata' }, 'win32');
    expect(stateDirectory(windows)).toBe('/appdata/helm/sigstore');
    expect(pinsDirectory(windows)).toBe('/appdata/helm/sigstore/pins');
  });

  it('follow Helm to where its variables point, else those of the desktop', () => {
    const desktop = { XDG_DATA_HOME: '/xdg-data', XDG_CONFIG_HOME: '/xdg-config' };
    expect(stateDirectory(context(desktop))).toBe('/xdg-data/helm/sigstore');
    expect(pinsDirectory(context(desktop))).toBe('/xdg-config/helm/sigstore/pins');
    const env = { HELM_DATA_HOME: '/data', HELM_CONFIG_HOME: '/config' };
    expect(stateDirectory(context(env))).toBe('/data/sigstore');
    expect(pinsDirectory(context(env))).toBe('/config/sigstore/pins');
  });

  it('are never relative, which is what Helm 4 says when it has no home', () => {
    const env = { HELM_DATA_HOME: '.local/share/helm', HELM_CONFIG_HOME: '.config/helm' };
    expect(stateDirectory(context(env, 'linux', ''))).toBeUndefined();
    expect(pinsDirectory(context(env, 'linux', ''))).toBeUndefined();
    expect(stateDirectory(context(env))).toBe('/home/ann/.local/share/helm/sigstore');
  });

  it('of state is where HELM_SIGSTORE_HOME says', () => {
    expect(stateDirectory(context({ HELM_SIGSTORE_HOME: '/state', HELM_DATA_HOME: '/data' }))).toBe('/state');
  });
});

describe('the directories of plugins', () => {
  it.each([
    ['linux', { HOME: '/home/ann' }, '/home/ann/.local/share/helm/plugins'],
    ['darwin', { HOME: '/home/ann' }, '/home/ann/Library/helm/plugins'],
    ['win32', { APPDATA: '/appdata' }, '/appdata/helm/plugins'],
    ['linux', { XDG_DATA_HOME: '/xdg' }, '/xdg/helm/plugins'],
    ['linux', { XDG_DATA_HOME: '/xdg', HELM_DATA_HOME: '/data' }, '/data/plugins'],
    ['linux', { HELM_DATA_HOME: 'here' }, 'here/plugins'],
  ] as const)(
    'on %s with %j is the one that Helm has without its own variable',
    (platform, env, expected) => {
      expect(pluginDirectories(context(env, platform))).toEqual([expected]);
    },
  );

  it('are those that Helm names, and none where it names none', () => {
    const env = { HELM_DATA_HOME: '/data' };
    const named = ['/one', '', '/two'].join(delimiter);
    expect(pluginDirectories(context({ ...env, HELM_PLUGINS: named }))).toEqual(['/one', '/two']);
    expect(pluginDirectories(context({ ...env, HELM_PLUGINS: '' }))).toEqual([]);
  });

  it('are none without a home', () => {
    expect(pluginDirectories(context({}, 'linux', ''))).toEqual([]);
  });
});

describe('the files with credentials of registries', () => {
  it("are Helm's own, then Docker's", () => {
    expect(registryConfigFiles(context({}))).toEqual([
      '/home/ann/.config/helm/registry/config.json',
      '/home/ann/.docker/config.json',
    ]);
  });

  it('are where variables point', () => {
    const env = { HELM_REGISTRY_CONFIG: '/r.json', HELM_CONFIG_HOME: '/helm', DOCKER_CONFIG: '/docker' };
    expect(registryConfigFiles(context(env))).toEqual(['/r.json', '/docker/config.json']);
    expect(registryConfigFiles(context({ HELM_CONFIG_HOME: '/helm' }))[0]).toBe('/helm/registry/config.json');
  });

  it('are none without a home', () => {
    expect(registryConfigFiles({ env: {}, platform: 'linux', home: undefined })).toEqual([]);
  });
});
