import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rm } from 'node:fs/promises';
import { serveBefore } from '../support/front.ts';
import { answer } from '../support/loopback.ts';
import { sha256Hex } from '../../src/digest.ts';
import { World } from '../support/world/world.ts';

let world: World;
let chart: Awaited<ReturnType<World['loggedChart']>>;

beforeAll(async () => {
  world = await World.open();
  chart = await world.loggedChart('searched');
});

afterAll(async () => {
  await world.close();
});

const digest = () => sha256Hex(chart.archive);

test('search prints the lines of the Go plugin to the byte, and what is known of the entry', async () => {
  const { status, stdout, stderr } = await world.run(['search', chart.path, ...world.trusting()]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout.replace(/Logged At: .*/, 'Logged At: TIME')).toBe(
    [
      'The Following Records were Found',
      '',
      `Rekor Server: ${world.log.url}`,
      `Rekor UUID: ${chart.uuid}`,
      '  Log Index: 0',
      '  Logged At: TIME',
      `  Archive: sha256:${digest()}`,
      `  Fingerprint: ${world.publisher.fingerprint.toUpperCase()}`,
      '  Signed By: Test Publisher <publisher@charts.example>',
      `  Proofs: checked against ${world.log.publicKeyPath}`,
      '',
    ].join('\n'),
  );
});

test('search needs no provenance file', async () => {
  const { path } = await world.loggedChart('bare');
  await rm(`${path}.prov`);
  expect(await world.run(['search', path, ...world.trusting()])).toMatchObject({ status: 0 });
});

describe('the entry is found', () => {
  test.each([
    ['by the digest of the archive', () => ['--sha256', digest()]],
    ['by the digest as other programs write it', () => ['--sha256', `sha256:${digest().toUpperCase()}`]],
    ['by the e-mail address of its signer', () => ['--email', 'publisher@charts.example']],
    ['by the public key of its signer', () => ['--public-key', world.keyring]],
  ])('%s', async (_, query) => {
    const { status, stdout } = await world.run(['search', ...query(), ...world.trusting()]);
    expect(stdout).toContain(`\nRekor UUID: ${chart.uuid}\n`);
    expect(status).toBe(0);
  });
});

test('in a log without a trusted key, entries are found and marked as not checked', async () => {
  const { status, stdout } = await world.run(['search', chart.path, '--rekor-server', world.log.url]);
  expect(stdout).toContain(`\nRekor UUID: ${chart.uuid}\n`);
  expect(stdout).toMatch(/^ {2}Proofs: not checked: no trusted key of this log$/m);
  expect(status).toBe(0);
});

test('an entry that the log proves by its own word alone is said to be checked against that', async () => {
  const options = ['--rekor-server', world.log.url, '--insecure-trust-on-first-use'];
  const { stdout } = await world.run(['search', chart.path, ...options]);
  expect(stdout).toMatch(/^ {2}Proofs: checked against the key that the log itself gave/m);
});

test.each([
  ['a digest', ['--sha256', 'a'.repeat(64)], `sha256:${'a'.repeat(64)}`],
  ['an e-mail address', ['--email', 'nobody@charts.example'], 'nobody@charts.example'],
])('%s that the log does not know is status 4, and nothing on stdout', async (_, query, about) => {
  expect(await world.run(['search', ...query, ...world.trusting()])).toEqual({
    status: 4,
    stdout: '',
    stderr: expect.stringMatching(
      new RegExp(
        `^Error: no entry for ${about} in ${world.log.url}\nHint: .*Rekor v2 has none: helm sigstore verify .*\n$`,
      ),
    ) as string,
  });
});

test('entries that do not hold are no result', async () => {
  const front = await serveBefore(world.log, {
    change: (said) => ({ ...said, body: said.body.replace(/"integratedTime":[0-9]+/, '"integratedTime":1') }),
  });
  const { status, stdout, stderr } = await world.run(['search', chart.path, ...world.trusting(front)]);
  expect({ status, stdout }).toEqual({ status: 10, stdout: '' });
  expect(stderr).toMatch(
    /^Error: no entry that .* returned for searched-0\.1\.0\.tgz .* holds: inclusion-promise: .*\n/,
  );
});

test('answers that cannot be read as entries are no result, with and without trust', async () => {
  const instead = { 'POST /api/v1/log/entries/retrieve': answer(200, '[{"a":1}]') };
  const front = await serveBefore(world.log, { instead });
  for (const options of [world.trusting(front), ['--rekor-server', front.url]]) {
    const { status, stdout, stderr } = await world.run(['search', chart.path, ...options]);
    expect({ status, stdout }).toEqual({ status: 5, stdout: '' });
    expect(stderr).toMatch(
      /^Error: .* has nothing for searched-0\.1\.0\.tgz .* that can be read as an entry\n/,
    );
  }
});

test.each([
  ['nothing', [], 'one chart, --sha256, --email or --public-key is expected, found none'],
  ['two things', ['x.tgz', '--email', 'a@b.example'], 'one chart, .* is expected, found 2'],
  ['a short digest', ['--sha256', 'abc'], '--sha256 expects 64 hexadecimal digits, found "abc"'],
  ['a name for an address', ['--email', 'Jo'], '--email expects an e-mail address, found "Jo"'],
])('a search for %s is a usage error', async (_, query, message) => {
  const { status, stdout, stderr } = await world.run(['search', ...query, ...world.trusting()]);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toMatch(new RegExp(`^Error: ${message}\\n`));
});
