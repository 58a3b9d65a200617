import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { backUpLog } from '../../src/embedded-log/backup/back-up.ts';
import { checkLog } from '../../src/embedded-log/check/check-log.ts';
import { Log } from '../../src/embedded-log/log/log.ts';
import { forTileClients } from '../../src/embedded-log/log/origin.ts';
import { putBackEntries } from '../../src/embedded-log/backup/put-back.ts';
import { restoreLog } from '../../src/embedded-log/backup/restore-log.ts';
import { resumeLog } from '../../src/embedded-log/backup/resume-log.ts';
import { InputError, RejectedError, SigstoreError } from '../../src/errors.ts';
import { decodeHex } from '../../src/encoding.ts';
import { parseCheckpoint } from '../../src/tlog/checkpoint.ts';
import type { LoggedEntry } from '../../src/tlog/logged-entry.ts';
import { verifyConsistency } from '../../src/tlog/merkle.ts';
import { allOf, discard, growLog, makeStoppedLog } from '../support/backed-up-log.ts';
import { fileOf, inTurn, keptOf, writeKept } from '../support/kept-entries.ts';
import { killAtSteps } from '../support/killed-at-steps.ts';
import { canMount, fillDisk, smallDisk } from '../support/small-disk.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { isThorough } from '../support/thorough.ts';

/** What the backup has, and what the log had when it was lost. */
const [BACKED_UP, LOST] = [256 + 4, 256 + 12];
const quiet = { warn: () => undefined };
/** The directory of the log as it was last; then one of a fork of it, of another tree, and of another log. */
let [last, fork, otherTree, otherLog] = ['', '', '', ''];
let archive = '';
let kept: LoggedEntry[] = [];
const notes = new Map<string, string>();

const noteOf = async (directory: string) => {
  const log = await Log.open(directory, () => 0, quiet);
  await log.close();
  return log.head.text;
};

beforeAll(async () => {
  last = await makeStoppedLog(100);
  notes.set('old', await noteOf(last));
  fork = `${last}-fork`;
  await cp(last, fork, { recursive: true });
  await growLog(fork, 100, BACKED_UP, ' of a fork');
  notes.set('fork of this size', await noteOf(fork));
  await growLog(fork, BACKED_UP, LOST, ' of a fork');
  notes.set('fork', await noteOf(fork));
  await growLog(last, 100, BACKED_UP);
  notes.set('same', await noteOf(last));
  const forkedLater = `${last}-later`;
  await cp(last, forkedLater, { recursive: true });
  await growLog(forkedLater, BACKED_UP, BACKED_UP + 3, ' of a later fork');
  notes.set('later fork', await noteOf(forkedLater));
  await discard(forkedLater);
  archive = `${last}.tar`;
  await backUpLog(last, archive, { withKey: true, ...quiet });
  await growLog(last, BACKED_UP, LOST - 4);
  notes.set('between', await noteOf(last));
  await growLog(last, LOST - 4, LOST);
  notes.set('newest', await noteOf(last));
  kept = await keptOf(last, 0, LOST);
  otherTree = `${last}-tree`;
  const same = await Log.open(otherTree, () => 0, { keyFile: join(last, 'key.pem') });
  await same.add({ body: Buffer.from('entry of another tree'), indexKeys: [] });
  await same.close();
  notes.set('other tree', same.head.text);
  otherLog = await makeStoppedLog(LOST);
  notes.set('other log', await noteOf(otherLog));
  return async () => {
    for (const each of [last, fork, otherTree, otherLog, archive]) await discard(each);
  };
}, 60_000);

/** A directory that was just restored. */
async function restored(): Promise<string> {
  const directory = join(await temporaryDirectory(), 'log');
  await restoreLog(archive, directory);
  return directory;
}

const note = (name: string) => {
  const text = notes.get(name);
  if (text === undefined) throw new Error(`no checkpoint ${name}`);
  return text;
};
const file = (text: string) => ({ path: 'FILE', bytes: Buffer.from(text) });
const resume = (directory: string, ...texts: readonly string[]) =>
  resumeLog(directory, texts.map(file), quiet);

/** Why something is refused; the directory waits as before, with what it had. */
async function refusal(directory: string, work: () => Promise<unknown>): Promise<SigstoreError> {
  const before = await readFile(join(directory, 'entries.jsonl'));
  const error = await work().then(
    () => new Error('it is not refused'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof SigstoreError)) throw error;
  expect((await readFile(join(directory, 'entries.jsonl'))).equals(before)).toBe(true);
  expect(await readdir(directory)).toContain('restored');
  const log = await Log.open(directory, () => 3_000_000_000, quiet);
  await expect(log.add({ body: Buffer.from('new'), indexKeys: [] })).rejects.toThrow('log resume');
  await log.close();
  return error;
}

describe('log resume', () => {
  it('refuses while somebody knows of more, and says how many are missing', async () => {
    const directory = await restored();
    const error = await refusal(directory, () => resume(directory, note('newest'), note('old')));
    expect(error.code).toBe('INPUT');
    expect(error.message).toContain(
      `FILE has a checkpoint of ${LOST} entries, and the log in ${directory} has ${BACKED_UP}: 8 are missing`,
    );
    expect(error.hint).toContain('helm sigstore log replay');
  });

  it.each(['same', 'old'])('lets a log go on whose newest checkpoint is the %s one', async (name) => {
    const directory = await restored();
    expect(await resume(directory, note(name))).toMatchObject({
      size: BACKED_UP,
      newest: parseCheckpoint(note(name)).size,
    });
    const log = await Log.open(directory, () => 3_000_000_000, quiet);
    await log.add({ body: Buffer.from('new'), indexKeys: ['new'] });
    const { rootHash } = parseCheckpoint(note('same'));
    const proof = log.consistencyProof(BACKED_UP, BACKED_UP + 1).map(decodeHex);
    expect(verifyConsistency(BACKED_UP, BACKED_UP + 1, rootHash, log.head.rootHash, proof)).toBe(true);
    await log.close();
    expect((await checkLog(directory)).findings).toEqual([]);
    await expect(resume(directory, note('same'))).rejects.toThrow('is no copy that waits');
  });

  it('goes on without a checkpoint where its owner says so', async () => {
    const directory = await restored();
    expect(await resume(directory)).toMatchObject({ size: BACKED_UP, newest: undefined });
    expect(await readdir(directory)).not.toContain('restored');
  });

  it.each<[string, (text: string) => string]>([
    ['a note', (text) => text],
    ['the answer of the log', (text) => JSON.stringify({ treeSize: 1, signedTreeHead: text })],
    [
      'what a client remembers',
      (text) => JSON.stringify({ checkpoints: [note('old'), text], servers: [], sightings: [] }),
    ],
    [
      'the state of a monitor',
      (text) => JSON.stringify({ trees: [{ name: 'x', checkpoints: [text] }], told: ['y'] }),
    ],
    [
      'what accuses a log',
      (text) => JSON.stringify({ before: { checkpoint: text }, now: { checkpoint: note('other log') } }),
    ],
    ['an evidence file', () => Buffer.from(fileOf(kept[3] as LoggedEntry).bytes).toString()],
  ])('reads the checkpoint of %s', async (_, format) => {
    const directory = await restored();
    const error = await refusal(directory, () => resume(directory, format(note('newest'))));
    expect(error.message).toContain('8 are missing');
  });

  it('reads the checkpoint that tile clients are given', async () => {
    const directory = await restored();
    const log = await Log.open(last, () => 0, quiet);
    const text = forTileClients(note('newest'), log.key);
    await log.close();
    expect(text).not.toBe(note('newest'));
    expect((await refusal(directory, () => resume(directory, text))).message).toContain('8 are missing');
  });

  it.each([
    ['fork', `FILE has a checkpoint of ${LOST} entries, and the log`],
    ['other log', 'FILE has no checkpoint that this log signed'],
    ['other tree', 'FILE has no checkpoint of tree'],
  ])('refuses the checkpoint of a larger %s', async (name, problem) => {
    const directory = await restored();
    expect((await refusal(directory, () => resume(directory, note(name)))).message).toContain(problem);
  });

  it('rejects the checkpoint of a fork, also beside a good one', async () => {
    const directory = await restored();
    const forked = note('fork of this size');
    for (const texts of [[forked], [note('same'), forked], [note('newest'), forked]]) {
      const error = await refusal(directory, () => resume(directory, ...texts));
      expect(error).toBeInstanceOf(RejectedError);
      expect(error.message).toContain('its key signed two trees of one name');
    }
  });

  it.each([
    ['nothing', ''],
    ['a text', 'hello'],
    ['a list that never ends', '['.repeat(100_000)],
    ['a forged checkpoint', () => note('newest').replace(`\n${LOST}\n`, `\n${LOST + 1}\n`)],
    ['an unsigned one', () => note('same').replace(/\u2014 .*\n/, '')],
  ])('refuses a file with %s', async (_, text) => {
    const directory = await restored();
    const bytes = typeof text === 'string' ? text : text();
    const error = await refusal(directory, () => resume(directory, bytes));
    expect(error.message).toBe('FILE has no checkpoint that this log signed');
  });

  it('changes nothing of a log that is served, or was not restored', async () => {
    const directory = await restored();
    const log = await Log.open(directory, () => 0, quiet);
    await expect(resume(directory, note('same'))).rejects.toThrow('is in use by');
    await log.close();
    expect(await readdir(directory)).toContain('restored');
    await expect(resume(last, note('newest'))).rejects.toThrow('is no copy that waits');
    await expect(resume(join(directory, 'nowhere'), note('same'))).rejects.toThrow('is no copy that waits');
    expect(await readdir(directory)).not.toContain('nowhere');
  });

  it(
    'that is killed at any step leaves a log that waits, or one that goes on',
    { timeout: 120_000 },
    async () => {
      const directory = await restored();
      const path = join(directory, '..', 'checkpoint');
      await writeFile(path, note('same'));
      const mark = await readFile(join(directory, 'restored'));
      let waits = 0;
      const kills = await killAtSteps(['resume', directory, path], isThorough ? 1 : 4, async () => {
        const isWaiting = (await readdir(directory)).includes('restored');
        // What the next start makes may be missing then.
        const { findings } = await checkLog(directory);
        expect(findings.filter((each) => isWaiting || each.file !== 'checkpoint')).toEqual([]);
        if (isWaiting) waits++;
        await writeFile(join(directory, 'restored'), mark);
      });
      expect(kills).toBeGreaterThan(1);
      expect(waits).toBeGreaterThan(0);
      expect(await readdir(directory)).not.toContain('restored');
    },
  );
});

describe('log replay', () => {
  const replay = (directory: string, entries: readonly LoggedEntry[]) =>
    putBackEntries(directory, inTurn(entries.map(fileOf)), quiet);
  const missing = () => kept.slice(BACKED_UP);

  it('puts back what is missing, as it was: promises, times, and the checkpoint that clients have', async () => {
    const directory = await restored();
    // In any order, some twice, with others that are there.
    const evidence = [...missing().reverse(), ...kept.slice(5, 8), ...missing()];
    expect(await replay(directory, evidence)).toMatchObject({
      added: 8,
      size: LOST,
      known: LOST,
      others: 0,
      beyond: 0,
    });
    const withoutSearch = (all: readonly string[]) =>
      all.map((each) => each.replace(/,\[("[0-9a-f]{80}")?\]\]$/, ''));
    expect(withoutSearch(await allOf(directory))).toEqual(withoutSearch(await allOf(last)));
    expect((await checkLog(directory)).findings).toEqual([]);
    expect(await readdir(directory)).toContain('restored');
    expect(await replay(directory, evidence)).toMatchObject({ added: 0, size: LOST });
    await resume(directory, note('newest'));
    const log = await Log.open(directory, () => 3_000_000_000, quiet);
    expect(await log.add({ body: Buffer.from('new'), indexKeys: [] })).toEqual({ index: LOST, isNew: true });
    await log.close();
  });

  it('goes as far as the checkpoints of the evidence, and says what has only a promise', async () => {
    const directory = await restored();
    const [between, newest] = [note('between'), note('newest')];
    const under = (entry: LoggedEntry) => ({ ...entry, proof: { ...entry.proof, checkpoint: between } });
    expect(newest).not.toBe(between);
    const result = await replay(directory, missing().map(under));
    expect(result).toMatchObject({ added: 4, size: LOST - 4, known: LOST - 4, beyond: 4 });
    expect((await refusal(directory, () => resume(directory, newest))).message).toContain('4 are missing');
  });

  it('puts nothing back where the evidence knows of nothing newer', async () => {
    const directory = await restored();
    const old = kept
      .slice(0, 3)
      .map((entry) => ({ ...entry, proof: { ...entry.proof, checkpoint: note('old') } }));
    expect(await replay(directory, old)).toMatchObject({ added: 0, size: BACKED_UP, known: 100, beyond: 0 });
  });

  it('names the entries that are in no evidence, and changes nothing', async () => {
    const directory = await restored();
    const some = missing().filter((_, at) => ![0, 3, 4, 6].includes(at));
    const error = await refusal(directory, () => replay(directory, some));
    expect(error.message).toContain(
      `entries ${BACKED_UP}, ${BACKED_UP + 3} to ${BACKED_UP + 4}, ${BACKED_UP + 6} are in none of it`,
    );
  });

  it('leaves out what is of other logs, and of another tree', async () => {
    const directory = await restored();
    const [other, tree] = [
      await keptOf(otherLog, 0, 2),
      await keptOf(otherTree, 0, 1, { keyFile: join(last, 'key.pem') }),
    ];
    expect(await replay(directory, [...other, ...tree, ...missing()])).toMatchObject({ added: 8, others: 3 });
    const alone = await restored();
    expect(await replay(alone, other)).toMatchObject({ added: 0, known: 0, others: 2 });
  });

  const changed = (entry: LoggedEntry | undefined, change: (entry: LoggedEntry) => LoggedEntry) => {
    if (entry === undefined) throw new Error('no entry');
    return change(entry);
  };
  it.each<[string, (entry: LoggedEntry) => LoggedEntry, string]>([
    [
      'another time',
      (entry) => ({ ...entry, time: { ...entry.time, integratedTime: entry.time.integratedTime + 1 } }),
      'does not hold',
    ],
    ['another body', (entry) => ({ ...entry, body: Buffer.from('{"evil":1}') }), 'does not hold'],
    [
      'another index',
      (entry) => ({ ...entry, time: { ...entry.time, logIndex: entry.time.logIndex + 1 } }),
      'does not hold',
    ],
    [
      'another place',
      (entry) => ({ ...entry, proof: { ...entry.proof, index: entry.proof.index + 1 } }),
      'and the proof for entry',
    ],
    [
      'a changed promise',
      (entry) => ({
        ...entry,
        time: { ...entry.time, signature: Buffer.from(entry.time.signature).reverse() },
      }),
      'does not hold',
    ],
    [
      'a changed checkpoint',
      (entry) => ({
        ...entry,
        proof: { ...entry.proof, checkpoint: entry.proof.checkpoint.replace(`${LOST}`, `${LOST + 1}`) },
      }),
      'its checkpoint is not signed by this log',
    ],
  ])('rejects evidence with %s, and changes nothing', async (_, change, problem) => {
    const directory = await restored();
    const entries = [...missing().slice(1), changed(missing()[0], change)];
    const error = await refusal(directory, () => replay(directory, entries));
    expect(error).toBeInstanceOf(RejectedError);
    expect(error.message).toContain(problem);
  });

  it('rejects the evidence of a fork: by the tree, by an entry that is there, and by one that is not', async () => {
    const directory = await restored();
    const forked = await keptOf(fork, 0, LOST);
    const later = forked.slice(BACKED_UP);
    expect((await refusal(directory, () => replay(directory, later))).message).toContain(
      'two trees of one name',
    );
    expect((await refusal(directory, () => replay(directory, [...missing(), ...later]))).message).toContain(
      `the log promised two different entries ${BACKED_UP}`,
    );
    expect((await refusal(directory, () => replay(directory, forked.slice(150, 151)))).message).toContain(
      'the log promised another entry 150 than it has',
    );
    const own = missing().map((entry) => ({ ...entry, proof: { ...entry.proof, checkpoint: note('fork') } }));
    expect((await refusal(directory, () => replay(directory, own))).message).toContain(
      'two trees of one name',
    );
  });

  it(
    'that is killed at any step leaves the log of before, or that of after',
    { timeout: 120_000 },
    async () => {
      const directory = await restored();
      const paths = await writeKept(join(directory, '..'), missing());
      let before = 0;
      const kills = await killAtSteps(['replay', directory, ...paths], isThorough ? 1 : 7, async () => {
        const { log, findings } = await checkLog(directory);
        expect(findings).toEqual([]);
        expect([BACKED_UP, LOST]).toContain(log?.size);
        if (log?.size === BACKED_UP) before++;
        await discard(directory);
        await restoreLog(archive, directory);
      });
      expect([kills > 2, before > 0]).toEqual([true, true]);
      expect((await checkLog(directory)).log).toMatchObject({ size: LOST });
    },
  );
});

it.skipIf(!canMount)(
  'a full disk leaves a restored log as it was, or as it should be (needs root on Linux)',
  async () => {
    const disk = await smallDisk('1m');
    const directory = join(disk, 'log');
    await restoreLog(archive, directory);
    // It was served meanwhile, and has an index.
    await (await Log.open(directory, () => 0, quiet)).close();
    await fillDisk(disk);
    const replayed = await putBackEntries(directory, inTurn(kept.slice(BACKED_UP).map(fileOf)), quiet).then(
      ({ size }) => size,
      (error: unknown) => {
        expect(error).toBeInstanceOf(InputError);
        return BACKED_UP;
      },
    );
    const { log, findings } = await checkLog(directory);
    expect([log?.size, findings]).toEqual([replayed, []]);
    await fillDisk(disk);
    const warnings: string[] = [];
    const options = { warn: (text: string) => warnings.push(text) };
    expect(await resumeLog(directory, [file(note('old'))], options)).toMatchObject({ size: replayed });
    expect(await readdir(directory)).not.toContain('restored');
    expect(warnings).toContainEqual(
      expect.stringContaining('cannot write the files for tile clients: ENOSPC'),
    );
  },
  60_000,
);
