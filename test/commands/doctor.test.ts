import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newLogKeys } from '../support/log-keys.ts';
import type { Ran } from '../support/program.ts';
import { executableUnderTest } from '../support/standalone.ts';
import { World } from '../support/world/world.ts';

let world: World;

beforeAll(async () => {
  world = await World.open();
});

afterAll(async () => {
  await world.close();
});

/** What doctor finds about one thing. */
function about(subject: string, { stdout }: Ran): unknown {
  const { findings } = JSON.parse(stdout) as { findings: { subject: string }[] };
  return findings.find((finding) => finding.subject === subject);
}

describe('doctor', () => {
  it('finds nothing to say where all is well: status 0', async () => {
    const ran = await world.run(['doctor', ...world.knowing()]);
    expect(ran).toMatchObject({ status: 0, stderr: '' });
    expect(ran.stdout.match(/^\S+ +\S+/gm)).toEqual([
      'ok       Plugin',
      executableUnderTest() === undefined ? 'ok       Node' : 'ok       Runtime',
      'ok       Helm',
      'ok       Keyring',
      'ok       Added',
      'ok       State',
      'ok       Policy',
      'ok       Default',
      'ok       Trust',
      'ok       Proxy',
      'ok       Log',
    ]);
  });

  it('names the policy that is obeyed, and says what is wrong with it', async () => {
    const found = async (text: string) => {
      const HELM_SIGSTORE_POLICY = await world.write('policy.yaml', text);
      return about(
        'Policy',
        await world.run(['doctor', '--output', 'json'], { env: { HELM_SIGSTORE_POLICY } }),
      );
    };
    const rule = '{"name":"a","charts":["*"],"signedBy":"any"}';
    expect(await found(`{"version":1,"rules":[${rule}]}`)).toMatchObject({
      level: 'ok',
      found: expect.stringContaining('policy.yaml (1 rule)') as unknown,
    });
    expect(await found('version: 2')).toMatchObject({
      level: 'failed',
      found: expect.stringContaining('expected version 1 of policies') as unknown,
    });
  });

  it.each(['directory', 'git', 'archive'])('tells that the plugin was installed from %s', async (from) => {
    const target = join(world.directory, `target-${from}`);
    const plugin = from === 'directory' ? join(world.directory, 'link') : target;
    await mkdir(from === 'git' ? join(target, '.git') : target, { recursive: true });
    if (from === 'directory') await symlink(target, plugin);
    const env = { HELM_PLUGIN_DIR: plugin };
    const ran = await world.run(['doctor', ...world.knowing(), '--output', 'json'], { env });
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
    const helm = join(world.directory, 'helm');
    await writeFile(helm, `#!/bin/sh\necho '${answer}'\n`, { mode: 0o755 });
    const env = { HELM_BIN: helm, PATH: process.env['PATH'] ?? '' };
    const ran = await world.run(['doctor', ...world.knowing(), '--output', 'json'], { env });
    expect(about('Helm', ran)).toMatchObject({ level, found: expect.stringContaining(found) as string });
  });

  it('does not wait long for a Helm that hangs, and says so', async () => {
    const helm = join(world.directory, 'hanging-helm');
    await writeFile(helm, `#!/bin/sh\nexec sleep 600\n`, { mode: 0o755 });
    const env = { HELM_BIN: helm, PATH: process.env['PATH'] ?? '' };
    const ran = await world.run(['doctor', ...world.knowing(), '--output', 'json'], { env });
    const found = `${helm} did not answer within 3 seconds`;
    expect(about('Helm', ran)).toMatchObject({ level: 'warning', found });
    expect(ran.status).toBe(0);
  });

  it('warns of an empty keyring, and says how to get keys', async () => {
    const ran = await world.run(['doctor', ...world.trusting(), '--output', 'json']);
    expect(about('Keyring', ran)).toEqual({
      subject: 'Keyring',
      level: 'warning',
      found: `no keys in ${join(world.user.home, '.gnupg')}, so signatures count only where an option or a policy names keys`,
      remedy:
        'add the keys of publishers whom you trust with helm sigstore keys add, or name their files with --keyring or --public-key',
    });
    expect(ran.status).toBe(0);
  });

  it('fails with status 5 where no key of the log is trusted', async () => {
    const ran = await world.run(['doctor', '--rekor-server', world.log.url, '--output', 'json']);
    expect(about('Trust', ran)).toMatchObject({ level: 'failed' });
    expect(about('Log', ran)).toMatchObject({ level: 'warning' });
    expect(ran.status).toBe(5);
  });

  it('fails with status 5 where the log signs with another key than the one that is trusted', async () => {
    const other = await world.write(
      'other.pem',
      newLogKeys['P-256']().key.publicKey.export({ format: 'pem', type: 'spki' }),
    );
    const argv = ['doctor', '--rekor-server', world.log.url, '--rekor-public-key', other];
    const ran = await world.run([...argv, '--output', 'json']);
    expect(about('Log', ran)).toMatchObject({
      level: 'failed',
      found: expect.stringContaining('none of which is trusted') as string,
    });
    expect(ran.status).toBe(5);
  });

  it('names a proxy without the credentials in its address', async () => {
    const env = { HTTPS_PROXY: 'http://ann:secret@127.0.0.1:9' };
    const ran = await world.run(['doctor', '--timeout', '100ms', '--output', 'json'], {
      env,
      random: () => 0,
    });
    expect(about('Proxy', ran)).toMatchObject({ level: 'ok', found: '127.0.0.1:9' });
    expect(ran.stdout + ran.stderr).not.toContain('secret');
  });

  it('warns where there is no place for state', async () => {
    const env = { HELM_DATA_HOME: '.local/share/helm' };
    const ran = await world.run(['doctor', ...world.knowing(), '--output', 'json'], { env, home: '' });
    expect(about('State', ran)).toMatchObject({ level: 'warning' });
  });
});

describe('state clear', () => {
  it('removes what was remembered, and the directory if nothing else is in it', async () => {
    const state = join(world.directory, 'state');
    const env = { HELM_SIGSTORE_HOME: state };
    const { path } = await world.loggedChart('remembered');
    expect(await world.run(['verify', path, ...world.knowing()], { env })).toMatchObject({ status: 0 });
    expect(await world.run(['state', 'clear'], { env })).toEqual({
      status: 0,
      stdout: `Removed: ${join(state, 'history')}\n`,
      stderr: '',
    });
    expect(await world.run(['state', 'clear'], { env })).toMatchObject({ stdout: 'Nothing to remove\n' });
  });

  it('leaves what is not its own', async () => {
    const state = join(world.directory, 'shared');
    await mkdir(join(state, 'history'), { recursive: true });
    await writeFile(join(state, 'thesis.txt'), 'years of work');
    await world.run(['state', 'clear'], { env: { HELM_SIGSTORE_HOME: state } });
    expect(await readdir(state)).toEqual(['thesis.txt']);
  });
});
