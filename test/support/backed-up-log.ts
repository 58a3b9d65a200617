import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Log } from '../../src/embedded-log/log/log.ts';
import { encodeUtf8 } from '../../src/encoding.ts';
import { ustarMembers, type ArchiveMember } from './ustar-members.ts';

const NOW = 1_700_000_000;
/** Tiles are written as soon as one is full. */
const SOON = { entries: 256, bytes: 1 << 30, indexed: 256 };

/** A stopped log with so many entries, in a directory that the caller removes. */
export async function makeStoppedLog(size: number): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'helm-sigstore-'));
  await growLog(directory, 0, size);
  return directory;
}

/** Adds the entries from one index up to before another; ten of them become durable together. */
export async function growLog(directory: string, from: number, to: number, mark = ''): Promise<void> {
  const log = await Log.open(directory, () => NOW + from, { moveLimits: SOON });
  for (let start = from; start < to; start += 10)
    await Promise.all(
      Array.from({ length: Math.min(10, to - start) }, (_, at) =>
        log.add({ body: encodeUtf8(`entry ${start + at}${mark}`), indexKeys: [`e${start + at}`, 'all'] }),
      ),
    );
  await log.close();
}

/** All that a log in a directory says: its checkpoint, and of each entry what a client gets. */
export async function allOf(directory: string, keyFile?: string): Promise<string[]> {
  const key = keyFile === undefined ? {} : { keyFile };
  const log = await Log.open(directory, () => NOW, { warn: () => undefined, ...key });
  const entries = await Promise.all(
    Array.from({ length: log.head.size }, async (_, index) =>
      JSON.stringify([await log.entry(index), await log.search([`e${index}`], 'or')]),
    ),
  );
  const all = [log.head.text, ...entries];
  await log.close();
  return all;
}

/** Changes the members of an archive. */
export function rewritten(
  archive: Buffer,
  change: (members: ArchiveMember[]) => readonly ArchiveMember[],
): Buffer {
  const blocks = change(ustarMembers(archive)).map(({ header, content }) =>
    Buffer.concat([header, content, Buffer.alloc((512 - (content.length % 512)) % 512)]),
  );
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

/** Removes a directory. */
export async function discard(directory: string): Promise<void> {
  await rm(directory, { recursive: true, force: true });
}
