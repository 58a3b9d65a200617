import { describe, expect, it } from 'vitest';
import type { Context } from '../../src/cli/context.ts';
import { configDirectory, stateDirectory } from '../../src/cli/directories.ts';

function context(
  env: Record<string, string>,
  platform: NodeJS.Platform = 'linux',
  home: string | undefined = '/home/ann',
): Context {
  return { env, platform, home } as Context;
}

describe('the directories of state and configuration', () => {
  it.each([
    ['linux', '/home/ann/.local/share/helm/sigstore', '/home/ann/.config/helm/sigstore'],
    ['darwin', '/home/ann/Library/helm/sigstore', '/home/ann/Library/Preferences/helm/sigstore'],
  ] as const)('on %s are below those of Helm', (platform, state, config) => {
    expect(stateDirectory(context({}, platform))).toBe(state);
    expect(configDirectory(context({}, platform))).toBe(config);
  });

  it('follow Helm to where its variables point', () => {
    const env = { HELM_DATA_HOME: '/data', HELM_CONFIG_HOME: '/config' };
    expect(stateDirectory(context(env))).toBe('/data/sigstore');
    expect(configDirectory(context(env))).toBe('/config/sigstore');
  });

  it('are never relative, which is what Helm 4 says when it has no home', () => {
    const env = { HELM_DATA_HOME: '.local/share/helm', HELM_CONFIG_HOME: '.config/helm' };
    expect(stateDirectory(context(env, 'linux', ''))).toBeUndefined();
    expect(configDirectory(context(env, 'linux', ''))).toBeUndefined();
    expect(stateDirectory(context(env))).toBe('/home/ann/.local/share/helm/sigstore');
  });

  it('of state is where HELM_SIGSTORE_HOME says', () => {
    expect(stateDirectory(context({ HELM_SIGSTORE_HOME: '/state', HELM_DATA_HOME: '/data' }))).toBe('/state');
  });
});
