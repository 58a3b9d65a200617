import { createHash, createPrivateKey, sign } from 'node:crypto';
import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { checkLog } from '../../src/embedded-log/check/check-log.ts';
import { Log } from '../../src/embedded-log/log/log.ts';
import { encodeHex, encodeUtf8 } from '../../src/encoding.ts';
import { leafHash } from '../../src/tlog/merkle.ts';
import { writeOldLog } from '../support/old-log.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const THEN = 1_600_000_000;
const NOW = 1_700_000_000;

async function open(directory: string) {
  const warnings: string[] = [];
  const log = await Log.open(directory, () => NOW, { warn: (text) => warnings.push(text) });
  onTestFinished(() => log.close().catch(() => undefined));
  return { log, warnings };
}

/** Writes the files of version 2 of the format of a log with these bodies: all entries in one file, with chain and seals. */
async function writeOneFile(
  directory: string,
  bodies: readonly Buffer[],
): Promise<{ checkpoint: string; treeId: string }> {
  // What version 1 had tells tree and checkpoints; promises, chain and seals are what version 2 added.
  const { checkpoint, treeId } = await writeOldLog(
    directory,
    bodies.map((body) => body.toString('latin1')),
    THEN,
  );
  const key = createPrivateKey(await readFile(join(directory, 'key.pem')));
  const spki = createHash('sha256')
    .update(
      Buffer.from(
        (await readFile(join(directory, 'public-key.pem'), 'utf8')).split('\n').slice(1, -2).join(''),
        'base64',
      ),
    )
    .digest('hex');
  let chain = '';
  let text = '';
  const add = (members: object) => {
    const content = JSON.stringify(members).slice(0, -1);
    chain = createHash('sha256')
      .update(chain + content)
      .digest('hex');
    text += `${content},"chain":"${chain}"}\n`;
  };
  add({ version: 2, upgradedEntries: 0 });
  let logIndex = 0;
  for (const line of (await readFile(join(directory, 'entries.jsonl'), 'utf8')).trimEnd().split('\n')) {
    const record = JSON.parse(line) as
      { checkpoint: string } | { body: string; integratedTime: number; indexKeys: string[] };
    if ('checkpoint' in record) {
      const sealed = `helm-sigstore log file 2\n${chain}\n${record.checkpoint}`;
      add({
        checkpoint: record.checkpoint,
        signature: sign('sha256', Buffer.from(sealed), key).toString('base64'),
      });
    } else {
      const { body, integratedTime, indexKeys } = record;
      const payload = JSON.stringify({ body, integratedTime, logID: spki, logIndex: logIndex++ });
      const signedEntryTimestamp = sign('sha256', Buffer.from(payload), key).toString('base64');
      add({ integratedTime, indexKeys, body, signedEntryTimestamp });
    }
  }
  await writeFile(join(directory, 'entries.jsonl'), text);
  await rm(join(directory, 'lock'));
  const slot = JSON.stringify({ bytes: Buffer.byteLength(text), chain });
  const digest = createHash('sha256').update(slot).digest('hex');
  const acknowledged = `${JSON.stringify({ bytes: Buffer.byteLength(text), chain, digest }).padEnd(511)}\n`;
  await writeFile(join(directory, 'acknowledged'), acknowledged + `${' '.repeat(511)}\n`);
  return { checkpoint, treeId };
}

const bodies = (count: number): Buffer[] =>
  Array.from({ length: count }, (_, index) => Buffer.from(`entry ${index}`));

describe('a directory with all entries in one file', () => {
  it.each([0, 3, 256, 600])(
    'of %i entries is brought to tiles: nothing that was promised is another',
    async (count) => {
      const directory = await temporaryDirectory();
      const { checkpoint, treeId } = await writeOneFile(directory, bodies(count));
      const lines = (await readFile(join(directory, 'entries.jsonl'), 'utf8')).split('\n');
      const old = lines
        .filter((line) => line.startsWith('{"integratedTime"'))
        .map((line) => JSON.parse(line) as { signedEntryTimestamp: string });
      const { log, warnings } = await open(directory);
      expect([log.treeId, log.head.text, warnings]).toEqual([
        treeId,
        checkpoint,
        count >= 256 ? warnings : [],
      ]);
      expect(log.key.publicKey.asymmetricKeyType).toBe('ec');
      for (let index = 0; index < count; index += 51) {
        const [entry] = Object.values(await log.entry(index));
        expect(entry?.integratedTime).toBe(THEN + index);
        expect(entry?.verification.signedEntryTimestamp).toBe(old[index]?.signedEntryTimestamp);
        expect(await log.search([`entry ${index}@charts.example`], 'or')).toEqual([log.entryId(index)]);
      }
      await log.add({ body: encodeUtf8('one more'), indexKeys: [] });
      await log.close();
      expect(await checkLog(directory)).toMatchObject({ findings: [], log: { size: count + 1 } });
      const again = await open(directory);
      expect(again.log.head.size).toBe(count + 1);
      expect(again.warnings).toEqual([]);
    },
  );

  it('that loses power while it is moved is the old one, and is moved again; or the new one', async () => {
    const directory = await temporaryDirectory();
    const { checkpoint } = await writeOneFile(directory, bodies(300));
    const moved = await temporaryDirectory();
    await cp(directory, moved, { recursive: true });
    await (await open(moved)).log.close();
    // Tiles, some of them torn, and a journal that was not yet renamed.
    await cp(join(moved, 'tile'), join(directory, 'tile'), { recursive: true });
    await writeFile(join(directory, 'tile/0/000'), 'torn');
    await writeFile(join(directory, 'entries.jsonl.new'), '{"version":3,"fi');
    const { log } = await open(directory);
    expect(log.head.text).toBe(checkpoint);
    await log.close();
    expect((await checkLog(directory)).findings).toEqual([]);
    expect(await readdir(directory)).not.toContain('entries.jsonl.new');
    // The new journal is there, and the note of what was acknowledged is still the old one.
    const { treeId } = log;
    const old = await temporaryDirectory();
    await writeOneFile(old, bodies(3));
    await cp(join(old, 'acknowledged'), join(directory, 'acknowledged'));
    const again = await open(directory);
    expect([again.log.treeId, again.log.head.size]).toEqual([treeId, 300]);
  });

  it('that lacks entries of which clients were told is not moved', async () => {
    const directory = await temporaryDirectory();
    await writeOneFile(directory, bodies(3));
    const path = join(directory, 'entries.jsonl');
    const text = await readFile(path, 'utf8');
    const shorter = text.slice(0, text.lastIndexOf('{"integratedTime"'));
    await writeFile(path, shorter);
    await expect(open(directory)).rejects.toThrow('lost entries that clients were told of');
    expect(await readFile(path, 'utf8')).toBe(shorter);
  });

  it('that is damaged is refused, and left as it is', async () => {
    const directory = await temporaryDirectory();
    await writeOneFile(directory, bodies(3));
    const path = join(directory, 'entries.jsonl');
    const damaged = (await readFile(path, 'utf8')).replace(
      '"integratedTime":1600000001',
      '"integratedTime":1600000002',
    );
    await writeFile(path, damaged);
    await expect(open(directory)).rejects.toThrow('is damaged: line ');
    expect(await readFile(path, 'utf8')).toBe(damaged);
  });

  it('whose old file is put back afterwards is refused', async () => {
    const directory = await temporaryDirectory();
    await writeOneFile(directory, bodies(3));
    const path = join(directory, 'entries.jsonl');
    const old = await readFile(path);
    await (await open(directory)).log.close();
    await writeFile(path, old);
    await expect(open(directory)).rejects.toThrow('was upgraded since');
  });

  it('keeps entries that are too long for the bundles of the specification, and serves all but their bundle', async () => {
    const directory = await temporaryDirectory();
    const long = Buffer.alloc(70_000, 'x');
    await writeOneFile(directory, [...bodies(200), long, ...bodies(600).slice(200)]);
    const { log } = await open(directory);
    const [entry] = Object.values(await log.entry(200));
    expect(Buffer.from(entry?.body ?? '', 'base64')).toEqual(long);
    expect(log.indexOf(encodeHex(leafHash(long)))).toBe(200);
    const bundle = (index: number) => log.shown.read({ level: 'entries', index, width: 256 });
    expect(bundle(0)).toBeUndefined();
    expect(bundle(1)?.length).toBeGreaterThan(256 * 2);
    expect(log.shown.read({ level: 0, index: 0, width: 256 })).toHaveLength(8192);
    await log.close();
    expect((await checkLog(directory)).findings).toEqual([]);
  });
});
