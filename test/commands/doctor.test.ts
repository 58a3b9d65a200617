import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newLogKeys } from '../support/log-keys.ts';
import type { Ran } from '../support/program.ts';
import { Workshop } from './workshop.ts';

let workshop: Workshop;

beforeAll(async () => {
  workshop = await Workshop.open();
});

afterAll(async () => {
  await workshop.close();
});

/** What doctor finds about one thing. */
function about(subject: string, { stdout }: Ran): unknown {
  const { findings } = JSON.parse(stdout) as { findings: { subject: string }[] };
  return findings.find((finding) => finding.subject === subject);
}

describe('doctor', () => {
  it('finds nothing to say where all is well: status 0', async () => {
    const ran = await workshop.run(['doctor', ...workshop.knowing()]);
    expect(ran).toMatchObject({ status: 0, stderr: '' });
    expect(ran.stdout.match(/^\S+ +\S+/gm)).toEqual([
      'ok       Plugin',
      'ok       Node',
      'ok       Helm',
      'ok       Keyring',
      'ok       State',
      'ok       Trust',
      'ok       Proxy',
      'ok       Log',
    ]);
  });

  it.each(['directory', 'git', 'archive'])('tells that the plugin was installed from %s', async (from) => {
    const target = join(workshop.directory, `target-${from}`);
    const plugin = from === 'directory' ? join(workshop.directory, 'link') : target;
    await mkdir(from === 'git' ? join(target, '.git') : target, { recursive: true });
    if (from === 'directory') await symlink(target, plugin);
    const env = { HELM_PLUGIN_DIR: plugin };
    const ran = await workshop.run(['doctor', ...workshop.knowing(), '--output', 'json'], { env });
    expect(about('Plugin', ran)).toMatchObject({
      level: 'ok',
      found: expect.stringContaining(
        `in ${plugin}, installed from ${from === 'directory' ? 'the ' : ''}${from}`,
      ) as string,
    });
  });

  it.each([
    ['v4.1.4+g1234567', 'ok', '4.1.4 ('],
    ['v3.22', 'ok', '3.22 ('],
    ['v3.18.0', 'warning', '3.18.0 cannot pull a chart with its provenance'],
    ['v3.9.1', 'warning', '3.9.1 ('],
    ['nonsense', 'warning', 'does not tell its version'],
  ])('asks the Helm that started it: %s', async (answer, level, found) => {
    const helm = join(workshop.directory, 'helm');
    await writeFile(helm, `#!/bin/sh\necho '${answer}'\n`, { mode: 0o755 });
    const env = { HELM_BIN: helm, PATH: process.env['PATH'] ?? '' };
    const ran = await workshop.run(['doctor', ...workshop.knowing(), '--output', 'json'], { env });
    expect(about('Helm', ran)).toMatchObject({ level, found: expect.stringContaining(found) as string });
  });

  it('warns of an empty keyring, and says how to get keys', async () => {
    const ran = await workshop.run(['doctor', ...workshop.trusting(), '--output', 'json']);
    expect(about('Keyring', ran)).toEqual({
      subject: 'Keyring',
      level: 'warning',
      found: `no keys in ${join(workshop.home, '.gnupg')}, so no signature can be accepted`,
      remedy: 'import the keys of publishers with gpg --import, or name a file with --keyring',
    });
    expect(ran.status).toBe(0);
  });

  it('fails with status 5 where no key of the log is trusted', async () => {
    const ran = await workshop.run(['doctor', '--rekor-server', workshop.log.url, '--output', 'json']);
    expect(about('Trust', ran)).toMatchObject({ level: 'failed' });
    expect(about('Log', ran)).toMatchObject({ level: 'warning' });
    expect(ran.status).toBe(5);
  });

  it('fails with status 5 where the log signs with another key than the one that is trusted', async () => {
    const other = await workshop.write(
      'other.pem',
      newLogKeys['P-256']().key.publicKey.export({ format: 'pem', type: 'spki' }),
    );
    const argv = ['doctor', '--rekor-server', workshop.log.url, '--rekor-public-key', other];
    const ran = await workshop.run([...argv, '--output', 'json']);
    expect(about('Log', ran)).toMatchObject({
      level: 'failed',
      found: expect.stringContaining('none of which is trusted') as string,
    });
    expect(ran.status).toBe(5);
  });

  it('names a proxy without the credentials in its address', async () => {
    const env = { HTTPS_PROXY: 'http://ann:secret@127.0.0.1:9' };
    const ran = await workshop.run(['doctor', '--timeout', '100ms', '--output', 'json'], {
      env,
      random: () => 0,
    });
    expect(about('Proxy', ran)).toMatchObject({ level: 'ok', found: '127.0.0.1:9' });
    expect(ran.stdout + ran.stderr).not.toContain('secret');
  });

  it('warns where there is no place for state', async () => {
    const env = { HELM_DATA_HOME: '.local/share/helm' };
    const ran = await workshop.run(['doctor', ...workshop.knowing(), '--output', 'json'], { env, home: '' });
    expect(about('State', ran)).toMatchObject({ level: 'warning' });
  });
});

describe('state clear', () => {
  it('removes what was remembered, and the directory if nothing else is in it', async () => {
    const state = join(workshop.directory, 'state');
    const env = { HELM_SIGSTORE_HOME: state };
    const { path } = await workshop.loggedChart('remembered');
    expect(await workshop.run(['verify', path, ...workshop.knowing()], { env })).toMatchObject({ status: 0 });
    expect(await workshop.run(['state', 'clear'], { env })).toEqual({
      status: 0,
      stdout: `Removed: ${join(state, 'history')}\n`,
      stderr: '',
    });
    expect(await workshop.run(['state', 'clear'], { env })).toMatchObject({ stdout: 'Nothing to remove\n' });
  });

  it('leaves what is not its own', async () => {
    const state = join(workshop.directory, 'shared');
    await mkdir(join(state, 'history'), { recursive: true });
    await writeFile(join(state, 'thesis.txt'), 'years of work');
    await workshop.run(['state', 'clear'], { env: { HELM_SIGSTORE_HOME: state } });
    expect(await readdir(state)).toEqual(['thesis.txt']);
  });
});
