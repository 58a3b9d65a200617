import { execFileSync } from 'node:child_process';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { backUpLog } from '../../src/embedded-log/backup/back-up.ts';
import { checkLog } from '../../src/embedded-log/check/check-log.ts';
import { Log } from '../../src/embedded-log/log/log.ts';
import { restoreLog } from '../../src/embedded-log/backup/restore-log.ts';
import { Unwritable } from '../../src/embedded-log/log/unwritable.ts';
import { InputError, SigstoreError } from '../../src/errors.ts';
import { allOf, discard, growLog, makeStoppedLog, rewritten } from '../support/backed-up-log.ts';
import { KnownLog } from '../support/crashed-log.ts';
import { doApart, killAtSteps } from '../support/killed-at-steps.ts';
import { works } from '../support/served-log.ts';
import { canMount, smallDisk } from '../support/small-disk.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { isExhaustive, isThorough } from '../support/thorough.ts';
import { named, nameIn, ustarMembers, withFields, type ArchiveMember } from '../support/ustar-members.ts';

const SIZE = 512 + 3;
let original = '';
let archive: Buffer;
let everything: string[] = [];
const warn = (text: string) => {
  throw new Error(text);
};
const WITHOUT_KEY = { withKey: false, warn };
const WITH_KEY = { withKey: true, warn };

beforeAll(async () => {
  original = await makeStoppedLog(SIZE);
  everything = await allOf(original);
  const path = `${original}.tar`;
  await backUpLog(original, path, WITHOUT_KEY);
  archive = await readFile(path);
  return async () => {
    await discard(original);
    await discard(path);
  };
}, 60_000);

/** Restores these bytes. @returns the directory */
async function restored(bytes: Buffer): Promise<string> {
  const directory = await temporaryDirectory();
  const path = join(directory, 'backup.tar');
  await writeFile(path, bytes);
  await restoreLog(path, join(directory, 'log'));
  return join(directory, 'log');
}

/** Why bytes are not restored; nothing is left of what was tried. */
async function refusalOf(bytes: Buffer): Promise<string> {
  const directory = await temporaryDirectory();
  const path = join(directory, 'backup.tar');
  await writeFile(path, bytes);
  try {
    await restoreLog(path, join(directory, 'log'));
  } catch (error) {
    if (!(error instanceof SigstoreError)) throw error;
    expect(['INPUT', 'REJECTED']).toContain(error.code);
    expect(await readdir(directory)).toEqual(['backup.tar']);
    return error.message.replace(path, 'FILE');
  }
  return 'restored';
}

describe('a backup of a log', () => {
  it('gives the same log back: every entry, promise, time and search key', async () => {
    const path = join(await temporaryDirectory(), 'backup.tar');
    const { size, treeId, logId } = await backUpLog(original, path, WITH_KEY);
    expect(size).toBe(SIZE);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    const directory = await restored(await readFile(path));
    expect((await checkLog(directory)).findings).toEqual([]);
    expect((await checkLog(original)).log).toMatchObject({ treeId, logId });
    expect(await allOf(directory)).toEqual(everything);
  });

  it('has no private key unless that is asked for, and is the same for the same state', async () => {
    expect(archive.includes(await readFile(join(original, 'key.pem')))).toBe(false);
    expect(archive.includes('PRIVATE')).toBe(false);
    const again = join(await temporaryDirectory(), 'again.tar');
    await backUpLog(original, again, WITHOUT_KEY);
    expect((await readFile(again)).equals(archive)).toBe(true);
    const directory = await restored(archive);
    await expect(Log.open(directory, () => 0)).rejects.toThrow("the log's key is missing");
    expect(await allOf(directory, join(original, 'key.pem'))).toEqual(everything);
  });

  it.skipIf(!works('tar', '--version'))('is read by tar as well (needs tar)', async () => {
    const listed = execFileSync('tar', ['-tf', `${original}.tar`], { encoding: 'utf8' });
    expect(listed.split('\n').slice(0, 4)).toEqual([
      'restored',
      'public-key.pem',
      'acknowledged',
      'entries.jsonl',
    ]);
    const directory = await temporaryDirectory();
    execFileSync('tar', ['-xf', `${original}.tar`, '-C', directory]);
    expect((await checkLog(directory)).findings).toEqual([]);
    // What is unpacked by hand is a copy as well, to which nothing is added.
    const log = await Log.open(directory, () => 0, { keyFile: join(original, 'key.pem') });
    await expect(log.add({ body: Buffer.from('new'), indexKeys: [] })).rejects.toThrow(Unwritable);
    await log.close();
  });

  it('never replaces what is there', async () => {
    const path = join(await temporaryDirectory(), 'backup.tar');
    await writeFile(path, 'mine');
    await expect(backUpLog(original, path, WITHOUT_KEY)).rejects.toThrow(
      'is there already, and is not replaced',
    );
    expect(await readFile(path, 'utf8')).toBe('mine');
    await expect(restoreLog(`${original}.tar`, join(path, '..'))).rejects.toThrow('is not empty');
    expect(await readdir(join(path, '..'))).toEqual(['backup.tar']);
  });

  it('has what is left of a log that lost entries, which its owner is told, and what nobody noted as told', async () => {
    const directory = await makeStoppedLog(5);
    const journal = join(directory, 'entries.jsonl');
    const before = await readFile(journal);
    await growLog(directory, 5, 8);
    await writeFile(journal, before);
    const warnings: string[] = [];
    const options = { withKey: true, warn: (text: string) => warnings.push(text) };
    const to = join(await temporaryDirectory(), 'left.tar');
    expect(await backUpLog(directory, to, options)).toMatchObject({ size: 5 });
    expect(warnings).toEqual([expect.stringContaining('lost entries that clients were told of')]);
    expect((await checkLog(await restored(await readFile(to)))).log).toMatchObject({ size: 5 });
    await discard(to);
    await discard(join(directory, 'acknowledged'));
    expect(await backUpLog(directory, to, WITH_KEY)).toMatchObject({ size: 5 });
    expect((await checkLog(await restored(await readFile(to)))).findings).toEqual([]);
    await discard(directory);
  });

  it('is not made of a log that has more than a backup has', async () => {
    const directory = await restored(archive);
    await mkdir(join(directory, 'lost+found'));
    await backUpLog(directory, join(directory, '../again.tar'), WITHOUT_KEY);
    expect((await readFile(join(directory, '../again.tar'))).equals(archive)).toBe(true);
    await mkdir(join(directory, 'older trees'));
    const to = join(directory, '../more.tar');
    await expect(backUpLog(directory, to, WITHOUT_KEY)).rejects.toThrow(
      'has a directory "older trees", which',
    );
    expect((await readdir(join(directory, '..'))).sort()).toEqual(['again.tar', 'backup.tar', 'log']);
  });

  it('is not made of what is damaged', async () => {
    const directory = await restored(archive);
    for (const file of ['tile/0/001', 'tile/entries/000', 'promises/001', 'entries.jsonl']) {
      const path = join(directory, file);
      const bytes = await readFile(path);
      bytes.writeUInt8(bytes.readUInt8(1500) ^ 4, 1500);
      await writeFile(path, bytes);
      const to = join(directory, '..', 'again.tar');
      await expect(backUpLog(directory, to, WITHOUT_KEY)).rejects.toThrow(
        `${join(directory, file)} is damaged: `,
      );
      expect((await readdir(join(directory, '..'))).sort()).toEqual(['backup.tar', 'log']);
      bytes.writeUInt8(bytes.readUInt8(1500) ^ 4, 1500);
      await writeFile(path, bytes);
    }
  });
});

describe('a directory that was restored', () => {
  it('is read, and takes no entry, whoever opens it how often', async () => {
    const directory = await restored(archive);
    const before = await readFile(join(directory, 'entries.jsonl'));
    for (let round = 0; round < 2; round++) {
      const warnings: string[] = [];
      const log = await Log.open(directory, () => 2_000_000_000, {
        keyFile: join(original, 'key.pem'),
        warn: (text) => warnings.push(text),
      });
      expect(warnings).toContainEqual(expect.stringContaining('was restored from a backup: it can be read'));
      await expect(log.add({ body: Buffer.from('new'), indexKeys: [] })).rejects.toThrow('log resume');
      expect(() => {
        log.requireWritable();
      }).toThrow(Unwritable);
      expect(log.head.size).toBe(SIZE);
      await log.close();
      expect((await readFile(join(directory, 'entries.jsonl'))).equals(before)).toBe(true);
    }
  });
});

describe('an archive is refused that', () => {
  it('has any byte changed', { timeout: isExhaustive ? 3_600_000 : 300_000 }, async () => {
    const step = isExhaustive ? 97 : 4801;
    let tried = 0;
    // Bytes of the header of the first member, and some of all that follows.
    const offsets = [...Array(512).keys()].filter((at) => at % (isExhaustive ? 1 : 16) === 0);
    for (let at = 3; at < archive.length; at += step) offsets.push(at);
    for (const at of offsets) {
      const bytes = Buffer.from(archive);
      bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << (at % 8)), at);
      expect([at, await refusalOf(bytes)]).not.toEqual([at, 'restored']);
      tried++;
    }
    expect(tried).toBeGreaterThan(25);
  });

  it('has another private key, but for how its text is spelt', { timeout: 300_000 }, async () => {
    const small = await makeStoppedLog(3);
    const path = join(await temporaryDirectory(), 'with-key.tar');
    await backUpLog(small, path, WITH_KEY);
    await discard(small);
    const members = ustarMembers(await readFile(path));
    const key = members.find((each) => nameIn(each) === 'key.pem')?.content ?? Buffer.alloc(0);
    const harmless: string[] = [];
    for (let at = 0; at < key.length; at += isThorough ? 1 : 13) {
      const bytes = Buffer.from(key);
      bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << (at % 7)), at);
      const change = (all: ArchiveMember[]) =>
        all.map((each) => (nameIn(each) === 'key.pem' ? { ...each, content: bytes } : each));
      const changed = rewritten(await readFile(path), change);
      if ((await refusalOf(changed)) === 'restored') harmless.push(key.toString('latin1', at, at + 1));
    }
    // The ends of its lines, which say nothing.
    expect(harmless.join('')).toMatch(/^[\n=]*$/);
  });

  it('was cut off, or goes on', { timeout: 120_000 }, async () => {
    const step = Math.ceil(archive.length / (isThorough ? 200 : 12));
    for (let end = 0; end < archive.length; end += step)
      expect(await refusalOf(archive.subarray(0, end))).toContain(
        'FILE is no backup of a log, or is damaged',
      );
    for (const more of [Buffer.alloc(1), Buffer.alloc(512), archive])
      expect(await refusalOf(Buffer.concat([archive, more]))).toContain('expected its end, found more');
  });

  const evil = (name: string): ArchiveMember => {
    const [first] = ustarMembers(archive);
    if (first === undefined) throw new Error('an empty archive');
    return named(first, name);
  };
  it.each<[string, (members: ArchiveMember[]) => readonly ArchiveMember[], string]>([
    ['has a member more', (all) => [...all, evil('tile/0/002')], 'expected its end, found "tile/0/002"'],
    ['has a name above it', (all) => [...all, evil('../evil')], 'expected its end, found "../evil"'],
    ['begins with a name above it', (all) => [evil('../evil'), ...all], 'expected restored, found "../evil"'],
    [
      'has an absolute name',
      ([a, ...all]) => [...(a ? [a] : []), evil('/tmp/evil'), ...all],
      'expected public-key.pem',
    ],
    [
      'has a member twice',
      ([a, b, ...all]) => [a, b, b, ...all].filter((each) => each !== undefined),
      'expected acknowledged, found "public-key.pem"',
    ],
    ['lacks a tile', (all) => all.filter((each) => nameIn(each) !== 'tile/0/001'), 'expected tile/0/001'],
    ['lacks the mark', (all) => all.slice(1), 'expected restored, found "public-key.pem"'],
    [
      'has another order',
      ([a, b, c, ...all]) => [a, c, b, ...all].filter((each) => each !== undefined),
      'expected public-key.pem',
    ],
    [
      'has a link',
      (all) =>
        all.map((each) =>
          nameIn(each) === 'tile/0/000' ? withFields(each, { 156: '2', 157: '/etc/passwd' }) : each,
        ),
      'expected the header of a regular file',
    ],
    [
      'has a hard link',
      (all) => all.map((each) => (nameIn(each) === 'promises/000' ? withFields(each, { 156: '1' }) : each)),
      'expected the header of a regular file',
    ],
    [
      'has a pax header',
      ([a, ...all]) => [a, ...all].flatMap((each) => (each ? [withFields(each, { 156: 'x' })] : [])),
      'expected the header of a regular file',
    ],
    [
      'has a huge size',
      (all) =>
        all.map((each) =>
          nameIn(each) === 'entries.jsonl' ? withFields(each, { 124: '77777777777' }) : each,
        ),
      'it was cut off',
    ],
    [
      'has a huge tile',
      (all) =>
        all.map((each) =>
          nameIn(each) === 'tile/0/000'
            ? { ...withFields(each, { 124: '00000040000' }), content: Buffer.alloc(16384) }
            : each,
        ),
      'expected at most 8192 bytes',
    ],
    [
      'has a size in base 256',
      (all) =>
        all.map((each) =>
          nameIn(each) === 'tile/0/000' ? withFields(each, { 124: '\x80\0\0\0\0\0\0\0\0\0 \0' }) : each,
        ),
      'expected the header of a regular file',
    ],
    [
      'lets others write',
      (all) =>
        all.map((each) => (nameIn(each) === 'tile/0/000' ? withFields(each, { 100: '0000666' }) : each)),
      'the mode of a backup',
    ],
    [
      'has the owner root',
      (all) => all.map((each) => withFields(each, { 265: 'root' })),
      'expected the header of a regular file',
    ],
  ])('%s', async (_, change, problem) => {
    const message = await refusalOf(rewritten(archive, change));
    expect(message).toContain('FILE is no backup of a log, or is damaged: ');
    expect(message).toContain(problem);
  });

  it.each<[string, (members: ArchiveMember[]) => readonly ArchiveMember[], string]>([
    ['swaps two tiles', (all) => swapped(all, 'tile/0/000', 'tile/0/001'), 'tile/0/00'],
    ['swaps two bundles', (all) => swapped(all, 'tile/entries/000', 'tile/entries/001'), 'tile/entries/00'],
    [
      'swaps two files of promises',
      (all) => swapped(all, 'promises/000', 'promises/001'),
      'promises/000: it is not what was signed',
    ],
    [
      'goes on behind the last checkpoint',
      (all) => all.map((each) => (nameIn(each) === 'entries.jsonl' ? longer(each) : each)),
      'entries.jsonl: ',
    ],
  ])('%s', async (_, change, problem) => {
    const message = await refusalOf(rewritten(archive, change));
    expect(message).toContain('FILE is damaged, or was changed: ');
    expect(message).toContain(problem);
  });

  it('has another text as its mark', async () => {
    const change = ([first, ...all]: ArchiveMember[]) => [
      ...(first ? [{ ...first, content: Buffer.from(first.content.toString().replace('1', '2')) }] : []),
      ...all,
    ];
    expect(await refusalOf(rewritten(archive, change))).toContain('has another format');
  });

  it('is no archive', async () => {
    expect(await refusalOf(Buffer.from('hello'))).toContain('it was cut off');
    await expect(restoreLog(join(original, 'nowhere'), join(original, 'new'))).rejects.toThrow(InputError);
  });
});

function swapped(all: ArchiveMember[], a: string, b: string): ArchiveMember[] {
  const find = (name: string) => all.find((each) => nameIn(each) === name);
  const [first, second] = [find(a), find(b)];
  if (first === undefined || second === undefined) throw new Error('no such members');
  const put = (each: ArchiveMember, other: ArchiveMember): ArchiveMember =>
    withFields({ ...each, content: other.content }, { 124: other.header.toString('latin1', 124, 135) });
  return all.map((each) =>
    each === first ? put(first, second) : each === second ? put(second, first) : each,
  );
}

/** With a line behind the last one. */
function longer(member: ArchiveMember): ArchiveMember {
  const content = Buffer.concat([member.content, Buffer.from('{"a":1}\n')]);
  return withFields({ ...member, content }, { 124: content.length.toString(8).padStart(11, '0') });
}

it(
  'backups of a log that another process writes to have all of which clients were told, and hold',
  { timeout: 600_000 },
  async () => {
    const directory = await temporaryDirectory();
    const home = join(directory, 'log');
    const [rounds, each] = isExhaustive ? [8, 3] : isThorough ? [1, 2] : [1, 1];
    let [copies, grown] = [0, 0];
    for (let round = 0; round < rounds; round++) {
      const log = new KnownLog();
      const paths: [string, Map<number, string>][] = [];
      await log.addWhile(home, round, async () => {
        for (let copy = 0; copy < each; copy++) {
          // There are tiles, and more of them each time.
          const before = log.told.size;
          while (log.told.size < before + 300) await setTimeout(10);
          const told = new Map(log.told);
          const path = join(directory, `${round}-${copy}.tar`);
          await doApart(['backup', home, path]);
          if (log.told.size > told.size) grown++;
          paths.push([path, told]);
        }
      });
      for (const [path, told] of paths) {
        const back = join(directory, 'back');
        await restoreLog(path, back);
        const seen = await Log.open(back, () => 0, { warn: () => undefined });
        expect(Math.max(...told.keys())).toBeLessThan(seen.head.size);
        const every = Math.ceil(told.size / 500);
        for (const [index, name] of [...told].filter((_, at) => at % every === 0))
          expect(await seen.search([name], 'or')).toEqual([seen.entryId(index)]);
        await seen.close();
        expect(await readdir(back)).toContain('tile');
        await discard(back);
        await discard(path);
        copies++;
      }
    }
    // The other process went on meanwhile.
    expect([copies, grown > 0]).toEqual([rounds * each, true]);
  },
);

it('a backup that is killed at any step leaves no file, or a whole one', { timeout: 300_000 }, async () => {
  const directory = await temporaryDirectory();
  const path = join(directory, 'backup.tar');
  const kills = await killAtSteps(['backup', original, path], isThorough ? 1 : 9, async () => {
    const names = await readdir(directory);
    if (names.includes('backup.tar')) {
      await restoreLog(path, join(directory, 'whole'));
      await discard(join(directory, 'whole'));
    }
    for (const name of names) await discard(join(directory, name));
  });
  expect(kills).toBeGreaterThan(3);
  expect(await readdir(directory)).toEqual(['backup.tar']);
});

it('a restore that is killed at any step leaves no log, or a whole one', { timeout: 300_000 }, async () => {
  const directory = await temporaryDirectory();
  const home = join(directory, 'log');
  const kills = await killAtSteps(['restore', `${original}.tar`, home], isThorough ? 1 : 9, async () => {
    const names = await readdir(directory);
    if (names.includes('log')) expect((await checkLog(home)).findings).toEqual([]);
    for (const name of names) await discard(join(directory, name));
  });
  expect(kills).toBeGreaterThan(3);
  expect(await readdir(directory)).toEqual(['log']);
});

it.skipIf(!canMount)(
  'a full disk leaves nothing of a backup, and nothing of a restore (needs root on Linux)',
  async () => {
    const disk = await smallDisk('100k');
    await expect(backUpLog(original, join(disk, 'a.tar'), WITHOUT_KEY)).rejects.toThrow(
      `cannot write ${join(disk, 'a.tar')}: no space left on device`,
    );
    await expect(restoreLog(`${original}.tar`, join(disk, 'log'))).rejects.toThrow('no space left on device');
    expect(await readdir(disk)).toEqual([]);
  },
);
