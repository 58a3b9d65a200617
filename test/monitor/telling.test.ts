import { chmod, readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { createSigner } from '../support/signer.ts';
import { MonitoredWorld } from '../support/world/monitored-world.ts';

const hasShell = process.platform !== 'win32';

/** A program of the user's. */
async function program(world: MonitoredWorld, script: string): Promise<string> {
  const path = await world.write('alert', `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o700);
  return path;
}

describe.runIf(hasShell)('--exec (needs sh)', () => {
  test('gets each event as one line of JSON, the same that JSON Lines have', async () => {
    const world = await MonitoredWorld.open();
    const mine = await world.sign('mine');
    for (const each of [mine, await world.sign('other')]) world.append(each);
    const told = `${world.directory}/told`;
    const exec = ['--exec', await program(world, `cat >> '${told}'`)];
    const { events, status } = await world.pass('--published', await world.index(mine), ...exec);
    expect(status).toBe(10);
    const lines = (await readFile(told, 'utf8')).trimEnd().split('\n');
    const documents = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(documents.map(({ event }) => event)).toEqual(['published', 'unknown']);
    for (const [index, event] of events.entries())
      expect({ ...documents[index], errors: event['errors'] }).toEqual({
        ...event,
        log: { url: world.server.url },
        errors: event['errors'],
      });
  });

  test('does not get the token of the log, which has the environment to come from', async () => {
    const world = await MonitoredWorld.open();
    world.append(await world.sign('one'));
    const told = `${world.directory}/told`;
    const exec = ['--exec', await program(world, `/usr/bin/env > '${told}'`)];
    const env = { HELM_SIGSTORE_LOG_TOKEN: 'a-token-that-nobody-guesses', ELSEWHERE: 'is kept' };
    expect(await world.run([...world.words(...exec), '--output', 'jsonl'], { env })).toMatchObject({
      status: 10,
    });
    const seen = await readFile(told, 'utf8');
    expect(seen).toContain('ELSEWHERE=is kept');
    expect(seen).not.toContain('a-token-that-nobody-guesses');
  });

  test('no shell sees an event, whatever is in it', async () => {
    const world = await MonitoredWorld.open();
    const touched = `${world.directory}/touched`;
    const evil = await createSigner({ userIds: [`$(touch ${touched}) <evil@charts.example>`] });
    world.append(await world.sign('evil', evil));
    const name = await world.write('a program; touch touched', '#!/bin/sh\ncat > /dev/null\n');
    await chmod(name, 0o700);
    expect(await world.pass('--email', 'evil@charts.example', '--exec', name)).toMatchObject({ status: 10 });
    await expect(readFile(touched)).rejects.toThrow(/ENOENT/);
  });

  test.each([
    [
      'fails',
      'echo "no mail today" >&2; exit 7',
      /alert did not take an event: it ended with status 7: no mail today\n/,
    ],
    ['is killed', 'kill -9 $$', /alert did not take an event: a signal ended it\n/],
    ['does not read', 'exit 1', /alert did not take an event: it ended with status 1\n/],
  ])('one that %s is said, and gets the event again, and those behind it', async (_, script, message) => {
    const world = await MonitoredWorld.open();
    world.append(await world.sign('one'));
    world.log.fill(300);
    world.append(await world.sign('two'));
    const exec = ['--exec', await program(world, script)];
    const { status, events, stderr } = await world.pass(...exec);
    expect({ status, events }).toMatchObject({
      status: 10,
      events: [{ event: 'unknown', entry: { index: 0 } }],
    });
    expect(stderr).toMatch(message);
    // It did not come so far as to ask an index.
    expect(stderr).not.toContain('An index can leave out entries');
    const told = `${world.directory}/told`;
    await program(world, `cat >> '${told}'`);
    const after = await world.pass(...exec);
    expect(after.events.map(({ entry }) => (entry as { index: number }).index)).toEqual([0, 301]);
    expect((await readFile(told, 'utf8')).trimEnd().split('\n')).toHaveLength(2);
    expect(await world.pass(...exec)).toMatchObject({ status: 0, events: [] });
  });

  test('that good news could not be told is status 5', async () => {
    const world = await MonitoredWorld.open();
    const mine = await world.sign('mine');
    world.append(mine);
    const words = ['--published', await world.index(mine), '--exec', `${world.directory}/is-not-there`];
    const { status, stderr, last } = await world.pass(...words);
    expect(status).toBe(5);
    expect(stderr).toMatch(/is-not-there did not take an event: spawn .* ENOENT\n/);
    expect(last).toMatchObject({ errors: [{ code: 'UNCHECKED' }] });
  });

  test('one that does not end is ended', async () => {
    const world = await MonitoredWorld.open();
    world.append(await world.sign('mine'));
    const exec = ['--exec', await program(world, 'sleep 600'), '--timeout', '1s'];
    const { status, stderr } = await world.pass(...exec);
    expect(status).toBe(10);
    expect(stderr).toMatch(/alert did not take an event: the time for all requests is up\n/);
  });
});

describe('the answer', () => {
  test('in text has the lines of each event, what went wrong on stderr, and counts', async () => {
    const world = await MonitoredWorld.open();
    const mine = await world.sign('mine');
    world.append(mine);
    const leaf = world.append(await world.sign('other'));
    const { status, stdout, stderr } = await world.user.run(
      world.words('--published', await world.index(mine)),
    );
    expect(status).toBe(10);
    const fingerprint = world.publisher.fingerprint;
    const lines = stdout.split('\n');
    expect(lines[0]).toBe(`Published: mine-0.1.0.tgz (sha256:${mine.sha256})`);
    expect(lines.slice(lines.indexOf('') + 1)).toEqual([
      expect.stringMatching(/^Unknown: sha256:[0-9a-f]{64}$/),
      `  Entry: 1 of tree ${world.log.active.treeId}`,
      `  UUID: ${leaf.uuid}`,
      '  Logged At: 2024-06-01T01:00:00Z',
      '  Kind: helm 0.0.1',
      `  Signed By: ${fingerprint} Test Publisher <publisher@charts.example>`,
      `  Watched As: openpgp ${fingerprint}`,
      '',
    ]);
    expect(stderr).toContain(
      `${world.server.url} has an entry of openpgp ${fingerprint} that is not published: sha256:`,
    );
    expect(stderr).toContain('\n1 published, 1 unknown, 0 unlogged, 0 conflict, 0 behind\n');
  });

  test('in JSON is one document with all events', async () => {
    const world = await MonitoredWorld.open();
    world.append(await world.sign('mine'));
    const { stdout } = await world.user.run([...world.words(), '--output', 'json']);
    expect(JSON.parse(stdout)).toMatchObject({
      status: 10,
      command: 'monitor',
      results: [{ status: 10, event: 'unknown' }],
      errors: [{ code: 'REJECTED' }],
      counts: { unknown: 1 },
    });
  });
});

describe('a command line', () => {
  test.each<[string, readonly string[], RegExp]>([
    ['without --state', ['--fingerprint', 'a'.repeat(40)], /expected --state, found none/],
    [
      'that names nobody',
      ['--state', 's.json'],
      /expected --fingerprint, --email, --identity, --key or --policy, found none/,
    ],
    [
      'with a key ID',
      ['--state', 's.json', '--fingerprint', 'abcd1234abcd1234'],
      /found the key ID abcd1234abcd1234/,
    ],
    [
      'with a name for an address',
      ['--state', 's.json', '--email', 'Jo'],
      /--email expects an e-mail address, found "Jo"/,
    ],
    [
      'with a pattern that lets anybody in',
      ['--state', 's.json', '--identity', 'https://github.com/**'],
      /--identity: expected an identity to be/,
    ],
    [
      'with an issuer alone',
      ['--state', 's.json', '--certificate-oidc-issuer', 'https://a.example'],
      /expected --identity beside --certificate-oidc-issuer, found none/,
    ],
    [
      'with no number',
      ['--state', 's.json', '--email', 'a@b.example', '--max-entries', '0'],
      /--max-entries expects a number from 1, found "0"/,
    ],
    [
      'with an operand',
      ['--state', 's.json', '--email', 'a@b.example', 'chart.tgz'],
      /monitor expects 0 arguments, found 1/,
    ],
    [
      'with a URL for the state',
      ['--state', 'https://a.example/s', '--email', 'a@b.example'],
      /expected --state to be a path, found a URL/,
    ],
  ])('%s is wrong, and nothing is asked', async (_, words, message) => {
    const world = await MonitoredWorld.open();
    const { status, stderr } = await world.run(['monitor', ...words, ...world.user.trusting(world.server)]);
    expect(stderr).toMatch(message);
    expect({ status, seen: world.server.seen }).toEqual({ status: 2, seen: [] });
  });

  test('with a fingerprint whose key is nowhere is status 3: what it signs could not be recognised', async () => {
    const world = await MonitoredWorld.open();
    const words = ['--state', world.state, '--fingerprint', 'ab'.repeat(20), '--keyring', world.keyring];
    const { status, stderr } = await world.run(['monitor', ...words, ...world.user.trusting(world.server)]);
    expect(status).toBe(3);
    expect(stderr).toMatch(
      /^Error: the public key of (?:AB){20} is in none of .*keyring\.gpg\nHint: name its file with --public-key/,
    );
  });
});
