import { onTestFinished } from 'vitest';
import { checkLog } from '../../src/embedded-log/check/check-log.ts';
import { Log, type LogOptions } from '../../src/embedded-log/log/log.ts';
import type { Candidate } from '../../src/embedded-log/journal/record.ts';
import { rotateLog, type RotatedLog } from '../../src/embedded-log/rotation/rotate.ts';
import { encodeUtf8 } from '../../src/encoding.ts';
import { temporaryDirectory } from './temporary-directory.ts';

export const NOW = 1_700_000_000;

/** Entries go into tiles, and into the index on disk, as soon as they fill one. */
const AT_ONCE: LogOptions = { moveLimits: { entries: 256, bytes: 1 << 30, indexed: 256 } };

/** An entry that no other test data has; all are found by one key as well. */
export const candidate = (name: string): Candidate => ({
  body: encodeUtf8(`entry ${name}`),
  indexKeys: [`${name}@charts.example`, 'all@charts.example'],
});

/** Opens a log that warns of nothing, until the test has finished. */
export async function openLog(directory: string, options: LogOptions = {}): Promise<Log> {
  const log = await Log.open(directory, () => NOW, {
    warn: (text) => {
      throw new Error(text);
    },
    ...AT_ONCE,
    ...options,
  });
  onTestFinished(() => log.close().catch(() => undefined));
  return log;
}

/** Adds so many entries to the log in a directory, named `PREFIX-0` and so on. */
export async function addEntries(directory: string, prefix: string, count: number): Promise<void> {
  const log = await openLog(directory);
  for (let from = 0; from < count; from += 50)
    await Promise.all(
      Array.from({ length: Math.min(50, count - from) }, (_, at) =>
        log.add(candidate(`${prefix}-${from + at}`)),
      ),
    );
  await log.close();
}

/** A log of several trees: each has so many entries, and all but the last are frozen. */
export async function rotatedLog(...sizes: readonly number[]): Promise<{
  readonly directory: string;
  readonly rotations: readonly RotatedLog[];
}> {
  const directory = await temporaryDirectory();
  const rotations: RotatedLog[] = [];
  for (const [tree, size] of sizes.entries()) {
    if (tree > 0) rotations.push(await rotateLog(directory));
    await addEntries(directory, `tree${tree}`, size);
  }
  return { directory, rotations };
}

/** What `log check` finds, in lines. */
export async function problemsIn(directory: string): Promise<string[]> {
  return (await checkLog(directory)).findings.map(({ file, problem }) => `${file}: ${problem}`);
}
