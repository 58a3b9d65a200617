import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openArchive, readArchive } from '../support/charts-named.ts';
import { parseChartYaml } from '../../src/chart/archive/metadata.ts';
import { sha256Hex } from '../../src/digest.ts';
import { InputError } from '../../src/errors.ts';
import { gzip, tarOf, tgzOf } from '../support/archives.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { readVector, vectorPath, vectors } from '../support/vectors.ts';

const chartYaml = 'apiVersion: v2\nname: mychart\nversion: 0.1.0\n';
const text = (bytes: Uint8Array) => Buffer.from(bytes).toString();

/** What is in the only file that says which chart an archive is. */
function only(files: readonly Uint8Array[]): Uint8Array {
  expect(files).toHaveLength(1);
  return files[0] ?? new Uint8Array();
}

/** The path of a file with these bytes. */
async function fileOf(bytes: string | Uint8Array, name = 'mychart-0.1.0.tgz'): Promise<string> {
  const path = join(await temporaryDirectory(), name);
  await writeFile(path, bytes);
  return path;
}

describe('a packaged chart', () => {
  test('is read with name, digest, size and Chart.yaml', async () => {
    const bytes = await tgzOf(['mychart/Chart.yaml', chartYaml], ['mychart/values.yaml', 'a: 1\n']);
    const path = await fileOf(bytes);
    const archive = { name: 'mychart-0.1.0.tgz', sha256: sha256Hex(bytes), size: bytes.length };
    expect(await readArchive(path)).toEqual(archive);
    expect(await openArchive(path)).toEqual({ ...archive, metadata: [Buffer.from(chartYaml)] });
  });

  test('may have its Chart.yaml anywhere', async () => {
    const path = await fileOf(
      await tgzOf(
        ['mychart/', '', { type: 'directory' }],
        ['mychart/charts/sub/Chart.yaml', 'name: sub'],
        ['mychart/templates/big.yaml', 'x'.repeat(3_000_000)],
        ['mychart/Chart.yaml', chartYaml],
      ),
    );
    expect(text(only((await openArchive(path)).metadata))).toBe(chartYaml);
  });

  test('is digested to its last byte, also behind Chart.yaml and behind the compressed data', async () => {
    const noise = Buffer.from(Array.from({ length: 400_000 }, (_, i) => (i * i * 31) % 251));
    const chart = await tgzOf(['mychart/Chart.yaml', chartYaml], ['mychart/noise', noise]);
    for (const bytes of [chart, Buffer.concat([chart, noise])])
      expect((await openArchive(await fileOf(bytes))).sha256).toBe(sha256Hex(bytes));
  });

  test('that is damaged behind its Chart.yaml has a digest all the same: that is what is signed', async () => {
    const bytes = Buffer.from(
      await tgzOf(['mychart/Chart.yaml', chartYaml], ['mychart/noise', Buffer.alloc(300_000, 'noise')]),
    );
    const cut = bytes.subarray(0, -20);
    expect((await readArchive(await fileOf(cut))).sha256).toBe(sha256Hex(cut));
  });
});

describe.skipIf(!vectors)('archives made by Helm (needs the vectors)', () => {
  test.each([
    ['helm-testdata', 'hashtest-1.2.3.tgz', { name: 'hashtest', version: '1.2.3' }],
    ['rekor', 'test-0.1.0.tgz', { name: 'test', version: '0.1.0' }],
  ])('%s/%s is read', async (folder, name, metadata) => {
    const archive = await openArchive(vectorPath(folder, name));
    expect(archive.sha256).toBe(sha256Hex(readVector(folder, name)));
    expect(parseChartYaml(archive.metadata)).toEqual(metadata);
  });

  test('the digest is the one that shasum found', async () => {
    const [expected] = text(readVector('helm-testdata', 'hashtest.sha256')).split(' ');
    expect((await readArchive(vectorPath('helm-testdata', 'hashtest-1.2.3.tgz'))).sha256).toBe(expected);
  });
});

describe('what is no packaged chart', () => {
  test('a file that is not there is named', async () => {
    const path = join(await temporaryDirectory(), 'none.tgz');
    await expect(readArchive(path)).rejects.toThrow(`there is no file ${path}`);
    await expect(openArchive(path)).rejects.toBeInstanceOf(InputError);
  });

  test('a directory is refused with the way out', async () => {
    const path = join(await temporaryDirectory(), 'mychart');
    await mkdir(path);
    await expect(readArchive(path)).rejects.toMatchObject({
      code: 'INPUT',
      message: `${path} is no packaged chart: it is a directory`,
      hint: {
        consumer: 'get the packaged chart with helm pull --prov',
        publisher: 'package the chart with helm package',
      },
    });
  });

  test('a device is refused before it is read: it has no end', async () => {
    await expect(readArchive('/dev/zero')).rejects.toThrow('it is no regular file');
  });

  test.each([
    ['an empty file', '', 'it is empty'],
    ['text', 'apiVersion: v2\n', 'it is not compressed with gzip'],
    ['one byte', 'x', 'it is not compressed with gzip'],
  ])('%s is refused even when only its digest is wanted', async (_, bytes, message) => {
    const path = await fileOf(bytes);
    await expect(readArchive(path)).rejects.toThrow(`${path} is no packaged chart: ${message}`);
    await expect(openArchive(path)).rejects.toThrow(message);
  });

  test('a tar archive that is not compressed is refused', async () => {
    const path = await fileOf(await tarOf(['mychart/Chart.yaml', chartYaml]));
    await expect(readArchive(path)).rejects.toThrow('it is not compressed with gzip');
  });

  test.each([
    ['the first byte of gzip alone', Buffer.of(0x1f), 'it is not compressed with gzip, or damaged'],
    ['gzip cut in the middle', gzip('hello').subarray(0, 15), 'it is not compressed with gzip, or damaged'],
    ['some text in gzip', gzip('hello'), 'what is compressed in it is no tar archive'],
    ['a page of text in gzip', gzip('hello '.repeat(1000)), 'what is compressed in it is no tar archive'],
    ['nothing in gzip', gzip(''), 'there is no Chart.yaml in it'],
    [
      'gzip in gzip',
      gzip(gzip('x'.repeat(1000), { level: 0 })),
      'what is compressed in it is no tar archive',
    ],
  ])('%s has no Chart.yaml', async (_, bytes, message) => {
    await expect(openArchive(await fileOf(bytes))).rejects.toThrow(message);
  });

  test('a tar archive that is cut has no end', async () => {
    const tar = await tarOf(['mychart/values.yaml', 'x'.repeat(5000)]);
    await expect(openArchive(await fileOf(gzip(tar.subarray(0, 3000))))).rejects.toThrow(
      'what is compressed in it is no tar archive: it ends too early',
    );
  });

  test('no bytes crash it with anything but InputError', async () => {
    const path = await fileOf('');
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ minLength: 1 }),
        fc.constantFrom('raw', 'gzip', 'header'),
        async (bytes, how) => {
          const head = Buffer.of(0x1f, 0x8b, 8);
          await writeFile(
            path,
            how === 'gzip' ? gzip(bytes) : how === 'header' ? Buffer.concat([head, bytes]) : bytes,
          );
          await expect(openArchive(path)).rejects.toBeInstanceOf(InputError);
        },
      ),
    );
  });
});

describe('an archive without Chart.yaml', () => {
  test('is said to have something else', async () => {
    const path = await fileOf(
      await tgzOf(['mychart/values.yaml', 'a: 1\n'], ['mychart/chart.yaml', chartYaml]),
    );
    await expect(openArchive(path)).rejects.toThrow(
      'there is no Chart.yaml in it: found "mychart/values.yaml", "mychart/chart.yaml"',
    );
  });
});

describe('too much of anything', () => {
  test('two gigabytes of zeros in gzip end in an error, and in little memory', async () => {
    // A gzip file may have several members; their contents are one.
    const member = gzip(Buffer.alloc(64 << 20));
    const path = await fileOf(Buffer.concat(Array<Uint8Array>(32).fill(member)));
    const before = process.memoryUsage.rss();
    await expect(openArchive(path)).rejects.toThrow('there is no Chart.yaml in it: found no files');
    expect(process.memoryUsage.rss() - before).toBeLessThan(150 << 20);
  });

  test('a Chart.yaml of a megabyte is read, one byte more is refused', async () => {
    const most = `${chartYaml}#${'x'.repeat((1 << 20) - chartYaml.length - 1)}`;
    expect(
      only((await openArchive(await fileOf(await tgzOf(['mychart/Chart.yaml', most])))).metadata).length,
    ).toBe(1 << 20);
    await expect(openArchive(await fileOf(await tgzOf(['mychart/Chart.yaml', `${most}x`])))).rejects.toThrow(
      'its Chart.yaml has more than 1048576 bytes',
    );
  });

  test('a header that says it has gigabytes is not believed', async () => {
    const tar = Buffer.from(await tarOf(['mychart/Chart.yaml', chartYaml, {}]));
    const lying = withSize(tar, 7 * 1024 ** 3);
    await expect(openArchive(await fileOf(gzip(lying)))).rejects.toBeInstanceOf(InputError);
  });

  /** The archive with another size in its first header, and the checksum to it (POSIX ustar). */
  function withSize(tar: Buffer, size: number): Buffer {
    const copy = Buffer.from(tar);
    copy.write(`${size.toString(8).padStart(11, '0')}\0`, 124, 'latin1');
    copy.fill(' ', 148, 156);
    const sum = copy.subarray(0, 512).reduce((total, byte) => total + byte, 0);
    copy.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
    return copy;
  }
});
