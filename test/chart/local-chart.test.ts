import { appendFile, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { findArchive } from '../../src/chart/archive/archive.ts';
import { LocalChart } from '../../src/chart/local-chart.ts';
import { sha256Hex } from '../../src/digest.ts';
import { InputError } from '../../src/errors.ts';
import { readAll } from '../../src/files/regular-file.ts';
import { Folder } from '../support/world/folder.ts';

async function folder(): Promise<string> {
  const made = await Folder.create();
  onTestFinished(() => made.close());
  return made.directory;
}

describe('an archive', () => {
  const sizes = [1, 1 << 10, (1 << 17) - 1, 1 << 17, (1 << 17) + 1, 3 << 17];

  it.each(sizes)('of %i bytes is hashed whole, as often as it is read', async (size) => {
    const path = join(await folder(), 'a.tgz');
    const bytes = Buffer.alloc(size, 0x1f);
    await writeFile(path, bytes);
    const found = await findArchive(path);
    const read = { name: 'a.tgz', sha256: sha256Hex(bytes), size };
    expect(await found.read()).toEqual(read);
    expect(await found.read()).toEqual(read);
    const chunks: Uint8Array[] = [];
    for await (const chunk of found.chunks()) chunks.push(chunk);
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true);
  });

  it('that is changed after it was found has the digest of what it was, or of what it is, and of no mixture', async () => {
    for (const size of [1 << 10, 1 << 18]) {
      const path = join(await folder(), 'a.tgz');
      const before = Buffer.alloc(size, 0x1f);
      await writeFile(path, before);
      const found = await findArchive(path);
      await appendFile(path, 'x');
      const after = Buffer.concat([before, Buffer.from('x')]);
      expect([sha256Hex(before), sha256Hex(after)]).toContain((await found.read()).sha256);
    }
  });
});

describe('a file beside a chart', () => {
  async function chart() {
    const path = join(await folder(), 'a.tgz');
    await writeFile(path, gzipSync('x'));
    return path;
  }

  it('that is not there is none, also where a link leads nowhere', async () => {
    const path = await chart();
    await symlink(join(path, '..', 'nowhere'), `${path}.rekor.json`);
    await symlink('nowhere', `${path}.prov.sigstore.json`);
    const local = new LocalChart(path);
    expect(await local.evidence()).toEqual([]);
    expect(await local.provenanceBundles()).toEqual([]);
    expect(await local.bundles()).toEqual([]);
    expect(await local.provenanceSize()).toBe(0);
  });

  it('that appears is seen the next time', async () => {
    const path = await chart();
    const local = new LocalChart(path);
    expect(await local.evidence()).toEqual([]);
    await writeFile(`${path}.rekor.json`, '{}');
    expect(await local.evidence()).toMatchObject([{ label: `${path}.rekor.json` }]);
  });

  it('that cannot be read is an error, and not passed over', async () => {
    const path = await chart();
    await mkdir(`${path}.rekor.json`);
    await symlink(`${path}.prov.sigstore.json`, `${path}.prov.sigstore.json`);
    const local = new LocalChart(path);
    await expect(local.evidence()).rejects.toThrow(InputError);
    await expect(local.provenanceBundles()).rejects.toThrow(InputError);
  });
});

describe('a file that is read whole', () => {
  /** A file of the system's that gives so many bytes at a time. */
  function giving(content: Buffer, most: number) {
    let done = 0;
    return (bytes: Buffer, from: number) => {
      const bytesRead = content.copy(bytes, from, done, done + Math.min(most, bytes.length - from));
      done += bytesRead;
      return Promise.resolve({ bytesRead });
    };
  }

  it.each([
    ['of the size that it had', 100],
    ['that has grown', 50],
    ['that has shrunk', 150],
    ['whose size is unknown', 0],
  ])('%s', async (_, size) => {
    const content = Buffer.from(Array.from({ length: 100 }, (_, at) => at));
    expect(await readAll(giving(content, 1 << 20), size, 1000)).toEqual(content);
  });

  it('is refused when it has more bytes than the limit', async () => {
    for (const size of [0, 100, 101]) {
      const reading = readAll(giving(Buffer.alloc(101), 1 << 20), size, 100);
      await expect(reading).rejects.toThrow('at most 100 bytes');
    }
  });
});
