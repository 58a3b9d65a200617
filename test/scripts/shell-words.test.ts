import { spawnSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { shellWords } from '../../scripts/shell-words.mjs';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const ODD = ['plain-1.0', "it's here", 'a b', '$HOME', '`x`', '"', ';', '*'];

describe.skipIf(process.platform === 'win32')('the words of a POSIX shell (needs a Unix)', () => {
  const words = shellWords('linux');
  const sh = (script: string) => spawnSync('sh', ['-c', script], { encoding: 'utf8' }).stdout;

  it.each(['', ...ODD])('set a variable to %j', (value) => {
    expect(sh(`${words.set('NAME', value)}; printf %s "$NAME"`)).toBe(value);
  });

  it.each(ODD)('make an alias of a program in %j', async (name) => {
    const folder = join(await temporaryDirectory(), name);
    await mkdir(folder);
    await writeFile(join(folder, 'program'), '#!/bin/sh\necho "ran $1"\n', { mode: 0o755 });
    expect(sh(`${words.alias('short', join(folder, 'program'))}\nshort it`)).toBe('ran it\n');
  });
});

it('on Windows they are those of PowerShell', () => {
  const words = shellWords('win32');
  expect(words.set('KEYRING', "C:\\it's\\a b")).toBe("$env:KEYRING = 'C:\\it''s\\a b'");
  expect(words.alias('helm-sigstore', 'C:\\p\\helm-sigstore')).toBe(
    "function helm-sigstore { node 'C:\\p\\helm-sigstore' @args }",
  );
  expect(words.install('C:\\p')).toBe("helm plugin install 'C:\\p'");
  expect(words.stop(12, 'C:\\t')).toBe("Stop-Process -Id 12; Remove-Item -Recurse 'C:\\t'");
});
