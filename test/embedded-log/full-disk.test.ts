import { execFileSync } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { proposedEntry } from '../../src/rekor/helm-entry.ts';
import { rotateLog } from '../../src/embedded-log/rotation/rotate.ts';
import { ask, post } from '../support/ask.ts';
import { addEntries, openLog, problemsIn } from '../support/rotated-log.ts';
import { serveLog } from '../support/served-log.ts';
import { createSigner, type TestSigner } from '../support/signer.ts';
import { canMount, fillDisk, smallDisk } from '../support/small-disk.ts';

const ENTRIES = '/api/v1/log/entries';
let signer: TestSigner;

beforeAll(async () => {
  signer = await createSigner();
});

const proposal = async (patch: number) =>
  proposedEntry(await signer.sign('mychart', `1.0.${patch}`, Buffer.from(`${patch}`)), signer.certificate);

it.skipIf(!canMount)(
  'on a full disk uploads are refused, reads go on, also after a restart, until there is room (needs root on Linux)',
  async () => {
    const disk = await smallDisk('256k');
    const directory = join(disk, 'log');
    const keys = () =>
      Promise.all(['key.pem', 'public-key.pem'].map((name) => readFile(join(directory, name), 'utf8')));
    let served = await serveLog(directory);
    const { url = '' } = served;
    const statuses: number[] = [];
    while (statuses.at(-1) !== 503 && statuses.length < 200)
      statuses.push((await post(url + ENTRIES, await proposal(statuses.length))).status);
    const entries = statuses.filter((status) => status === 201).length;
    expect(entries).toBeGreaterThan(5);
    for (const patch of [1000, 1001]) {
      const refused = await post(url + ENTRIES, await proposal(patch));
      expect([refused.status, refused.body]).toEqual([
        503,
        '{"code":503,"message":"the log cannot write: no space left on device"}',
      ]);
    }
    await fillDisk(disk);
    const before = await keys();
    const read = async (at: string) =>
      await Promise.all(
        Array.from(
          { length: entries },
          async (_, index) => (await ask(`${at}${ENTRIES}?logIndex=${index}`)).body,
        ),
      );
    const all = await read(url);
    expect(served.said()).toBe('no uploads are taken: the log cannot write: no space left on device\n');
    for (let restart = 0; restart < 2; restart++) {
      served.child.kill('SIGKILL');
      await served.ended;
      served = await serveLog(directory);
      expect(await read(served.url ?? '')).toEqual(all);
      expect((await post((served.url ?? '') + ENTRIES, await proposal(2000))).status).toBe(503);
      expect(await keys()).toEqual(before);
    }
    await rm(join(disk, 'filling'));
    execFileSync('mount', ['-o', 'remount,size=1m', disk]);
    const resumed = await post((served.url ?? '') + ENTRIES, await proposal(2000));
    expect(resumed.status).toBe(201);
    expect(resumed.body).toContain(`"logIndex":${entries},`);
    expect(served.said()).toMatch(/^no uploads are taken: .*\nuploads are taken again\n$/);
    expect(served.said()).not.toContain('defect');
  },
  60_000,
);

it.skipIf(!canMount)(
  'a log is rotated on a full disk not at all: it is what it was, until there is room (needs root on Linux)',
  async () => {
    const disk = await smallDisk('256k');
    const directory = join(disk, 'log');
    await addEntries(directory, 'a', 3);
    await fillDisk(disk);
    await expect(rotateLog(directory)).rejects.toThrow(/^cannot rotate the log in .*: .*no space left/i);
    const log = await openLog(directory, { warn: () => undefined });
    expect([log.head.size, log.trees.frozen.length]).toEqual([3, 0]);
    await log.close();
    await rm(join(disk, 'filling'));
    const { frozen } = await rotateLog(directory);
    expect(frozen.treeId).toBe(log.treeId);
    expect(await problemsIn(directory)).toEqual([]);
  },
);
