import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { backUpLog } from '../../src/embedded-log/backup/back-up.ts';
import { restoreLog } from '../../src/embedded-log/backup/restore-log.ts';
import { resumeLog } from '../../src/embedded-log/backup/resume-log.ts';
import { rotateLog } from '../../src/embedded-log/rotation/rotate.ts';
import { addEntries, problemsIn } from '../support/rotated-log.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const OPTIONS = { withKey: true, warn: () => undefined };

it('a log that was restored is not rotated before it was told of what came later, which a rotation would hide', async () => {
  const home = await temporaryDirectory();
  const [log, archive, copy] = ['log', 'log.tar', 'copy'].map((name) => join(home, name)) as [
    string,
    string,
    string,
  ];
  await addEntries(log, 'a', 3);
  await backUpLog(log, archive, OPTIONS);
  await restoreLog(archive, copy);
  const before = await readdir(copy);
  await expect(rotateLog(copy)).rejects.toMatchObject({
    code: 'INPUT',
    message: `the log in ${copy} was restored from a backup: it may lack entries that clients know of`,
    hint: expect.stringContaining('log resume') as string,
  });
  expect((await readdir(copy)).filter((name) => name !== 'server.lock')).toEqual(before);
  const path = join(log, 'checkpoint');
  await resumeLog(copy, [{ path, bytes: await readFile(path) }], { warn: () => undefined });
  expect((await rotateLog(copy)).frozen.size).toBe(3);
  expect(await problemsIn(copy)).toEqual([]);
});

it('a log that was rotated is not backed up without the trees that were frozen', async () => {
  const home = await temporaryDirectory();
  const log = join(home, 'log');
  await addEntries(log, 'a', 3);
  await rotateLog(log);
  await expect(backUpLog(log, join(home, 'log.tar'), OPTIONS)).rejects.toMatchObject({
    code: 'INPUT',
    message: `the log in ${log} was rotated, and a backup has one tree only`,
    hint: 'stop the server, and copy the whole directory',
  });
  expect(await readdir(home)).toEqual(['log']);
});

it('a tree that was frozen is not backed up by itself, as its copy would take entries again', async () => {
  const home = await temporaryDirectory();
  const log = join(home, 'log');
  await addEntries(log, 'a', 3);
  const { frozen } = await rotateLog(log);
  const tree = join(log, 'shards', frozen.treeId);
  await expect(backUpLog(tree, join(home, 'tree.tar'), OPTIONS)).rejects.toMatchObject({
    code: 'INPUT',
    message: `the tree in ${tree} was frozen by a rotation`,
    hint: `name the directory of its log: --dir ${log}`,
  });
  expect(await readdir(home)).toEqual(['log']);
});
