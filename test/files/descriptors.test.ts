import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { pipeBehind } from '../../src/files/descriptors.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

test.runIf(process.platform === 'linux')(
  'output is written behind its descriptor on Linux alone: elsewhere the path may be the file of somebody else (needs Linux)',
  async () => {
    const descriptor = openSync(join(await temporaryDirectory(), 'output'), 'w');
    expect(pipeBehind(descriptor)).toBeDefined();
    expect(pipeBehind(descriptor, 'win32')).toBeUndefined();
    expect(pipeBehind(descriptor, 'darwin')).toBeUndefined();
    closeSync(descriptor);
  },
);
