import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Log } from '../../src/embedded-log/log/log.ts';
import { sha256Hex } from '../../src/digest.ts';
import { encodeBase64, encodeUtf8 } from '../../src/encoding.ts';
import { InputError } from '../../src/errors.ts';
import { parseLogEntry } from '../../src/rekor/schemas.ts';
import { verifyInclusionPromise } from '../../src/tlog/inclusion-promise.ts';
import { writeOldLog } from '../support/old-log.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const THEN = 1_600_000_000;
const NOW = 1_700_000_000;

async function oldLog(...names: string[]) {
  const directory = await temporaryDirectory();
  return {
    directory,
    path: join(directory, 'entries.jsonl'),
    ...(await writeOldLog(directory, names, THEN)),
  };
}

async function open(directory: string) {
  const warnings: string[] = [];
  const log = await Log.open(directory, () => NOW, { warn: (text) => warnings.push(text) });
  onTestFinished(() => log.close().catch(() => undefined));
  return { log, warnings };
}

describe('a directory of version 0.4.0', () => {
  it('is upgraded: tree, checkpoint, entries, times and search are the same, and its owner is told', async () => {
    const { directory, treeId, checkpoint } = await oldLog('a', 'b');
    const { log, warnings } = await open(directory);
    expect([log.treeId, log.head.text]).toEqual([treeId, checkpoint]);
    for (const index of [0, 1]) {
      const entry = parseLogEntry(await log.entry(index));
      expect(entry.time.integratedTime).toBe(THEN + index);
      const promise = { ...entry.time, logId: entry.logId, body: encodeBase64(entry.body) };
      expect(verifyInclusionPromise(promise, entry.time.signature, log.key)).toBe(true);
    }
    expect(await log.search(['b@charts.example'], 'or')).toEqual([log.entryId(1)]);
    expect(warnings).toEqual([
      `${directory}/entries.jsonl had the format of version 0.4.0 and was rewritten: 2 entries keep the times that ` +
        'it had; whether these are the times that were promised cannot be told',
    ]);
    await log.add({ body: encodeUtf8('c'), indexKeys: [] });
    const before = JSON.stringify(await log.entry(0));
    await log.close();
    const again = await open(directory);
    expect(again.log.head.size).toBe(3);
    expect(again.warnings).toEqual([]);
    // The checkpoint has grown; the promise is the one of the upgrade.
    expect(JSON.stringify(await again.log.entry(0))).toBe(before);
    expect(await readFile(join(directory, 'entries.jsonl'), 'utf8')).toMatch(
      /^\{"version":3,"upgradedEntries":2,/,
    );
  });

  it('whose last batch was torn is upgraded without it', async () => {
    const { directory, path, checkpoint } = await oldLog('a');
    const text = await readFile(path, 'utf8');
    for (const torn of ['{"integratedTime":1600000001,"indexKeys":[],"body":"Yg=="}\n', '{"check']) {
      await writeFile(path, text + torn);
      const copy = await temporaryDirectory();
      await cp(directory, copy, { recursive: true });
      expect((await open(copy)).log.head.text).toBe(checkpoint);
    }
  });

  it('that is damaged is refused, and left as it is', async () => {
    for (const [from, to] of [
      ['"body":"YQ', '"body":"YR'],
      ['"integratedTime"', '"integratedTimf"'],
      ['}\n{', '}\n\n{'],
    ] as const) {
      const { directory, path } = await oldLog('a', 'b');
      const damaged = (await readFile(path, 'utf8')).replace(from, to);
      await writeFile(path, damaged);
      const names = await readdir(directory);
      await expect(open(directory)).rejects.toThrow('is damaged: line ');
      expect(await readFile(path, 'utf8')).toBe(damaged);
      expect((await readdir(directory)).filter((name) => name !== 'server.lock')).toEqual(names);
    }
  });

  it('with another key is refused, and not signed with it', async () => {
    const [{ directory, path }, other] = [await oldLog('a'), await oldLog()];
    const before = await readFile(path);
    await cp(join(other.directory, 'key.pem'), join(directory, 'key.pem'));
    await expect(open(directory)).rejects.toThrow('signed with another key');
    expect(await readFile(path)).toEqual(before);
  });

  it('that was being upgraded when the power went is upgraded again', async () => {
    const { directory, treeId } = await oldLog('a');
    await writeFile(join(directory, 'entries.jsonl.new'), '{"version":2,"upgra');
    expect((await open(directory)).log.treeId).toBe(treeId);
    expect(await readdir(directory)).not.toContain('entries.jsonl.new');
  });

  it('whose old file is put back after the upgrade is refused, with what to do, and left as it is', async () => {
    const { directory, path } = await oldLog('a', 'b');
    const old = await readFile(path);
    await (await open(directory)).log.close();
    await writeFile(path, old);
    const refused = await open(directory).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(InputError);
    const { message, hint } = refused as InputError;
    expect(message).toContain('has the format of version 0.4.0, and the log in its directory was upgraded');
    expect(hint).toBe('put back the newest copy of the whole directory, not of this file alone');
    expect(await readFile(path)).toEqual(old);
  });

  it.each(['', '{"checkpo'])('that crashed during its very first start (%j) is started', async (left) => {
    const { directory, path } = await oldLog();
    await writeFile(path, left);
    expect((await open(directory)).log.head.size).toBe(0);
  });
});

it('a directory of a later version is refused, and left as it is', async () => {
  const directory = await temporaryDirectory();
  const { log } = await open(directory);
  await log.close();
  const path = join(directory, 'entries.jsonl');
  const content = '{"version":4,"upgradedEntries":0';
  const later = `${content},"chain":"${sha256Hex(encodeUtf8(content))}"}\n`;
  await writeFile(path, later);
  await expect(open(directory)).rejects.toThrow(
    'has the format 4, this version of helm sigstore reads up to 3',
  );
  expect(await readFile(path, 'utf8')).toBe(later);
});
