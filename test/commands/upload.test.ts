import { readFile, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { sha256Hex } from '../../src/digest.ts';
import { CHECK_IDS } from '../../src/verification/openpgp-rekor.ts';
import { ask } from '../support/ask.ts';
import { chartArchive, writeSignedChart } from '../support/chart.ts';
import { serveBefore } from '../support/front.ts';
import { answer, type LoopbackServer } from '../support/loopback.ts';
import { CHART_SIGNED, createSigner, DAY } from '../support/signer.ts';
import { World } from '../support/world/world.ts';

const CREATE = 'POST /api/v1/log/entries';

let world: World;

beforeAll(async () => {
  world = await World.open();
});

afterAll(async () => {
  await world.close();
});

/** The UUID of the entry at an index, as the log itself gives it. */
async function uuidAt(index: number): Promise<string> {
  const { body } = await ask(`${world.log.url}/api/v1/log/entries?logIndex=${index}`);
  return Object.keys(JSON.parse(body) as object)[0] ?? '';
}

/** What a server was asked, as `METHOD /path`. */
function askedOf({ seen }: LoopbackServer): string[] {
  return seen.map(({ method, url }) => `${method} ${url}`);
}

describe('a chart that the log does not have', () => {
  test('is created, with the lines of the Go plugin to the byte', async () => {
    const { path, archive } = await world.chart('created');
    const { status, stdout, stderr } = await world.run(['upload', path, ...world.knowing()]);
    const uuid = await uuidAt(0);
    const url = `${world.log.url}/api/v1/log/entries/${uuid}`;
    expect(status).toBe(0);
    expect(stdout.split('\n').slice(0, 6)).toEqual([
      '',
      `Created Helm entry at index 0, available at: ${url}`,
      `Chart: ${path}`,
      `Digest: sha256:${sha256Hex(archive)}`,
      'Signed By: Test Publisher <publisher@charts.example>',
      `Fingerprint: ${world.publisher.fingerprint.toUpperCase()}`,
    ]);
    expect(stderr).toBe(
      `Publishing the signature of ${path}, its signer's public key and e-mail address publisher@charts.example ` +
        `on ${world.log.url}, for good\n`,
    );
  });

  test('is uploaded in two requests: are you there, and take it', async () => {
    const front = await serveBefore(world.log);
    const { path } = await world.chart('two-requests');
    // Who has seen the log before asks a third time: whether it is still the same.
    const home = await world.subdirectory('first-home');
    const argv = ['upload', path, ...world.knowing(front)];
    expect(await world.run(argv, { home })).toMatchObject({ status: 0 });
    expect(askedOf(front)).toEqual(['POST /api/v1/log/entries/retrieve', CREATE]);
  });
});

describe('a chart that the log has already', () => {
  test('is said to be there, and is not sent again', async () => {
    const { path, index, uuid } = await world.loggedChart('there');
    const front = await serveBefore(world.log);
    const { status, stdout, stderr } = await world.run(['upload', path, ...world.knowing(front)]);
    expect(stdout.split('\n')[0]).toBe(
      `Helm entry already exists at index ${index}, available at: ${front.url}/api/v1/log/entries/${uuid}`,
    );
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(askedOf(front)).not.toContain(CREATE);
  });

  test('is said to be there when the log finds out only at the second request', async () => {
    const { path, index, uuid } = await world.loggedChart('raced');
    const front = await serveBefore(world.log, {
      change: (said) => (front.seen.length === 1 ? { ...said, body: '[]' } : said),
    });
    const { status, stdout } = await world.run(['upload', path, ...world.knowing(front)]);
    expect(askedOf(front)).toContain(CREATE);
    expect(stdout.split('\n')[0]).toBe(
      `Helm entry already exists at index ${index}, available at: ${front.url}/api/v1/log/entries/${uuid}`,
    );
    expect(status).toBe(0);
  });

  test('is said to be there even though its key has expired since', async () => {
    // A log of its own, because its clock never goes back.
    const early = await World.open();
    onTestFinished(() => early.close());
    const mayfly = await createSigner({ expiresAfter: 365 * DAY });
    const chart = await early.chart('outlived', mayfly);
    const options = [...early.trusting(), '--keyring', chart.keyring];
    early.log.now = CHART_SIGNED + DAY;
    const first = await early.run(['upload', chart.path, ...options], { now: CHART_SIGNED + DAY });
    early.log.now = Math.floor(Date.now() / 1000);
    expect(first.status).toBe(0);
    const { status, stdout } = await early.run(['upload', chart.path, ...options]);
    expect(stdout).toMatch(/^Helm entry already exists at index /);
    expect(stdout).toMatch(/^Warning: the key expired at 2024-12-31T00:00:00Z, after the entry was logged$/m);
    expect(status).toBe(0);
  });
});

describe('nothing is sent of a chart', () => {
  test.each([12, 0.1, 0.3, 0.5, 0.7, 0.9])(
    'that is damaged, which is status 10 wherever the damage is (%s)',
    async (place) => {
      const { path } = await world.chart(`damaged-at-${place}`);
      const archive = await readFile(path);
      const offset = place < 1 ? Math.floor(place * archive.length) : place;
      archive.writeUInt8(archive.readUInt8(offset) ^ 1, offset);
      await writeFile(path, archive);
      const { status, stdout, stderr } = await world.run(['upload', path, ...world.knowing()]);
      expect(status).toBe(10);
      expect(stdout).toMatch(/^Chart Not Uploaded: /);
      expect(stderr).toContain('archive-digest: the archive is not the one that was signed');
    },
  );

  /** Uploads before a server that notes everything. */
  async function upload(path: string, keyring: string) {
    const front = await serveBefore(world.log);
    const options = [...world.trusting(front), '--keyring', keyring];
    return { ...(await world.run(['upload', path, ...options])), asked: askedOf(front) };
  }

  /** What stdout says of a chart that is good but for its key. */
  const NOT_UPLOADED =
    /^Chart Not Uploaded: .*\nDigest: sha256:[0-9a-f]{64}\n\n12 other checks: 3 passed, 9 skipped\n$/;

  test('whose key has expired', async () => {
    const { path, keyring } = await world.chart('expired', await createSigner({ expiresAfter: 365 * DAY }));
    const { status, stdout, stderr, asked } = await upload(path, keyring);
    expect(status).toBe(10);
    expect(stdout).toMatch(NOT_UPLOADED);
    expect(stderr).toMatch(
      /^Error: .*expired-0\.1\.0\.tgz: signer-key: cannot be logged: the key [0-9a-f]{40} expired on 2024-12-31.*\nHint: the key may have been prolonged since: /,
    );
    expect(asked).not.toContain(CREATE);
  });

  test('whose key is revoked', async () => {
    const { path } = await world.chart('revoked');
    const revocations = [{ at: CHART_SIGNED + DAY, reason: 1 }];
    const revoked = await world.publisher.certificateWith({ revocations });
    const { status, stdout, stderr, asked } = await upload(path, await world.write('revoked.gpg', revoked));
    expect(status).toBe(10);
    expect(stdout).toMatch(NOT_UPLOADED);
    expect(stderr).toMatch(
      /^Error: .*: signer-key: cannot be logged: the key [0-9a-f]{40} was revoked as superseded/,
    );
    expect(asked).not.toContain(CREATE);
  });

  test('whose key was renewed after it was signed, because the log would refuse it', async () => {
    const { path } = await world.chart('renewed');
    const renewed = await world.publisher.certificateWith({
      selfSignatures: [{ at: CHART_SIGNED + DAY }],
    });
    const { status, stdout, stderr, asked } = await upload(path, await world.write('renewed.gpg', renewed));
    expect({ status, stdout }).toEqual({ status: 5, stdout: '' });
    expect(stderr).toMatch(
      /^Error: a log would refuse .*: the key has no self-signature from before the signature.*\(a renewal replaces it\)/,
    );
    expect(stderr).toMatch(/sign again, or add an older copy of the key/);
    expect(asked).not.toContain(CREATE);
  });

  test('that is dated in the future', async () => {
    const at = Math.floor(Date.now() / 1000) + DAY;
    const directory = await world.subdirectory('future');
    const { path } = await writeSignedChart(directory, world.publisher, { at });
    const { status, stderr, asked } = await upload(path, world.keyring);
    expect(status).toBe(10);
    expect(stderr).toMatch(/^Error: .*: provenance-signature: the signature is dated in the future/);
    expect(asked).toEqual([]);
  });

  test.each([
    { member: 'name', name: 'impostor', version: '0.1.0', found: 'expected "impostor", found "hello"' },
    { member: 'version', name: 'hello', version: '6.6.6', found: 'expected "6.6.6", found "0.1.0"' },
  ])(
    'whose signed text has another $member than its Chart.yaml',
    async ({ member, name, version, found }) => {
      const archive = await chartArchive(name, version);
      const path = `${await world.subdirectory(`other-${member}`)}/hello-0.1.0.tgz`;
      await writeFile(path, archive);
      await writeFile(`${path}.prov`, await world.publisher.sign('hello', '0.1.0', archive));
      const { status, stdout, stderr, asked } = await upload(path, world.keyring);
      expect(status).toBe(10);
      expect(stdout).not.toContain('Created');
      expect(stderr).toContain(
        `Error: ${path}: archive-name: Chart.yaml and the signed text differ in the ${member} of the chart: ${found}\n`,
      );
      expect(asked).toEqual([]);
    },
  );

  test('to a log without a trusted key', async () => {
    const front = await serveBefore(world.log);
    const { path } = await world.chart('untrusted');
    const options = ['--rekor-server', front.url, '--keyring', world.keyring];
    const { status, stdout, stderr } = await world.run(['upload', path, ...options]);
    expect({ status, stdout }).toEqual({ status: 5, stdout: '' });
    expect(stderr).toMatch(
      /^Error: no key of the log http:.* is trusted.*\nHint: .*helm sigstore log pin http:/,
    );
    expect(front.seen).toEqual([]);
  });
});

describe('a log that does not take the entry', () => {
  const notEnabled = "entry kind 'helm' is not enabled for submission";

  test.each([
    { status: 400, message: notEnabled, hint: 'this log takes no helm entries' },
    { status: 400, message: 'error processing entry: bad', hint: 'check that this log is a Rekor v1' },
    { status: 405, message: 'method not allowed', hint: 'this log does not offer that' },
    { status: 413, message: 'request body too large', hint: 'the log takes no entry of this size' },
    { status: 500, message: 'unexpected', hint: 'try again later' },
    { status: 501, message: 'creation is disabled', hint: 'this log does not offer that' },
  ])(
    'and answers $status, $message, makes status 5, with a hint',
    async ({ status: code, message, hint }) => {
      const instead = { [CREATE]: answer(code, JSON.stringify({ code, message })) };
      const front = await serveBefore(world.log, { instead });
      const { path } = await world.chart('not-taken');
      const { status, stdout, stderr } = await world.run(['upload', path, ...world.knowing(front)]);
      expect({ status, stdout }).toEqual({ status: 5, stdout: '' });
      expect(stderr).toMatch(
        new RegExp(
          `^Publishing .*\\nError: .*/api/v1/log/entries answered with status ${code}: .*\\nHint: ${hint}`,
        ),
      );
    },
  );

  test('for any of many charts says what to do about it once', async () => {
    const instead = { [CREATE]: answer(500, JSON.stringify({ code: 500, message: 'unexpected' })) };
    const front = await serveBefore(world.log, { instead });
    const charts = await Promise.all(['a', 'b', 'c'].map((name) => world.chart(`not-taken-${name}`)));
    const argv = ['upload', ...charts.map(({ path }) => path), ...world.knowing(front)];
    const { status, stderr } = await world.run(argv);
    expect(status).toBe(5);
    expect(stderr.match(/^Error: /gm)).toHaveLength(3);
    expect(stderr.match(/^Hint: try again later$/gm)).toHaveLength(1);
    const json = await world.run([...argv, '--output', 'json']);
    expect(json.stdout.match(/"hint": "try again later"/g)?.length).toBeGreaterThanOrEqual(3);
  });

  test('but says that it has it, which it shows a moment later, is believed then', async () => {
    const { path, uuid } = await world.loggedChart('at-one-moment');
    let lookups = 0;
    const front = await serveBefore(world.log, {
      // Not before it is sent, and not at once after it.
      change: (said, asked) =>
        asked.endsWith('/retrieve') && ++lookups <= 2 ? { ...said, body: '[]' } : said,
    });
    const { status, stdout } = await world.run(['upload', path, ...world.knowing(front)]);
    expect(status).toBe(0);
    expect(stdout).toContain(`Helm entry already exists at index`);
    expect(stdout).toContain(uuid);
    expect(lookups).toBe(3);
  });

  test.each([
    ['no name', {}],
    ['nonsense', { location: '/api/v1/log/entries/nonsense' }],
    ['an entry of nobody', { location: `/api/v1/log/entries/${'ab'.repeat(32)}` }],
  ])('but says that it has it, under %s, and does not show it, is not believed', async (_, headers) => {
    const front = await serveBefore(world.log, { instead: { [CREATE]: answer(409, '{}', headers) } });
    const { path } = await world.chart('unnamed');
    const { status, stdout, stderr } = await world.run(['upload', path, ...world.knowing(front)]);
    expect({ status, stdout }).toEqual({ status: 5, stdout: '' });
    expect(stderr).toMatch(
      /\nError: .*says that it has .*unnamed-0\.1\.0\.tgz already.*shows no entry that verifies/,
    );
  });

  test.each([
    ['no name', {}],
    ['nonsense', { location: 'https://example.com/?x=1' }],
    ['an entry of nobody', { location: `/api/v1/log/entries/${'ab'.repeat(32)}` }],
  ])('but says that it has it, under %s, is believed when it shows it', async (_, headers) => {
    const { path, uuid } = await world.loggedChart(`looked-up-${Object.keys(headers).length}-${_.length}`);
    let lookups = 0;
    const front = await serveBefore(world.log, {
      instead: { [CREATE]: answer(409, '{}', headers) },
      change: (said, asked) =>
        asked.endsWith('/retrieve') && ++lookups === 1 ? { ...said, body: '[]' } : said,
    });
    const { status, stdout } = await world.run(['upload', path, ...world.knowing(front)]);
    expect(status).toBe(0);
    expect(stdout).toContain('Helm entry already exists at index');
    expect(stdout).toContain(uuid);
  });

  test('but says that it has it, and shows another entry, is not believed', async () => {
    const { uuid } = await world.loggedChart('shown-instead');
    const location = `/api/v1/log/entries/${uuid}`;
    const front = await serveBefore(world.log, { instead: { [CREATE]: answer(409, '{}', { location }) } });
    const { path } = await world.chart('hidden');
    const { status, stdout, stderr } = await world.run(['upload', path, ...world.knowing(front)]);
    expect({ status, stdout }).toEqual({ status: 5, stdout: '' });
    expect(stderr).toMatch(
      /\nError: .*has .*hidden-0\.1\.0\.tgz already, as [0-9a-f]{80}, and shows no entry that verifies/,
    );
  });

  test('but says that it did, without proof, never makes "Created"', async () => {
    const front = await serveBefore(world.log, {
      change: (said, path) =>
        path.endsWith('/entries')
          ? { ...said, body: said.body.replace(/"integratedTime":[0-9]+/, '"integratedTime":1750000000') }
          : said,
    });
    const { path } = await world.chart('unproven');
    const argv = ['upload', path, ...world.knowing(front)];
    const { status, stdout, stderr } = await world.run(argv);
    expect(status).toBe(10);
    expect(stdout).toMatch(
      /^Chart Sent, Entry Not Proven: .*\nDigest: .*\n\n[0-9]+ other checks: [0-9]+ passed, [0-9]+ skipped\n/,
    );
    expect(stdout).toContain(`\n${CHECK_IDS.length - 1} other checks: `);
    expect(stdout).not.toContain('Created');
    expect(stderr).toMatch(/\nError: .*unproven-0\.1\.0\.tgz: inclusion-promise: /);
  });
});
