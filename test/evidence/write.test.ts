import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { MalformedError } from '../../src/errors.ts';
import { formatEvidence } from '../../src/evidence/format.ts';
import { parseEvidence } from '../../src/evidence/parse.ts';
import { lookAt, writeEvidence } from '../../src/evidence/write.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { evidenceMembers, fileOf } from './files.ts';

const evidence = parseEvidence(fileOf(evidenceMembers()));
const other = { ...evidence, log: 'https://other.example.com' };

describe('evidence is written in one step:', () => {
  test('another file stands in the place of the older one, and nothing is left beside it', async () => {
    const directory = await temporaryDirectory();
    const path = join(directory, 'a.rekor.json');
    await writeEvidence(path, evidence);
    const before = await stat(path);
    await writeEvidence(path, other);
    expect((await stat(path)).ino).not.toBe(before.ino);
    expect(await readFile(path)).toEqual(formatEvidence(other));
    expect(await readdir(directory)).toEqual(['a.rekor.json']);
  });

  test('whoever reads it meanwhile finds all of the one or all of the other', async () => {
    const path = join(await temporaryDirectory(), 'a.rekor.json');
    await writeEvidence(path, evidence);
    const writing = Array.from({ length: 40 }, (_, turn) =>
      writeEvidence(path, turn % 2 === 0 ? other : evidence),
    );
    const reading = Array.from({ length: 200 }, async () => await lookAt(path));
    const found = (await Promise.all([...reading, ...writing.map(() => lookAt(path))])).map(
      ({ kind }) => kind,
    );
    await Promise.all(writing);
    expect(new Set(found)).toEqual(new Set(['evidence']));
  });

  test('what cannot be written leaves the older one, and nothing beside it', async () => {
    const directory = await temporaryDirectory();
    const path = join(directory, 'a.rekor.json');
    await writeEvidence(path, evidence);
    await expect(writeEvidence(path, { ...evidence, entries: [] })).rejects.toThrow(MalformedError);
    await mkdir(join(directory, 'b', 'c'), { recursive: true });
    await expect(writeEvidence(join(directory, 'b'), evidence)).rejects.toMatchObject({ syscall: 'rename' });
    expect(await readFile(path)).toEqual(formatEvidence(evidence));
    expect((await readdir(directory)).sort()).toEqual(['a.rekor.json', 'b']);
  });
});

test('what is at a path is told apart: nothing, evidence, and all else', async () => {
  const directory = await temporaryDirectory();
  await writeEvidence(join(directory, 'good'), evidence);
  await writeFile(join(directory, 'text'), 'notes');
  expect(await lookAt(join(directory, 'none'))).toEqual({ kind: 'nothing' });
  expect(await lookAt(join(directory, 'none', 'below'))).toEqual({ kind: 'nothing' });
  expect(await lookAt(join(directory, 'good'))).toEqual({ kind: 'evidence', evidence });
  expect(await lookAt(join(directory, 'text'))).toMatchObject({
    kind: 'other',
    problem: { message: expect.stringContaining('is no evidence file') as string },
  });
  expect(await lookAt(join(directory, 'text', 'below'))).toMatchObject({ kind: 'other' });
});
