import { chmod, chown, mkdir, rmdir, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { keepCompiledCode } from '../../src/run/compiled-code.ts';
import type { Context } from '../../src/run/context.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const uid = process.getuid?.();

/** A home with a state directory, as a run makes it. */
async function home() {
  const data = await temporaryDirectory();
  const state = join(data, 'sigstore');
  await mkdir(state, { mode: 0o700 });
  return { data, state, compiled: join(state, 'compiled') };
}

/** Where code is kept in this home; undefined: nowhere. */
function kept({ data }: { data: string }, env: Record<string, string> = {}, user = uid): string | undefined {
  let directory: string | undefined;
  const context = { env: { HELM_DATA_HOME: data, ...env }, platform: 'linux' } as unknown as Context;
  keepCompiledCode(context, user, (given) => (directory = given));
  return directory;
}

test.skipIf(uid === undefined)(
  'compiled code is kept below the state, for nobody but the user (needs a Unix)',
  async () => {
    const place = await home();
    expect(kept(place)).toBe(place.compiled);
    expect((await stat(place.compiled)).mode & 0o777).toBe(0o700);
    expect(kept(place)).toBe(place.compiled);
  },
);

describe.skipIf(uid === undefined)('compiled code is not kept (needs a Unix)', () => {
  test('where nothing is remembered yet', async () => {
    const place = await home();
    await rmdir(place.state);
    expect(kept(place)).toBeUndefined();
    await expect(stat(place.state)).rejects.toThrow('ENOENT');
  });

  test.each([
    ['in CI, where caches are shared', { CI: 'true' }],
    ['where the user has put the state', { HELM_SIGSTORE_HOME: '/nonexistent' }],
    ['without a home', { HELM_DATA_HOME: '' }],
  ])('%s', async (_, env) => {
    expect(kept(await home(), env)).toBeUndefined();
  });

  test.each([
    ['the state', 'state', 0o720],
    ['the state', 'state', 0o702],
    ['what is compiled', 'compiled', 0o750],
    ['what is compiled', 'compiled', 0o701],
  ] as const)('where others may get at %s', async (_, which, mode) => {
    const place = await home();
    await mkdir(place.compiled, { mode: 0o700 });
    await chmod(place[which], mode);
    expect(kept(place)).toBeUndefined();
  });

  test('where a link leads elsewhere', async () => {
    const place = await home();
    await symlink(await temporaryDirectory(), place.compiled);
    expect(kept(place)).toBeUndefined();
  });

  test('where the state is that of another user', async () => {
    expect(kept(await home(), {}, (uid ?? 0) + 1)).toBeUndefined();
  });

  test.skipIf(uid !== 0)('where what is compiled is that of another user (needs root)', async () => {
    const place = await home();
    await mkdir(place.compiled, { mode: 0o700 });
    await chown(place.compiled, 12345, 12345);
    expect(kept(place)).toBeUndefined();
  });

  test('on systems without users', async () => {
    let asked = false;
    const context = { env: { HELM_DATA_HOME: (await home()).data }, platform: 'win32' } as unknown as Context;
    keepCompiledCode(context, undefined, () => (asked = true));
    expect(asked).toBe(false);
  });
});
