import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { InputError } from '../../src/errors.ts';
import { evidencePath } from '../../src/evidence/evidence.ts';
import { parseEvidence } from '../../src/evidence/parse.ts';
import { readEvidence } from '../../src/evidence/read.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { evidenceMembers, fileOf } from './files.ts';

const bytes = fileOf(evidenceMembers());

test('evidence is kept beside the chart, and read from there', async () => {
  const directory = await temporaryDirectory();
  const path = evidencePath(join(directory, 'hello-0.1.0.tgz'));
  await writeFile(join(directory, 'hello-0.1.0.tgz.rekor.json'), bytes);
  expect(await readEvidence(path)).toEqual(parseEvidence(bytes));
});

test('where there is no file, there is no evidence', async () => {
  expect(await readEvidence(join(await temporaryDirectory(), 'a.rekor.json'))).toBeUndefined();
});

test.each([
  ['is empty', '', 'is no evidence file: expected JSON, found nothing'],
  ['is half written', bytes.subarray(0, 300), 'is no evidence file: expected JSON'],
  ['is a web page', '<html>', 'is no evidence file: expected JSON, found an HTML page'],
  ['has two mebibytes', Buffer.alloc(2 << 20, ' '), 'expected at most 1048576 bytes, found more'],
])('a file that %s is an error, and never counts as missing', async (_, content, message) => {
  const path = join(await temporaryDirectory(), 'a.rekor.json');
  await writeFile(path, content);
  await expect(readEvidence(path)).rejects.toThrow(InputError);
  await expect(readEvidence(path)).rejects.toThrow(message);
});

test('so is a directory', async () => {
  const directory = await temporaryDirectory();
  await mkdir(join(directory, 'a'));
  await expect(readEvidence(join(directory, 'a'))).rejects.toThrow('it is no regular file but a directory');
});

test.skipIf(process.platform === 'win32')('nobody waits for a pipe in its place (needs a Unix)', async () => {
  const path = join(await temporaryDirectory(), 'a.rekor.json');
  execFileSync('mkfifo', [path]);
  await expect(readEvidence(path)).rejects.toThrow('it is no regular file but a pipe');
});
