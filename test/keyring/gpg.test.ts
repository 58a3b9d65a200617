import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { InputError, messageOf } from '../../src/errors.ts';
import { exportKeys, type GnupgHome } from '../../src/keyring/gpg.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

// Programs in the place of gpg, which write down how they were called and then do what a test wants of gpg.
let folder: string;
let env: Record<string, string>;
beforeEach(async () => {
  folder = await temporaryDirectory();
  env = { PATH: `${folder}:${process.env['PATH'] ?? ''}` };
});

describe.skipIf(process.platform === 'win32')('keys that only gpg can read (needs a Unix)', () => {
  it('are asked for without a shell, a terminal or a question, and without starting anything', async () => {
    await put('gpg', 'printf keys');
    await put('gpgconf', 'exit 0');
    expect(text(await exportKeys(own('/home/a b;c'), env))).toBe('keys');
    expect(await calls()).toEqual([
      'gpg --homedir /home/a b;c --no-options --batch --no-tty --quiet --no-autostart --export',
    ]);
  });

  it('are asked for again where no keyboxd is running, and the one that gpg starts is ended', async () => {
    await put('gpg', 'case "$*" in *--no-autostart*) exit 2;; *) printf keys;; esac');
    await put('gpgconf', 'exit 0');
    expect(text(await exportKeys(own('/home'), env))).toBe('keys');
    expect(await calls()).toEqual([
      'gpg --homedir /home --no-options --batch --no-tty --quiet --no-autostart --export',
      'gpg --homedir /home --no-options --batch --no-tty --quiet --export',
      'gpgconf --homedir /home --kill keyboxd',
    ]);
  });

  it('of a home that is not the user’s are asked for, and nothing is started there', async () => {
    await put('gpg', 'exit 2');
    await put('gpgconf', 'exit 0');
    const failure = exportKeys({ path: '/downloads/keys', isOwn: false }, env);
    await expect(failure).rejects.toThrow('cannot read the keys of /downloads/keys');
    await expect(failure).rejects.toMatchObject({ hint: expect.stringContaining('GNUPGHOME') as string });
    expect(await calls()).toEqual([
      'gpg --homedir /downloads/keys --no-options --batch --no-tty --quiet --no-autostart --export',
    ]);
  });

  it('are not asked of a program that lies where the run was started', async () => {
    await put('gpg', 'pwd');
    expect(text(await exportKeys(own('/home'), env))).toBe('/\n');
  });

  it('of a wrapper that leaves its child behind are not waited for either', async () => {
    await put('gpg', 'sleep 3\nexit 0');
    await expect(exportKeys(own('/home'), env, { time: 200, output: 100 })).rejects.toThrow(
      'gpg did not end within 0.2 s',
    );
  });

  it('cannot be had from a gpg that fails: what it says is passed on, and what it started is ended', async () => {
    await put('gpg', 'echo "gpg: no luck" >&2; exit 2');
    await put('gpgconf', 'exit 1');
    await expect(exportKeys(own('/home'), env)).rejects.toThrow(/kept by a GnuPG keyboxd: .*gpg: no luck$/);
    expect((await calls()).at(-1)).toBe('gpgconf --homedir /home --kill keyboxd');
  });

  it('cannot be had from a gpg that has much to say, of which the beginning is passed on', async () => {
    await put('gpg', 'yes "gpg: no luck" | head -n 10000 >&2; exit 2');
    await put('gpgconf', 'exit 0');
    const failure = await exportKeys(own('/home'), env).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(InputError);
    expect(messageOf(failure)).toContain('gpg: no luck; gpg: no luck');
    expect(messageOf(failure).length).toBeLessThan(2000);
  });

  it('cannot be had without gpg', async () => {
    const failure = exportKeys(own('/home'), { PATH: folder });
    await expect(failure).rejects.toThrow(InputError);
    await expect(failure).rejects.toMatchObject({
      message:
        'cannot read the keys of /home, which are kept by a GnuPG keyboxd: there is no gpg to ask for them',
      hint: 'give a file of keys with --keyring, such as gpg --export writes',
    });
  });

  it('are not waited for for ever', async () => {
    await put('gpg', 'exec sleep 60');
    const start = performance.now();
    await expect(exportKeys(own('/home'), env, { time: 200, output: 100 })).rejects.toThrow(
      'gpg did not end within 0.2 s',
    );
    expect(performance.now() - start).toBeLessThan(10_000);
  });

  it('are not waited for after an interruption', async () => {
    await put('gpg', 'exec sleep 60');
    const user = new AbortController();
    const limits = { time: 60_000, output: 100 };
    const exported = exportKeys(own('/home'), env, limits, user.signal);
    user.abort();
    await expect(exported).rejects.toThrow('interrupted');
  });

  it('may not be more than can be held', async () => {
    await put('gpg', 'exec yes');
    await expect(exportKeys(own('/home'), env, { time: 10_000, output: 1000 })).rejects.toThrow(
      'gpg wrote more than 1000 bytes',
    );
  });
});

async function put(program: string, script: string): Promise<void> {
  const path = join(folder, program);
  await writeFile(path, `#!/bin/sh\necho "${program} $*" >> '${folder}/calls'\n${script}\n`);
  await chmod(path, 0o755);
}

async function calls(): Promise<string[]> {
  return (await readFile(join(folder, 'calls'), 'utf8')).trimEnd().split('\n');
}

function own(path: string): GnupgHome {
  return { path, isOwn: true };
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString();
}
