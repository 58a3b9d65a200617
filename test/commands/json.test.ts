import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sha256Hex } from '../../src/digest.ts';
import { CHECK_IDS } from '../../src/verification/openpgp-rekor.ts';
import { logKeyFromPem } from '../../src/tlog/log-key.ts';
import { serveBefore } from '../support/front.ts';
import type { Ran } from '../support/program.ts';
import { World } from '../support/world/world.ts';

type Json = Readonly<Record<string, unknown>>;

let world: World;
let logged: Awaited<ReturnType<World['loggedChart']>>;
let unlogged: string;
let logId: string;
let documented: Set<string>;

beforeAll(async () => {
  world = await World.open();
  logged = await world.loggedChart('logged');
  unlogged = (await world.chart('unlogged')).path;
  logId = logKeyFromPem(world.log.publicKeyPem).logId;
  const page = await readFile(join(import.meta.dirname, '../../docs/json.md'), 'utf8');
  documented = new Set([...page.matchAll(/`[^`]*`/g)].flatMap(([code]) => code.match(/\w+/g) ?? []));
});

afterAll(async () => {
  await world.close();
});

/** The one document on the stdout of a run, of which everything is checked that holds for all documents. */
function documentOf({ status, stdout, stderr }: Ran): Json {
  const document = JSON.parse(stdout) as Json;
  expect(stdout).toBe(`${JSON.stringify(document, null, 2)}\n`);
  expect(document).toMatchObject({ schema: 'helm-sigstore/2', status });
  const errors = (document['errors'] ?? []) as { code: string; message: string; hint?: string }[];
  expect(stderr.match(/^Error: .*$/gm) ?? []).toEqual(errors.map(({ message }) => `Error: ${message}`));
  expect(errors.length > 0).toBe(status !== 0);
  expect(membersOf(document).filter((name) => !documented.has(name))).toEqual([]);
  expect(stdout).not.toMatch(/: null/);
  return document;
}

function membersOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap(membersOf);
  return Object.entries(value).flatMap(([name, member]) => [name, ...membersOf(member)]);
}

async function run(...argv: readonly string[]): Promise<Json> {
  return documentOf(await world.run([...argv, '--output', 'json']));
}

const time = expect.stringMatching(/^20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$/) as string;
const hash = expect.stringMatching(/^[0-9a-f]{64}$/) as string;
const count = expect.any(Number) as number;

/** The log as a document shows it. */
const log = () => ({
  url: world.log.url,
  trust: { kind: 'public-key-file', detail: world.log.publicKeyPath, logIds: [logId] },
});

/** The entry of the chart that was logged. */
const entry = () => ({
  uuid: logged.uuid,
  url: `${world.log.url}/api/v1/log/entries/${logged.uuid}`,
  logIndex: 0,
  integratedTime: time,
  logId,
  treeId: world.log.treeId,
  leafHash: logged.uuid.slice(16),
  treeSize: count,
  rootHash: hash,
});

const signer = () => ({
  fingerprint: world.publisher.fingerprint,
  signingFingerprint: world.publisher.fingerprint,
  userIds: ['Test Publisher <publisher@charts.example>'],
  algorithm: 'Ed25519',
  primary: { created: '2024-01-01T00:00:00Z', revocations: [] },
  signing: { created: '2024-01-01T00:00:00Z', revocations: [] },
});

interface Judged {
  readonly checks: readonly { readonly id: string; readonly outcome: string }[];
}

const checkIds = (judged?: Judged) => judged?.checks.map(({ id }) => id);
const resultsOf = (document: Json) => document['results'] as (Json & Judged)[];

/** The evidence that decided on the first chart. */
const evidenceOf = (document: Json) => (resultsOf(document)[0]?.['evidences'] as (Json & Judged)[])[0];

describe('monitor', () => {
  const pass = async (state: string, ...more: readonly string[]) =>
    await run(
      ...['monitor', '--fingerprint', world.publisher.fingerprint, '--state', `${world.directory}/${state}`],
      ...more,
      ...world.knowing(),
    );

  test('says of an entry where it is, what is signed, by whom, and whether that is published', async () => {
    const document = await pass('one.json');
    const { sha256 } = { sha256: sha256Hex(logged.archive) };
    expect(document).toMatchObject({ command: 'monitor', status: 10, log: { url: world.log.url } });
    expect(resultsOf(document)).toMatchObject([
      {
        status: 10,
        event: 'unknown',
        entry: { treeId: world.log.treeId, index: 0, uuid: logged.uuid, integratedTime: time },
        signed: { kind: 'archive', algorithm: 'sha256', hex: sha256 },
        watched: `openpgp ${world.publisher.fingerprint}`,
      },
    ]);
    const published = await pass('two.json', '--published', logged.path, '--published', unlogged);
    expect(resultsOf(published).map(({ event }) => event)).toEqual(['published', 'unlogged']);
    expect(published).toMatchObject({ status: 0, counts: { published: 1, unlogged: 1, unknown: 0 } });
  });

  test('says of what could not be checked why, and since when', async () => {
    const front = await serveBefore(world.log, { change: (said) => ({ ...said, status: 503 }) });
    const who = ['--fingerprint', world.publisher.fingerprint, '--state', `${world.directory}/three.json`];
    const document = await run('monitor', ...who, ...world.knowing(front));
    expect(resultsOf(document)).toMatchObject([{ status: 5, event: 'behind', since: time }]);
  });
});

describe('verify', () => {
  test('says of a verified chart: log, entry, signer, and all checks in order', async () => {
    const document = await run('verify', logged.path, ...world.knowing());
    const [result] = resultsOf(document);
    expect(document).toMatchObject({ command: 'verify', status: 0, log: log() });
    expect(result).toMatchObject({
      chart: logged.path,
      verdict: 'verified',
      signedAt: '2024-06-01T00:00:00Z',
      evidences: [
        {
          profile: 'openpgp-rekor',
          kind: 'proven',
          source: 'log',
          entry: entry(),
          signer: signer(),
          warnings: [],
        },
      ],
      others: [],
    });
    expect(result).not.toHaveProperty('checks');
    expect(checkIds(evidenceOf(document))).toEqual(CHECK_IDS);
  });

  test('says of a rejected chart which check failed, what it expected and found, and a hint', async () => {
    const document = await run('verify', logged.path, ...world.knowing(), '--as', 'other-0.1.0.tgz');
    const [result] = resultsOf(document);
    expect(document).toMatchObject({ command: 'verify', status: 10, errors: [{ code: 'REJECTED' }] });
    expect(result).toMatchObject({ verdict: 'rejected', evidences: [{ kind: 'refuted', source: 'log' }] });
    expect(evidenceOf(document)?.checks).toContainEqual({
      id: 'archive-name',
      outcome: 'failed',
      detail: expect.any(String) as string,
      expected: 'other-0.1.0.tgz',
      found: 'logged-0.1.0.tgz',
      hint: expect.any(String) as string,
    });
    expect(checkIds(evidenceOf(document))).toEqual(CHECK_IDS);
  });

  test('says of a chart that is not in the log that it is not', async () => {
    const document = await run('verify', unlogged, ...world.knowing());
    expect(document).toMatchObject({ status: 4, errors: [{ code: 'NOT_FOUND' }] });
    expect(resultsOf(document)[0]).toMatchObject({
      verdict: 'not-found',
      evidences: [{ kind: 'absent', signer: signer() }],
    });
  });

  test('names the entries of others', async () => {
    await world.subdirectory('again');
    const path = await world.write('again/logged-0.1.0.tgz', logged.archive);
    const again = await world.publisher.sign('logged', '0.1.0', logged.archive, { at: 1_720_000_000 });
    await world.write('again/logged-0.1.0.tgz.prov', again);
    const document = await run('verify', path, ...world.knowing());
    const others = [{ uuid: logged.uuid, logIndex: 0, reason: expect.any(String) as string }];
    expect(resultsOf(document)[0]).toMatchObject({ verdict: 'not-found', others });
  });

  test('says of several charts what came of each, in the order of the command line', async () => {
    const missing = `${world.directory}/missing.tgz`;
    const document = await run('verify', missing, logged.path, unlogged, ...world.knowing());
    expect(document['status']).toBe(3);
    expect(document['errors']).toMatchObject([{ code: 'INPUT' }, { code: 'NOT_FOUND' }]);
    expect(resultsOf(document)).toMatchObject([
      { chart: missing, error: { code: 'INPUT', message: `there is no file ${missing}` } },
      { chart: logged.path, verdict: 'verified' },
      { chart: unlogged, verdict: 'not-found' },
    ]);
  });

  test('says that no key of a log is trusted', async () => {
    const options = ['--rekor-server', world.log.url, '--keyring', world.keyring];
    expect(await run('verify', logged.path, ...options)).toMatchObject({
      status: 5,
      log: { trust: { kind: 'none' } },
      results: [{ error: { code: 'LOG_UNTRUSTED', hint: expect.any(String) as string } }],
    });
  });

  test('says that the key of the log was trusted on first use', async () => {
    const options = ['--rekor-server', world.log.url, '--keyring', world.keyring];
    expect(await run('verify', logged.path, ...options, '--insecure-trust-on-first-use')).toMatchObject({
      log: { trust: { kind: 'first-use', logIds: [logId] } },
      results: [
        {
          verdict: 'verified',
          evidences: [{ warnings: [expect.stringContaining('nobody vouches') as string] }],
        },
      ],
    });
  });
});

describe('evidence', () => {
  test('says of a chart what verify says, and where its evidence is; of what is in the way, why', async () => {
    const { path } = await world.loggedChart('made');
    const written = await run('evidence', path, ...world.knowing());
    const evidence = { path: `${path}.rekor.json`, outcome: 'written' };
    expect(written).toMatchObject({ command: 'evidence', log: log(), counts: { good: 1, exists: 0 } });
    expect(resultsOf(written)).toMatchObject([
      { chart: path, verdict: 'verified', evidences: [{ signer: signer() }], evidence },
    ]);
    expect(await run('evidence', path, ...world.knowing())).toMatchObject({
      counts: { good: 1, exists: 1 },
      results: [{ evidence: { outcome: 'unchanged' } }],
    });
    const inTheWay = await run('evidence', path, '--evidence', path, ...world.knowing());
    expect(inTheWay).toMatchObject({ status: 3, results: [{ error: { code: 'INPUT' } }] });
  });

  test('--check says which entries hold, and what was not checked', async () => {
    const { path, uuid, evidence } = await world.keptChart('judged');
    const document = await run('evidence', '--check', evidence, ...world.trusting());
    expect(document).toMatchObject({
      command: 'evidence',
      evidence: `${path}.rekor.json`,
      saysLog: world.log.url,
      log: log(),
      entries: [{ uuid, archive: { sha256: hash }, signer: signer(), holds: true }],
      notChecked: expect.arrayContaining(['archive-digest', 'consistency']) as string[],
    });
  });
});

describe('upload', () => {
  test('says "created", then "exists"', async () => {
    const { path } = await world.chart('uploaded');
    const kept = { created: 'written', exists: 'unchanged' };
    for (const [outcome, evidence] of Object.entries(kept))
      expect(await run('upload', path, ...world.knowing())).toMatchObject({
        command: 'upload',
        status: 0,
        log: log(),
        results: [
          {
            chart: path,
            outcome,
            verdict: 'verified',
            evidences: [{ signer: signer() }],
            evidence: { path: `${path}.rekor.json`, outcome: evidence },
          },
        ],
      });
  });

  test('says "refused" of a chart that is not good', async () => {
    const { path } = await world.chart('refused');
    const options = [...world.knowing(), '--fingerprint', 'ab'.repeat(20)];
    expect(await run('upload', path, ...options)).toMatchObject({
      status: 10,
      results: [{ outcome: 'refused', verdict: 'rejected' }],
    });
  });

  test('says "unproven" of an entry that the log does not prove', async () => {
    const { path } = await world.chart('unproven');
    const front = await serveBefore(world.log, {
      change: (said, path) =>
        path.endsWith('/entries')
          ? { ...said, body: said.body.replace('"logIndex":', '"logIndex":1') }
          : said,
    });
    expect(await run('upload', path, ...world.knowing(front))).toMatchObject({
      status: 10,
      results: [{ outcome: 'unproven', verdict: 'rejected' }],
    });
  });
});

describe('search', () => {
  test('says of each entry what it holds, and that the proofs hold', async () => {
    const document = await run('search', logged.path, ...world.trusting());
    expect(document).toMatchObject({
      command: 'search',
      status: 0,
      query: `logged-0.1.0.tgz (sha256:${sha256Hex(logged.archive)})`,
      log: log(),
      unreadable: 0,
    });
    expect(document['entries']).toMatchObject([
      {
        ...entry(),
        archive: { sha256: sha256Hex(logged.archive) },
        signers: [{ fingerprint: world.publisher.fingerprint, userIds: signer().userIds }],
        proofs: 'hold',
        checks: expect.arrayContaining(
          ['entry-id', 'log-key', 'inclusion-promise', 'checkpoint', 'inclusion-proof'].map(
            (id) => expect.objectContaining({ id, outcome: 'passed' }) as object,
          ),
        ) as object[],
      },
    ]);
  });

  test('says that nothing was checked in a log without a trusted key', async () => {
    const document = await run('search', logged.path, '--rekor-server', world.log.url);
    expect(document).toMatchObject({ status: 0, entries: [{ proofs: 'not-checked' }] });
    expect((document['entries'] as Json[])[0]).not.toHaveProperty('checks');
  });

  test('says that it found nothing', async () => {
    const document = await run('search', '--sha256', 'a'.repeat(64), ...world.trusting());
    expect(document).toMatchObject({ command: 'search', status: 4, errors: [{ code: 'NOT_FOUND' }] });
  });
});

describe('inspect', () => {
  test('says what is signed and by whom, and four checks', async () => {
    const document = await run('inspect', logged.path, '--keyring', world.keyring);
    const [result] = resultsOf(document);
    expect(document).toMatchObject({ command: 'inspect', status: 0 });
    expect(result).toMatchObject({
      chart: logged.path,
      status: 0,
      metadata: { name: 'logged', version: '0.1.0' },
      files: [{ name: 'logged-0.1.0.tgz', sha256: sha256Hex(logged.archive) }],
      signer: signer(),
      signedAt: '2024-06-01T00:00:00Z',
      warnings: [],
    });
    expect(checkIds(result)).toEqual([
      'archive-digest',
      'archive-name',
      'provenance-signature',
      'signer-key',
    ]);
  });

  test('says of a provenance alone that the archive was skipped', async () => {
    const document = await run('inspect', `${logged.path}.prov`, '--keyring', world.keyring);
    expect(resultsOf(document)[0]?.['checks']).toMatchObject([
      { id: 'archive-digest', outcome: 'skipped' },
      { id: 'archive-name', outcome: 'skipped' },
      { id: 'provenance-signature', outcome: 'passed' },
      { id: 'signer-key', outcome: 'passed' },
    ]);
  });
});

describe('log pin', () => {
  test('says which keys the log has, and whether they are trusted now', async () => {
    const shown = { url: world.log.url, keys: [{ logId }] };
    const { url } = world.log;
    expect(await run('log', 'pin', url)).toMatchObject({
      command: 'log pin',
      status: 2,
      ...shown,
      pinned: false,
    });
    expect(await run('log', 'pin', url, '--fingerprint', logId)).toMatchObject({
      command: 'log pin',
      status: 0,
      ...shown,
      pinned: true,
      path: expect.stringContaining(world.user.home) as string,
    });
  });
});

test('version and help are documents as well', async () => {
  expect(await run('version')).toMatchObject({ command: 'version', status: 0, version: '0.0.0-test' });
  expect(await run('--help')).toMatchObject({ status: 0, help: expect.stringContaining('Usage:') as string });
});

describe('a run that fails before it has begun prints one document all the same', () => {
  test.each([
    ['a command line that is not understood', ['verify', '--foo'], 2, 'USAGE', undefined],
    ['an unknown command', ['frobnicate'], 2, 'USAGE', undefined],
    ['a setting that is wrong', ['verify', 'a.tgz', '--rekor-server', 'nonsense'], 2, 'USAGE', 'verify'],
    [
      'a keyring that is missing',
      ['inspect', 'a.tgz.prov', '--keyring', '/nonexistent'],
      3,
      'INPUT',
      'inspect',
    ],
    [
      'a key of the log that is missing',
      ['upload', 'a.tgz', '--rekor-public-key', '/nonexistent'],
      3,
      'INPUT',
      'upload',
    ],
    ['a log that is not there', ['log', 'pin', 'http://127.0.0.1:1'], 5, 'LOG_UNREACHABLE', 'log pin'],
  ])('%s', async (_, argv, status, code, command) => {
    const document = await run(...argv);
    expect(document).toMatchObject({ status, errors: [{ code }] });
    expect(document['command']).toBe(command);
  });

  test('and so does a command that has no such option', async () => {
    const ran = await world.run(['--output', 'json', 'log', 'serve', '--dir', world.directory]);
    expect(documentOf(ran)).toMatchObject({ status: 2, errors: [{ code: 'USAGE' }] });
  });

  test('with --output=json as one word, too', async () => {
    const ran = await world.run(['verify', '--output=json']);
    expect(documentOf(ran)).toMatchObject({ status: 2, errors: [{ code: 'USAGE' }] });
  });
});
