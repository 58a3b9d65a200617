import { describe, expect, test } from 'vitest';
import { examineRuntime, warnOfRuntimeVariables } from '../../src/run/runtime.ts';

const STANDALONE = { bun: '1.4.5', node: '26.3.0' };
const NODE = { node: '20.20.2' };

describe('what doctor says of the runtime:', () => {
  test('Node, by its version', () => {
    expect(examineRuntime({ BUN_OPTIONS: '--preload x' }, NODE, '/usr/bin/node')).toEqual({
      subject: 'Node',
      level: 'ok',
      found: '20.20.2 (/usr/bin/node)',
    });
  });

  test('the standalone executable, by the version of Bun, not by the one of Node that Bun names', () => {
    expect(examineRuntime({ NODE_OPTIONS: '--require x' }, STANDALONE, '/opt/helm-sigstore')).toEqual({
      subject: 'Runtime',
      level: 'ok',
      found: 'Bun 1.4.5, in the standalone executable /opt/helm-sigstore',
    });
  });

  test('a variable that the runtime obeys is a warning', () => {
    expect(examineRuntime({ BUN_OPTIONS: '--preload x' }, STANDALONE, '/opt/helm-sigstore')).toEqual({
      subject: 'Runtime',
      level: 'warning',
      found: 'Bun 1.4.5, in the standalone executable /opt/helm-sigstore, which obeys BUN_OPTIONS',
      remedy: 'unset BUN_OPTIONS',
    });
  });
});

describe('who starts the program in the pipelines of others is warned', () => {
  const warnings = (env: Record<string, string>, versions: Record<string, string>) => {
    const said: string[] = [];
    warnOfRuntimeVariables({ env, stderr: { warn: (message) => said.push(message) } }, versions);
    return said.map((message) => message.split(' ', 1)[0]);
  };

  test.each(['BUN_OPTIONS', 'BUN_BE_BUN', 'BUN_INSPECT', 'BUN_INSPECT_CONNECT_TO', 'BUN_INSPECT_PRELOAD'])(
    'of %s, by the standalone executable',
    (name) => {
      expect(warnings({ [name]: 'x' }, STANDALONE)).toEqual([name]);
      expect(warnings({ [name]: '' }, STANDALONE)).toEqual([]);
    },
  );

  test('of nothing by Node, whose variable many set for other programs', () => {
    expect(warnings({ BUN_OPTIONS: 'x', NODE_OPTIONS: '--max-old-space-size=4096' }, NODE)).toEqual([]);
  });
});
