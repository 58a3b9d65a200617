import { copyFile, mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sha256Hex } from '../../src/digest.ts';
import { writeSignedChart, type ChartOnDisk } from '../support/chart.ts';
import { World } from '../support/world/world.ts';

let world: World;
let chart: ChartOnDisk;

beforeAll(async () => {
  world = await World.open();
  const directory = await world.subdirectory('kafka-2');
  chart = await writeSignedChart(directory, world.publisher, { name: 'kafka-2', version: '1.0.0' });
  await world.run(['upload', chart.path, ...world.knowing()]);
});

afterAll(async () => {
  await world.close();
});

async function index(name: string, version: string, digest?: string): Promise<string> {
  const directory = await mkdtemp(join(world.directory, 'index-'));
  for (const end of ['', '.prov'])
    await copyFile(`${chart.path}${end}`, join(directory, `kafka-2-1.0.0.tgz${end}`));
  const path = join(directory, 'index.yaml');
  const entry = { name, version, urls: ['kafka-2-1.0.0.tgz'], ...(digest !== undefined && { digest }) };
  await writeFile(path, JSON.stringify({ apiVersion: 'v1', entries: { [name]: [entry] } }));
  return path;
}

interface Judged {
  readonly checks: readonly { readonly id: string; readonly outcome: string }[];
}

async function judged(command: string, path: string) {
  const log = command === 'inspect' ? ['--keyring', world.keyring] : world.knowing();
  const { status, stdout } = await world.run([command, path, ...log, '--output', 'json']);
  const { results } = JSON.parse(stdout) as { results: (Judged & { evidences?: Judged[] })[] };
  const { checks } = results[0]?.evidences?.[0] ?? results[0] ?? { checks: [] };
  return { status, failed: checks.find(({ outcome }) => outcome === 'failed')?.id };
}

describe.each(['verify', 'inspect', 'upload'])('%s of an index', (command) => {
  test.each([true, false])('takes the chart that it really is, with its digest: %s', async (withDigest) => {
    const path = await index('kafka-2', '1.0.0', withDigest ? sha256Hex(chart.archive) : undefined);
    expect(await judged(command, path)).toEqual({ status: 0, failed: undefined });
  });

  test.each([true, false])(
    'rejects one chart that is passed off as another of the same file name, with its digest: %s',
    async (withDigest) => {
      const path = await index('kafka', '2-1.0.0', withDigest ? sha256Hex(chart.archive) : undefined);
      expect(await judged(command, path)).toEqual({ status: 10, failed: 'archive-name' });
    },
  );

  test('rejects an archive of another digest, as a check', async () => {
    const path = await index('kafka-2', '1.0.0', 'ab'.repeat(32));
    expect(await judged(command, path)).toEqual({ status: 10, failed: 'archive-digest' });
  });
});

describe('what is no regular file', () => {
  async function withPipe(name: string): Promise<string> {
    const directory = await mkdtemp(join(world.directory, 'pipe-'));
    for (const end of ['', '.prov'])
      await copyFile(`${chart.path}${end}`, join(directory, `kafka-2-1.0.0.tgz${end}`));
    execFileSync('mkfifo', [join(directory, `${name}.pipe`)]);
    await mkdir(join(directory, 'x'));
    execFileSync('mv', [join(directory, `${name}.pipe`), join(directory, name)]);
    return directory;
  }

  test.each([
    ['an archive', 'kafka-2-1.0.0.tgz', 'kafka-2-1.0.0.tgz'],
    ['a provenance', 'kafka-2-1.0.0.tgz.prov', 'kafka-2-1.0.0.tgz'],
    ['an index', 'index.yaml', 'index.yaml'],
    ['a folder with one', 'kafka-2-1.0.0.tgz', ''],
  ])('is refused at once as %s', async (_, name, operand) => {
    const directory = await withPipe(name);
    const { status, stderr } = await world.run([
      'inspect',
      join(directory, operand),
      '--keyring',
      world.keyring,
    ]);
    expect(status).toBe(3);
    expect(stderr).toContain('it is no regular file but a pipe');
  });

  test.each([
    ['--keyring', ['inspect', 'CHART', '--keyring']],
    ['--public-key', ['inspect', 'CHART', '--public-key']],
    [
      '--rekor-public-key',
      ['verify', 'CHART', '--keyring', 'KEYRING', '--rekor-server', 'LOG', '--rekor-public-key'],
    ],
    [
      '--trusted-root',
      ['verify', 'CHART', '--keyring', 'KEYRING', '--rekor-server', 'LOG', '--trusted-root'],
    ],
    ['--ca-file', ['verify', 'CHART', '--keyring', 'KEYRING', '--rekor-server', 'LOG', '--ca-file']],
    ['--from-file', ['inspect', '--keyring', 'KEYRING', '--from-file']],
  ])('is waited for as %s, until the run is interrupted', async (_, argv) => {
    const directory = await withPipe('named');
    const words = new Map([
      ['CHART', chart.path],
      ['KEYRING', world.keyring],
      ['LOG', world.log.url],
    ]);
    const interruption = new AbortController();
    const running = world.run([...argv.map((word) => words.get(word) ?? word), join(directory, 'named')], {
      interrupted: interruption.signal,
    });
    setTimeout(() => {
      interruption.abort();
    }, 200);
    expect((await running).status).not.toBe(0);
  });
});
