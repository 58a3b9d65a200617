import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { appendFile, copyFile, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { startLog, type RunningLog } from '../../scripts/embedded-log.mjs';
import { makeExecutable } from '../../scripts/package-standalone.mjs';
import { targetOfThisMachine } from '../../scripts/standalone.mjs';
import type { Outcome } from './helm-site.ts';

const run = promisify(execFile);
const { archive } = inject('release');
const native = path.join(path.dirname(archive), `helm-sigstore-${targetOfThisMachine()}`);
const examples = path.join(import.meta.dirname, '..', '..', 'examples');
const CHART = 'hello-0.1.0.tgz';
const wine = '/usr/lib/wine/wine64';
const binutils = '/usr/bin/x86_64-w64-mingw32-';

describe.runIf(existsSync(wine) && existsSync(`${binutils}ld`))(
  'the executable for windows-amd64, in Wine (needs wine64 and binutils-mingw-w64-x86-64)',
  () => {
    let directory: string;
    let program: string;
    let env: Record<string, string>;
    let log: RunningLog;

    beforeAll(async () => {
      directory = await mkdtemp(path.join(tmpdir(), 'windows-'));
      env = { HOME: directory, WINEPREFIX: path.join(directory, 'wine'), WINEDEBUG: '-all' };
      program = await makeExecutable('windows-amd64', path.join(directory, 'program'));
      await makeRandomLibrary(path.dirname(program));
      for (const name of [CHART, `${CHART}.prov`, 'publisher.asc'])
        await copyFile(path.join(examples, name), path.join(directory, name));
      log = await startLog(path.join(directory, 'log'), process.env, { program: native });
      await copyFile(log.publicKey, path.join(directory, 'log.pem'));
    });

    afterAll(async () => {
      await log.stop();
      await run('/usr/lib/wine/wineserver64', ['--kill'], { env }).catch(() => undefined);
      await rm(directory, { recursive: true, force: true, maxRetries: 10 });
    });

    /** Every Windows has this library, and not every Wine: it hands on to the function of an older one. */
    async function makeRandomLibrary(to: string): Promise<void> {
      const [source, object, exported] = ['.s', '.o', '.def'].map((end) => path.join(to, `random${end}`));
      await writeFile(source ?? '', '.text\n.globl main\nmain:\n mov $1, %eax\n ret\n');
      await writeFile(
        exported ?? '',
        'LIBRARY bcryptprimitives.dll\nEXPORTS\nProcessPrng = advapi32.SystemFunction036\n',
      );
      await run(`${binutils}as`, [source ?? '', '-o', object ?? '']);
      const made = path.join(to, 'bcryptprimitives.dll');
      await run(`${binutils}ld`, ['-shared', '-e', 'main', '-o', made, object ?? '', exported ?? '']);
    }

    const start = async (...argv: string[]): Promise<Outcome> =>
      await new Promise((resolve) => {
        execFile(wine, [program, ...argv], { cwd: directory, env }, (error, stdout, stderr) => {
          resolve({ status: error === null ? 0 : Number(error.code), stdout, stderr });
        });
      });
    const withLog = async (command: string, ...more: string[]): Promise<Outcome> => {
      const keyring = command === 'search' ? [] : ['--keyring', 'publisher.asc'];
      const trust = ['--rekor-server', log.url, '--rekor-public-key', 'log.pem'];
      return await start(command, CHART, ...keyring, ...trust, ...more);
    };

    test('says its version', async () => {
      expect(await start('version')).toMatchObject({ status: 0, stdout: `${packageJson.version}\n` });
    });

    test('uploads a chart, finds it, and verifies it by the log and without a network', async () => {
      expect(await withLog('upload')).toMatchObject({
        status: 0,
        stdout: expect.stringMatching(/^\nCreated Helm entry at index 0, /) as string,
      });
      expect(await withLog('search')).toMatchObject({
        status: 0,
        stdout: expect.stringMatching(/^The Following Records were Found\n/) as string,
      });
      for (const options of [[], ['--offline']])
        expect(await withLog('verify', ...options)).toMatchObject({
          status: 0,
          stdout: expect.stringMatching(/^Chart Verified Successfully From Helm entry:\n/) as string,
        });
    });

    test('keeps what it remembers, and looks for plugins, where Helm does on Windows', async () => {
      const users = path.join(directory, 'wine', 'drive_c', 'users');
      const [user = ''] = (await readdir(users)).filter((name) => name !== 'Public');
      const helm = path.join(users, user, 'AppData', 'Roaming', 'helm');
      expect(await readdir(helm)).toContain('sigstore');
      await mkdir(path.join(helm, 'plugins', 'other'), { recursive: true });
      await writeFile(
        path.join(helm, 'plugins', 'other', 'plugin.yaml'),
        'name: other\ndownloaders: [{ command: other.exe, protocols: [sigstore+https] }]\n',
      );
      expect((await start('gate', 'status')).stdout).toContain(
        `other in C:\\users\\${user}\\AppData\\Roaming\\helm\\plugins\\other is asked in place`,
      );
    });

    test('does not verify an archive that was changed', async () => {
      await appendFile(path.join(directory, CHART), 'more');
      expect(await withLog('verify')).toMatchObject({
        status: 10,
        stderr: expect.stringContaining('archive-digest') as string,
      });
    });
  },
);
