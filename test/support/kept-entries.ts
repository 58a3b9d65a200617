import { writeFile } from 'node:fs/promises';
import type { KeptEntries } from '../../src/embedded-log/backup/known-entries.ts';
import { Log, type LogOptions } from '../../src/embedded-log/log/log.ts';
import { decodeBase64, decodeHex, encodeHex } from '../../src/encoding.ts';
import { formatEvidence } from '../../src/evidence/format.ts';
import { formatEntryId } from '../../src/rekor/entry-id.ts';
import type { LoggedEntry } from '../../src/tlog/logged-entry.ts';
import { leafHash } from '../../src/tlog/merkle.ts';

/** What clients keep of the entries of a stopped log from one index up to before another, with its newest checkpoint. */
export async function keptOf(
  directory: string,
  from: number,
  to: number,
  options: LogOptions = {},
): Promise<LoggedEntry[]> {
  const log = await Log.open(directory, () => 0, options);
  const entries: LoggedEntry[] = [];
  for (let index = from; index < to; index++) {
    const [answer] = Object.values(await log.entry(index));
    if (answer === undefined) throw new Error('no entry');
    const { inclusionProof: proof, signedEntryTimestamp } = answer.verification;
    const body = decodeBase64(answer.body);
    entries.push({
      id: formatEntryId(encodeHex(leafHash(body)), log.treeId),
      body,
      logId: answer.logID,
      proof: {
        index: proof.logIndex,
        size: proof.treeSize,
        rootHash: decodeHex(proof.rootHash),
        hashes: proof.hashes.map(decodeHex),
        checkpoint: proof.checkpoint,
      },
      time: {
        integratedTime: answer.integratedTime,
        logIndex: answer.logIndex,
        signature: decodeBase64(signedEntryTimestamp),
      },
    });
  }
  await log.close();
  return entries;
}

/** An evidence file with an entry, as its bytes are. */
export function fileOf(entry: LoggedEntry): KeptEntries {
  const bytes = formatEvidence({ log: 'https://log.example', entries: [entry] });
  return { path: `entry-${entry.proof.index}.rekor.json`, bytes, entries: [entry] };
}

/** Evidence files, one after the other. */
export async function* inTurn(files: readonly KeptEntries[]): AsyncGenerator<KeptEntries, void, void> {
  for (const file of files) yield await Promise.resolve(file);
}

/** Writes evidence files below a directory. @returns their paths */
export async function writeKept(directory: string, entries: readonly LoggedEntry[]): Promise<string[]> {
  return await Promise.all(
    entries.map(async (entry) => {
      const path = `${directory}/${entry.proof.index}.tgz.rekor.json`;
      await writeFile(path, fileOf(entry).bytes);
      return path;
    }),
  );
}
