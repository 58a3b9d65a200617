import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readPackets, writePacket } from '../../src/openpgp/packets.ts';
import { CHECK_IDS, LOCAL_CHECK_IDS } from '../../src/verification/openpgp-rekor.ts';
import { serveBefore, type FrontOptions } from '../support/front.ts';
import { answer } from '../support/loopback.ts';
import { CHART_SIGNED, createSigner, DAY } from '../support/signer.ts';
import { World } from '../support/world/world.ts';

/** Where a chart that was read cannot be judged to the end, JSON has the error and every check that was made. */

const CREATE = 'POST /api/v1/log/entries';
const RETRIEVE = 'POST /api/v1/log/entries/retrieve';
const INDEX = 'POST /api/v1/index/retrieve';

interface Check {
  readonly id: string;
  readonly outcome: string;
  readonly detail: string;
}

interface Evidence {
  readonly kind: string;
  readonly entry?: { readonly uuid: string };
  readonly checks: readonly Check[];
}

/** `inspect` has its checks in the result itself. */
interface Result extends Pick<Evidence, 'checks'> {
  readonly verdict?: string;
  readonly outcome?: string;
  readonly error?: { readonly code: string };
  readonly evidences: readonly [Evidence, ...Evidence[]];
  readonly others: readonly unknown[];
}

let world: World;

beforeAll(async () => {
  world = await World.open();
});

afterAll(async () => {
  await world.close();
});

/** Runs a command, and what it said of its one chart. */
async function run(command: string, path: string, options: readonly string[]) {
  const ran = await world.run([command, path, ...options, '--output', 'json']);
  const { errors, results } = JSON.parse(ran.stdout) as {
    errors?: [{ code: string }];
    results: readonly [Result];
  };
  return { status: ran.status, code: errors?.[0].code, ...results[0] };
}

/** Runs a command against a log that differs in this. */
async function runBefore(front: FrontOptions, command: string, path: string, keyring = world.keyring) {
  const options = [...world.trusting(await serveBefore(world.log, front)), '--keyring', keyring];
  return await run(command, path, options);
}

/** The ids of the checks that came to this. */
const those = (wanted: string, { checks }: Pick<Evidence, 'checks'>) =>
  checks.filter(({ outcome }) => outcome === wanted).map(({ id }) => id);

/** A chart whose local checks passed, and of which nothing else is known. */
function expectLocallyGood(result: Result, code: string): void {
  const [evidence, ...others] = result.evidences;
  expect(result).toMatchObject({ verdict: 'unchecked', error: { code } });
  expect(result.outcome).toBeUndefined();
  expect(others).toEqual([]);
  expect(evidence.kind).toBe('unchecked');
  expect(evidence.checks.map(({ id }) => id)).toEqual(CHECK_IDS);
  expect(those('passed', evidence)).toEqual(LOCAL_CHECK_IDS);
  expect(those('failed', evidence)).toEqual([]);
}

/** An entry whose promise is false, by another time. */
const forged = (body: string) => body.replaceAll(/"integratedTime":[0-9]+/g, '"integratedTime":1750000000');

test.each(['verify', 'upload'])('%s: no key of the log is trusted', async (command) => {
  const { path } = await world.chart(`untrusted-${command}`);
  const result = await run(command, path, ['--rekor-server', world.log.url, '--keyring', world.keyring]);
  expect(result).toMatchObject({ status: 5, code: 'LOG_UNTRUSTED' });
  expectLocallyGood(result, 'LOG_UNTRUSTED');
});

test.each(['verify', 'upload'])('%s: the log does not answer', async (command) => {
  const { path } = await world.chart(`silent-${command}`);
  const result = await run(command, path, world.knowing({ url: 'http://127.0.0.1:1' }));
  expect(result).toMatchObject({ status: 5, code: 'LOG_UNREACHABLE' });
  expectLocallyGood(result, 'LOG_UNREACHABLE');
});

test('verify: one entry does not hold, and the index does not answer', async () => {
  const { path, uuid } = await world.loggedChart('half-seen');
  const result = await runBefore(
    {
      instead: { [INDEX]: answer(500, '{}') },
      change: (said, asked) => (asked.endsWith('/retrieve') ? { ...said, body: forged(said.body) } : said),
    },
    'verify',
    path,
  );
  expect(result).toMatchObject({ status: 5, verdict: 'unchecked', error: { code: 'LOG_UNREACHABLE' } });
  const [unseen, seen] = result.evidences;
  expect(unseen.kind).toBe('unchecked');
  expect(seen).toMatchObject({ kind: 'refuted', entry: { uuid } });
  expect(seen && those('failed', seen)).toEqual(['inclusion-promise']);
});

test('verify: the entry cannot be read', async () => {
  const { path, uuid } = await world.loggedChart('unreadable');
  const result = await runBefore(
    { instead: { [RETRIEVE]: answer(200, JSON.stringify([{ [uuid]: {} }])) } },
    'verify',
    path,
  );
  expect(result).toMatchObject({ status: 5, code: 'LOG_ANSWER', others: [{ uuid }] });
  expectLocallyGood(result, 'LOG_ANSWER');
});

test('upload: the log refuses the chart', async () => {
  const { path } = await world.chart('not-taken');
  const refused = answer(400, JSON.stringify({ code: 400, message: 'no' }));
  const result = await runBefore({ instead: { [CREATE]: refused } }, 'upload', path);
  expect(result).toMatchObject({ status: 5, code: 'LOG_REFUSED' });
  expectLocallyGood(result, 'LOG_REFUSED');
});

test('upload: a log would refuse the key', async () => {
  const { path } = await world.chart('renewed');
  const renewed = await world.publisher.certificateWith({ selfSignatures: [{ at: CHART_SIGNED + DAY }] });
  const result = await runBefore({}, 'upload', path, await world.write('renewed.gpg', renewed));
  expect(result).toMatchObject({ status: 5, code: 'LOG_REFUSED' });
  expectLocallyGood(result, 'LOG_REFUSED');
});

test('upload: the log says that it has the chart, and shows an entry that does not hold', async () => {
  const { path, uuid } = await world.loggedChart('shown-forged');
  let lookups = 0;
  const result = await runBefore(
    {
      instead: { [CREATE]: answer(409, '{}') },
      change: (said, asked) => {
        if (!asked.endsWith('/retrieve')) return said;
        return { ...said, body: ++lookups === 1 ? '[]' : forged(said.body) };
      },
    },
    'upload',
    path,
  );
  expect(result).toMatchObject({ status: 5, verdict: 'unchecked', error: { code: 'LOG_ANSWER' } });
  const [unseen, shown] = result.evidences;
  expect(unseen.kind).toBe('unchecked');
  expect(shown).toMatchObject({ kind: 'refuted', entry: { uuid } });
  expect(shown && those('failed', shown)).toEqual(['inclusion-promise']);
});

test('upload: a key that is dead by now fails a check, and is no error', async () => {
  const { path, keyring } = await world.chart('dead', await createSigner({ expiresAfter: 200 * DAY }));
  const result = await runBefore({}, 'upload', path, keyring);
  expect(result).toMatchObject({ status: 10, code: 'REJECTED', outcome: 'refused', verdict: 'rejected' });
  expect(result.error).toBeUndefined();
  const [evidence] = result.evidences;
  expect(evidence.kind).toBe('refuted');
  expect(those('passed', evidence)).toEqual(LOCAL_CHECK_IDS);
  expect(those('failed', evidence)).toEqual(['signer-key']);
});

test('upload --dry-run: whether the log has it is not known', async () => {
  const { path } = await world.chart('rehearsed');
  const result = await run('upload', path, [...world.knowing({ url: 'http://127.0.0.1:1' }), '--dry-run']);
  expect(result).toMatchObject({ status: 0, outcome: 'planned', evidences: [{ kind: 'unchecked' }] });
  expect(result.error).toBeUndefined();
  expect(result.verdict).toBeUndefined();
});

test.each(['verify', 'upload', 'inspect'])(
  '%s: the copy of the signer’s key is not whole',
  async (command) => {
    const owner = await createSigner({ subkey: {} });
    const { path } = await world.chart(`not-whole-${command}`, owner);
    // As a key server gives it: without the user ID and its self-signature.
    const kept = [...readPackets(owner.certificate)].filter((_, at) => at !== 1 && at !== 2);
    const ring = await world.write('not-whole.gpg', Buffer.concat(kept.map(writePacket)));
    const log = command === 'inspect' ? [] : world.trusting();
    const result = await run(command, path, [...log, '--keyring', ring]);
    expect(result).toMatchObject({ status: 3, error: { code: 'INPUT' } });
    const judged = command === 'inspect' ? result : result.evidences[0];
    expect(those('failed', judged)).toEqual(['provenance-signature']);
    expect(those('passed', judged)).toEqual(['archive-digest', 'archive-name']);
  },
);

test.each(['upload', 'inspect'])('%s: the archive cannot be looked into', async (command) => {
  const directory = await world.subdirectory(`no-chart-${command}`);
  const archive = gzipSync(Buffer.from('no tar'));
  const path = join(directory, 'odd-0.1.0.tgz');
  await writeFile(path, archive);
  await writeFile(`${path}.prov`, await world.publisher.sign('odd', '0.1.0', archive));
  const options = command === 'inspect' ? ['--keyring', world.keyring] : [...world.knowing(), '--dry-run'];
  const result = await run(command, path, options);
  expect(result).toMatchObject({ status: 3, error: { code: 'INPUT' } });
  const judged = command === 'inspect' ? result : result.evidences[0];
  expect(those('passed', judged)).toContain('provenance-signature');
  expect(those('failed', judged)).toEqual([]);
});
