import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { InputError } from '../../src/errors.ts';
import { evidenceFilesIn } from '../../src/evidence/find.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

async function found(path: string): Promise<string[]> {
  const paths: string[] = [];
  for await (const each of evidenceFilesIn(path)) paths.push(each);
  return paths;
}

it('evidence is found in all directories below one, and by its name; links are not followed', async () => {
  const directory = await temporaryDirectory();
  await mkdir(join(directory, 'charts/old'), { recursive: true });
  for (const name of ['b-1.0.0.tgz.rekor.json', 'a-1.0.0.tgz.rekor.json', 'a-1.0.0.tgz', 'index.yaml'])
    await writeFile(join(directory, 'charts', name), '');
  await writeFile(join(directory, 'charts/old/c.tgz.rekor.json'), '');
  await symlink(directory, join(directory, 'charts/old/again'));
  await symlink(join(directory, 'charts/index.yaml'), join(directory, 'charts/link.rekor.json'));
  expect(await found(directory)).toEqual([
    join(directory, 'charts/a-1.0.0.tgz.rekor.json'),
    join(directory, 'charts/b-1.0.0.tgz.rekor.json'),
    join(directory, 'charts/old/c.tgz.rekor.json'),
  ]);
  // A file that is named is taken, whatever its name.
  expect(await found(join(directory, 'charts/index.yaml'))).toEqual([join(directory, 'charts/index.yaml')]);
  await expect(found(join(directory, 'nowhere'))).rejects.toThrow(InputError);
});
