import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, test } from 'vitest';
import type { Context } from '../../src/run/context.ts';
import { Output } from '../../src/cli/output.ts';
import { run } from '../../src/main.ts';
import { loadBuiltInRoot, PUBLIC_LOG } from '../../src/trust/public-good.ts';
import { refreshedRootPath, writeRefreshedRoot } from '../../src/trust/refreshed-root.ts';
import { parseTrustedRoot } from '../../src/trust/trusted-root.ts';
import { newLogKeys } from '../support/log-keys.ts';
import { answer, serve, unusedPort } from '../support/loopback.ts';
import { outputTo, runProgram, type Ran, type Surroundings } from '../support/program.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { trustedRoot } from '../support/trusted-root.ts';
import { TufRepository } from '../support/tuf-repository.ts';
import { HostileWorld } from '../support/world/hostile-world.ts';
import { chartAnswer } from '../verification/verdicts.ts';

const DAY = 86_400;
const publicLogId = 'c0d23d6ad406973f9559f3ba2d1ca01f84147d8ffc5b8445c224f98b9591801d';
const metadata = { root: '', timestamp: '', snapshot: '', targets: '' };
const { date } = await loadBuiltInRoot();

/** Somebody with a directory for state, and a mirror of Sigstore's TUF repository that cannot prove anything. */
interface User {
  readonly state: string;
  readonly mirror: TufRepository;
  readonly run: (argv: readonly string[], surroundings?: Surroundings) => Promise<Ran>;
}

async function newUser(): Promise<User> {
  const state = join(await temporaryDirectory(), 'state');
  const mirror = await TufRepository.start('{}');
  const env = { HELM_SIGSTORE_HOME: state, HELM_SIGSTORE_TUF_MIRROR: mirror.url };
  return {
    state,
    mirror,
    run: (argv, { now = date + DAY, ...surroundings } = {}) =>
      runProgram(argv, { random: () => 0, ...surroundings, now, env: { ...env, ...surroundings.env } }),
  };
}

/** Keeps a copy of a root with a new key of the public log, as a refresh at that time would; returns its log ID. */
async function keepCopy(state: string, refreshedAt: number): Promise<string> {
  const keys = newLogKeys.Ed25519();
  const json: unknown = JSON.parse(
    trustedRoot([{ url: PUBLIC_LOG, keys, validFor: { start: date - DAY, end: date + 300 * DAY } }]),
  );
  const content = { repository: '', refreshedAt, trustedRoot: json, logs: parseTrustedRoot(json), metadata };
  await writeRefreshedRoot(join(state, 'trust'), content);
  return keys.key.logId;
}

describe('trust show', () => {
  test('shows the keys of the public log that came with this version, and asks nobody', async () => {
    const { run, mirror, state } = await newUser();
    expect(await run(['trust', 'show'], { now: date + 20 * DAY })).toEqual({
      status: 0,
      stdout: [
        'Rekor Server: https://rekor.sigstore.dev',
        "Trusted By: Sigstore's trusted root of 2026-11-05",
        'Age: 20 days',
        '',
        `Log ID: ${publicLogId}`,
        '  Algorithm: ECDSA P-256',
        '  Valid: from 2021-01-12T11:53:27Z',
        '',
      ].join('\n'),
      stderr: '',
    });
    expect(mirror.asked).toEqual([]);
    await expect(readdir(state)).rejects.toThrow('ENOENT');
  });

  test('shows a refreshed copy that is newer, when it is of, and where it is', async () => {
    const { run, state } = await newUser();
    const logId = await keepCopy(state, date + DAY);
    const { status, stdout } = await run(['trust', 'show', '--output', 'json'], { now: date + 3 * DAY });
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      schema: 'helm-sigstore/2',
      status: 0,
      command: 'trust show',
      log: {
        url: PUBLIC_LOG,
        trust: {
          kind: 'refreshed',
          detail: "Sigstore's trusted root, refreshed at 2026-11-06T00:00:00Z",
          logIds: [logId],
          root: { origin: 'refreshed', asOf: '2026-11-06T00:00:00Z' },
        },
      },
      keys: [
        {
          logId,
          algorithm: 'Ed25519',
          validFrom: '2026-11-04T00:00:00Z',
          validUntil: '2027-09-01T00:00:00Z',
        },
      ],
      copy: join(state, 'trust', 'sigstore.json'),
    });
  });

  test('passes over a copy that is damaged, and says so', async () => {
    const { run, state } = await newUser();
    await keepCopy(state, date + DAY);
    const path = refreshedRootPath(join(state, 'trust'));
    await writeFile(path, 'torn');
    const { stdout, stderr } = await run(['trust', 'show']);
    expect(stdout).toContain(publicLogId);
    expect(stderr).toBe(
      `Warning: the copy of Sigstore's trusted root ${path} is damaged: expected JSON, found "torn"; ` +
        'helm sigstore trust update brings a new one\n',
    );
  });

  test.each([
    ['the built-in copy', undefined],
    ['the last copy', date + DAY],
  ])('warns when %s is older than 90 days', async (which, refreshedAt) => {
    const { run, state } = await newUser();
    if (refreshedAt !== undefined) await keepCopy(state, refreshedAt);
    const { status, stderr } = await run(['trust', 'show'], { now: date + 95 * DAY });
    expect(status).toBe(0);
    expect(stderr).toMatch(`Warning: ${which} of Sigstore's trusted root is 9`);
  });

  test('shows the keys of another log, if there are any', async () => {
    const { run } = await newUser();
    const directory = await temporaryDirectory();
    const path = join(directory, 'log.pem');
    const { key } = newLogKeys['RSA-2048']();
    await writeFile(path, key.publicKey.export({ format: 'pem', type: 'spki' }));
    const server = ['--rekor-server', 'https://rekor.example.com'];
    expect((await run(['trust', 'show', ...server, '--rekor-public-key', path])).stdout).toBe(
      `Rekor Server: https://rekor.example.com\nTrusted By: ${path}\n\nLog ID: ${key.logId}\n  Algorithm: RSA 2048\n  Valid: always\n`,
    );
    expect(await run(['trust', 'show', ...server])).toMatchObject({
      status: 5,
      stdout: '',
      stderr: expect.stringContaining('no key of the log https://rekor.example.com is trusted') as unknown,
    });
  });
});

describe('trust update', () => {
  test('believes no repository that the built-in root does not vouch for', async () => {
    const { run, mirror, state } = await newUser();
    const { status, stdout, stderr } = await run(['trust', 'update']);
    expect({ status, stdout }).toEqual({ status: 5, stdout: '' });
    expect(stderr).toContain(`Error: the TUF repository ${mirror.url} does not prove what it says: `);
    expect(stderr).toContain('timestamp was signed by 0/1 keys');
    expect(mirror.asked).toEqual(['17.root.json', 'timestamp.json']);
    expect(await readdir(join(state, 'trust'))).toEqual(['last-attempt']);
  });

  test('believes no root that follows the built-in one without its signatures', async () => {
    const { run, mirror } = await newUser();
    mirror.publishRoot({ version: 17 });
    const { status, stderr } = await run(['trust', 'update']);
    expect(status).toBe(5);
    expect(stderr).toContain('root was signed by 0/3 keys');
  });

  test('asks the mirror that the option names before that of the variable', async () => {
    const { run, mirror } = await newUser();
    const other = await TufRepository.start('{}');
    expect(await run(['trust', 'update', '--mirror', `${other.url}/`])).toMatchObject({ status: 5 });
    expect(other.asked).toHaveLength(2);
    expect(mirror.asked).toEqual([]);
  });

  test('says when nobody answers', async () => {
    const { run } = await newUser();
    const ran = await run(['trust', 'update', '--mirror', `http://127.0.0.1:${await unusedPort()}`]);
    expect(ran.status).toBe(5);
    expect(ran.stderr).toContain('connection refused');
  });

  test.each([
    ['--mirror ftp://example.com', ['--mirror', 'ftp://example.com'], 'expected --mirror to be a URL'],
    ['--timeout never', ['--timeout', 'never'], '--timeout expects a duration'],
  ])('refuses %s', async (_, options, says) => {
    const { run, mirror } = await newUser();
    const { status, stderr } = await run(['trust', 'update', ...options]);
    expect(status).toBe(2);
    expect(stderr).toContain(says);
    expect(mirror.asked).toEqual([]);
  });

  test('names the variable if that is wrong', async () => {
    const { run } = await newUser();
    const { status, stderr } = await run(['trust', 'update'], { env: { HELM_SIGSTORE_TUF_MIRROR: 'tuf' } });
    expect(status).toBe(2);
    expect(stderr).toContain('expected HELM_SIGSTORE_TUF_MIRROR to be a URL');
  });

  test('fails before it asks anybody where nothing can be kept', async () => {
    const { run, mirror, state } = await newUser();
    await mkdir(state);
    await writeFile(join(state, 'trust'), 'a file in the way');
    const { status, stderr } = await run(['trust', 'update']);
    expect(status).toBe(3);
    expect(stderr).toContain(`Error: cannot write ${join(state, 'trust')}`);
    expect(mirror.asked).toEqual([]);
  });

  test('fails without any place for state', async () => {
    const ran = await runProgram(['trust', 'update'], { home: '' });
    expect(ran.status).toBe(3);
    expect(ran.stderr).toContain('Error: there is no directory for state\nHint: set HELM_SIGSTORE_HOME');
  });
});

describe("a mirror of the public log, under Sigstore's trusted root", () => {
  /** Verifies a chart that a log has whose key Sigstore's root does not know. */
  async function verify({ run }: User, surroundings: Surroundings = {}) {
    const hostile = await HostileWorld.open();
    hostile.logChart();
    hostile.log.fill(3);
    const argv = [
      'verify',
      hostile.chart.path,
      '--rekor-server',
      hostile.server.url,
      '--trusted-root',
      'sigstore',
    ];
    const options = ['--keyring', hostile.chart.keyring, '--output', 'json'];
    return await run([...argv, ...options], { now: date + 30 * DAY, ...surroundings });
  }

  test('has newer keys asked for when it signs with one that nobody knows', async () => {
    const user = await newUser();
    const ran = await verify(user);
    expect(chartAnswer(ran)).toMatchObject({ status: 10, outcomes: { 'log-key': 'failed' } });
    expect(ran.stderr).toContain(
      "Warning: Sigstore's trusted root could not be refreshed: the TUF repository",
    );
    expect(ran.stderr).toContain('Hint: helm sigstore trust update fetches the present keys of this log\n');
    expect(user.mirror.asked).toEqual(['17.root.json', 'timestamp.json']);
  });

  test('has them asked for once an hour', async () => {
    const user = await newUser();
    await verify(user);
    const again = await verify(user, { now: date + 30 * DAY + 3599 });
    expect(chartAnswer(again)).toMatchObject({ status: 10 });
    expect(again.stderr).not.toContain('Warning');
    expect(user.mirror.asked).toHaveLength(2);
    await verify(user, { now: date + 30 * DAY + 3600 });
    expect(user.mirror.asked).toHaveLength(4);
  });

  test('has them asked for where nothing can be kept as well, and in CI', async () => {
    const user = await newUser();
    await writeFile(user.state, 'a file in the way');
    const ran = await verify(user, { env: { CI: 'true' } });
    expect(ran.status).toBe(10);
    expect(user.mirror.asked).toHaveLength(2);
  });
});

describe('an old root', () => {
  /** Verifies a chart with a log that has nothing; says what the mirror was asked, and if that was after the answer. */
  async function verifyInVain(env: Readonly<Record<string, string>>, now: number) {
    const said = { answer: false, whenAsked: undefined as boolean | undefined };
    const { state, mirror } = await newUser();
    mirror.files.set('17.root.json', (response) => {
      said.whenAsked = said.answer;
      response.writeHead(404).end();
    });
    const log = await serve(answer(200, '[]', { 'content-type': 'application/json' }));
    const context: Context = {
      version: 'test',
      env: { HELM_SIGSTORE_HOME: state, HELM_SIGSTORE_TUF_MIRROR: mirror.url, ...env },
      platform: process.platform,
      home: '/nonexistent',
      stdin: () => Readable.from([]),
      stdout: outputTo(() => (said.answer = true)),
      stderr: Output.toNowhere(),
      now: () => now,
      random: () => 0,
      interrupted: new AbortController().signal,
      takeTime: () => undefined,
      saveMemory: () => undefined,
      optimiseLater: () => undefined,
      passSignals: () => () => undefined,
    };
    const hostile = await HostileWorld.open();
    const argv = [
      'verify',
      hostile.chart.path,
      '--keyring',
      hostile.chart.keyring,
      '--rekor-server',
      log.url,
    ];
    const status = await run([...argv, '--trusted-root', 'sigstore'], context);
    return { status, asked: mirror.asked, whenAsked: said.whenAsked };
  }

  test('is refreshed when the verdict was printed, and the verdict stays what it is', async () => {
    const { status, asked, whenAsked } = await verifyInVain({}, date + 8 * DAY);
    expect(status).toBe(4);
    expect(asked).toEqual(['17.root.json', 'timestamp.json']);
    expect(whenAsked).toBe(true);
  });

  test('of a week is not', async () => {
    expect((await verifyInVain({}, date + 7 * DAY)).asked).toEqual([]);
  });

  test('is not refreshed in CI', async () => {
    expect((await verifyInVain({ CI: 'true' }, date + 8 * DAY)).asked).toEqual([]);
  });
});
