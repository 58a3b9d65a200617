import { cp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { encodeHex } from '../../src/encoding.ts';
import { InputError } from '../../src/errors.ts';
import { leafHash } from '../../src/tlog/merkle.ts';
import { candidate, openLog, problemsIn, rotatedLog } from '../support/rotated-log.ts';
import { isThorough } from '../support/thorough.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

/** So many bits of each file are changed. */
const ROUNDS = isThorough ? 12 : 3;

const leafOf = (name: string): string => encodeHex(leafHash(candidate(name).body));

it.each(['entries.jsonl', 'tile/0/000', 'tile/entries/000', 'promises/000', 'index', 'public-key.pem'])(
  'never serves what was changed in %s of a frozen tree: a bit is refused at the start or on reading',
  async (file) => {
    const { directory, rotations } = await rotatedLog(300, 1);
    const home = join(directory, 'shards', rotations[0]?.frozen.treeId ?? '');
    const truth = await answersOf(directory);
    const whole = await temporaryDirectory();
    await cp(directory, whole, { recursive: true });
    let path = join(home, file);
    if (file === 'index') {
      const [segment = ''] = (await readdir(path)).filter((name) => name.startsWith('0-'));
      path = join(path, segment);
    }
    const bytes = await readFile(path);
    for (let round = 0; round < ROUNDS; round++) {
      const flipped = Buffer.from(bytes);
      const at = Math.floor((round / ROUNDS) * bytes.length) + 3 * round;
      flipped[at] = (flipped[at] ?? 0) ^ (1 << (round % 8));
      await writeFile(path, flipped);
      const answers = await answersOf(directory).catch((error: unknown) => {
        if (!(error instanceof InputError)) throw error;
        return undefined;
      });
      for (const [name, answer] of answers ?? []) expect([name, answer]).toEqual([name, truth.get(name)]);
      if (file !== 'public-key.pem') expect(await problemsIn(directory)).not.toEqual([]);
      await rm(directory, { recursive: true });
      await cp(whole, directory, { recursive: true });
    }
  },
);

/** All that a log answers, where it does. */
async function answersOf(directory: string): Promise<Map<string, string>> {
  const answers = new Map<string, string>();
  const log = await openLog(directory, { warn: () => undefined });
  try {
    const { trees } = log;
    for (let index = 0; index < trees.size; index += 7) {
      const answered = [
        async () => {
          const place = trees.at(index);
          return await place?.tree.entry(place.index);
        },
        () => trees.search([`tree0-${index}@charts.example`], 'or', 10),
        () => Promise.resolve([...trees.withLeaf(leafOf(`tree0-${index}`))].map((place) => place.index)),
      ];
      for (const [at, answer] of answered.entries())
        try {
          answers.set(`${index} ${at}`, JSON.stringify(await answer()));
        } catch (error) {
          if (!(error instanceof InputError)) throw error;
        }
    }
  } finally {
    await log.close();
  }
  return answers;
}
