import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { installDownloader } from '../../src/installation/downloader-plugin.ts';
import { findDownloaders } from '../../src/installation/downloaders.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

describe('on Windows, where Helm starts a downloader only if it is an executable, gate install', () => {
  let plugins: string;
  let env: Record<string, string>;

  beforeEach(async () => {
    plugins = await temporaryDirectory();
    env = { HELM_PLUGIN_DIR: join(plugins, 'sigstore') };
  });

  const install = async () =>
    await installDownloader('C:\\policy.yaml', { env, platform: 'win32', version: '1.0.0' });

  async function place(file: string): Promise<void> {
    await mkdir(join(plugins, 'sigstore', file, '..'), { recursive: true });
    await writeFile(join(plugins, 'sigstore', file), '');
  }

  test.each(['bin/helm-sigstore.exe', 'sigstore/bin/helm-sigstore.exe'])(
    'names %s, and knows the downloader as ours',
    async (file) => {
      await place(file);
      const directory = await install();
      const yaml = await readFile(join(directory, 'plugin.yaml'), 'utf8');
      expect(yaml).toContain(JSON.stringify(`../sigstore/${file} getter --policy C:\\policy.yaml --`));
      expect(await findDownloaders([plugins], env)).toMatchObject([
        { isOurs: true, policy: 'C:\\policy.yaml' },
      ]);
      // So it may be written again.
      expect(await install()).toBe(directory);
    },
  );

  test.each(['bin/helm-sigstore', 'sigstore/bin/helm-sigstore'])(
    'refuses a plugin that has the script %s alone, and names the archive with the executable',
    async (file) => {
      await place(file);
      await expect(install()).rejects.toMatchObject({
        hint: expect.stringContaining('sigstore-VERSION-windows-ARCH.tgz') as string,
      });
    },
  );

  test('knows a program in a folder of another plugin as not ours', async () => {
    await place('bin/helm-sigstore.exe');
    await mkdir(join(plugins, 'aaa'));
    await writeFile(
      join(plugins, 'aaa', 'plugin.yaml'),
      'name: aaa\ndownloaders: [{command: "../other/sigstore/bin/helm-sigstore.exe getter --", protocols: [sigstore+https]}]\n',
    );
    expect(await findDownloaders([plugins], env)).toMatchObject([{ name: 'aaa', isOurs: false }]);
  });
});
