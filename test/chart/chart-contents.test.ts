import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { sha256Hex } from '../../src/digest.ts';
import { InputError } from '../../src/errors.ts';
import { gzip, tgzOf, type Member } from '../support/archives.ts';
import { unpackArchive } from '../support/charts-named.ts';
import { ODD_CONTENTS } from '../support/odd-contents.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { sampled } from '../support/thorough.ts';

async function contentsOf(bytes: Uint8Array) {
  const path = join(await temporaryDirectory(), 'odd-1.0.0.tgz');
  await writeFile(path, bytes);
  return await unpackArchive(path);
}

test.each(sampled(ODD_CONTENTS, 4))(
  'an archive with $what has the charts that Helm renders: $helm',
  async ({ bytes, helm, here, warns = [] }) => {
    const reading = contentsOf(await bytes());
    if (helm === 'refused' && here === undefined) {
      await expect(reading).rejects.toBeInstanceOf(InputError);
      return;
    }
    const { subcharts, warnings } = (await reading).contents;
    expect(['parent', ...subcharts.map(({ name = '?' }) => name)].sort()).toEqual(
      (here ?? (helm === 'refused' ? [] : helm)).toSorted(),
    );
    for (const part of warns) expect(warnings.join('\n')).toContain(part);
    const isOdd = warns.length > 0 || helm === 'refused';
    expect(warnings.length > 0).toBe(isOdd);
  },
);

const yaml = (name: string, more = '') => `apiVersion: v2\nname: ${name}\nversion: 1.0.0\n${more}`;
const needing = (...names: readonly string[]) =>
  yaml('parent', `dependencies:\n${names.map((name) => `- { name: ${name}, version: "*" }\n`).join('')}`);

test('the digest and the Chart.yaml are those of reading and opening the archive', async () => {
  const bytes = await tgzOf(['parent/Chart.yaml', yaml('parent')], ['parent/charts/a/Chart.yaml', yaml('a')]);
  const { sha256, metadata, contents } = await contentsOf(bytes);
  expect(sha256).toBe(sha256Hex(bytes));
  expect(metadata.map((file) => Buffer.from(file).toString())).toEqual([yaml('parent')]);
  expect(contents.subcharts).toEqual([{ path: 'charts/a', name: 'a', version: '1.0.0', isDeclared: false }]);
});

test('what follows the end of an archive in an archive is passed over, and the next chart is found', async () => {
  const inner = await tgzOf(['a/Chart.yaml', yaml('a')]);
  const long = Buffer.concat([inner, gzip(Buffer.alloc(3 << 20))]);
  const bytes = await tgzOf(
    ['parent/charts/a.tgz', long],
    ['parent/Chart.yaml', needing('a', 'b')],
    ['parent/charts/b/Chart.yaml', yaml('b')],
  );
  const { contents } = await contentsOf(bytes);
  expect(contents.subcharts.map(({ path }) => path)).toEqual(['charts/a.tgz', 'charts/b']);
  expect(contents.warnings).toEqual([]);
});

test('a second chart of a name that is asked for once is warned of, however it is packed', async () => {
  const twice: Member[] = [
    ['parent/charts/a/Chart.yaml', yaml('a')],
    ['parent/charts/b/Chart.yaml', yaml('a').replace('1.0.0', '6.6.6')],
  ];
  const once = await contentsOf(await tgzOf(['parent/Chart.yaml', needing('a')], ...twice));
  expect(once.contents.warnings).toEqual([
    'charts/b is a 6.6.6: Chart.yaml asks for a less often, and Helm may take any',
  ]);
  const asked = await contentsOf(await tgzOf(['parent/Chart.yaml', needing('a', 'a')], ...twice));
  expect(asked.contents.warnings).toEqual([]);
});

describe('more than any chart has is refused, not left out', () => {
  const many = (count: number, path: (at: number) => string): Member[] =>
    Array.from({ length: count }, (_, at) => [path(at), yaml('a')]);
  const hostile: [what: string, members: () => Promise<Member[]> | Member[], message: string][] = [
    ['charts', () => many(1001, (at) => `parent/charts/c${at}/Chart.yaml`), 'at most 1000 charts'],
    ['charts by folders alone', () => many(1001, (at) => `parent/charts/c${at}/x`), 'at most 1000 charts'],
    [
      'charts in one another',
      () => [[`parent/${'charts/a/'.repeat(33)}Chart.yaml`, yaml('a')]],
      'at most 32 charts in one another',
    ],
    [
      'a long name',
      () => [[`parent/charts/${'n'.repeat(256)}/Chart.yaml`, yaml('a')]],
      'at most 255 characters',
    ],
    [
      'Chart.yaml',
      () => many(20, (at) => `parent/charts/c${at}/Chart.yaml`).map(([name]) => [name, 'x'.repeat(1 << 20)]),
      'bytes of Chart.yaml',
    ],
    [
      'archives in one another',
      async () => {
        let inner = await tgzOf(['a/Chart.yaml', yaml('a')]);
        for (let depth = 0; depth < 33; depth++)
          inner = await tgzOf(['a/Chart.yaml', yaml('a')], ['a/charts/a.tgz', inner]);
        return [['parent/charts/a.tgz', inner]];
      },
      'at most 32 charts in one another',
    ],
    [
      'bytes in archives that unpack to much, each less than Helm takes',
      async () => {
        const bomb = await tgzOf(['a/Chart.yaml', yaml('a')], ['a/x', Buffer.alloc(99 << 20)]);
        return Array.from({ length: 3 }, (_, at) => [`parent/charts/a${at}.tgz`, bomb]);
      },
      'unpacked, found more',
    ],
  ];
  test.each(hostile)('%s', async (_, members, message) => {
    const bytes = await tgzOf(['parent/Chart.yaml', yaml('parent')], ...(await members()));
    const reading = contentsOf(bytes);
    await expect(reading).rejects.toBeInstanceOf(InputError);
    await expect(reading).rejects.toThrow(message);
  });
});
