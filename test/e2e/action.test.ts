import { execFile } from 'node:child_process';
import { copyFile, cp, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { load } from 'js-yaml';
import { startLog, type RunningLog } from '../../scripts/embedded-log.mjs';

const checkout = path.join(import.meta.dirname, '../..');
let directory: string;
let log: RunningLog;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'action-'));
  // The action writes beside the charts.
  await cp(path.join(checkout, 'examples'), path.join(directory, 'examples'), { recursive: true });
  log = await startLog(path.join(directory, 'log'), process.env);
});

afterAll(async () => {
  await log.stop();
  await rm(directory, { recursive: true, force: true });
});

/** Runs the step of the action as a runner would; `name` tells its runs apart. */
async function act(name: string, charts: string) {
  const output = path.join(directory, `${name}-output`);
  const summary = path.join(directory, `${name}-summary`);
  const env = {
    PATH: process.env['PATH'],
    HOME: directory,
    CHARTS: charts,
    REKOR_SERVER: log.url,
    SIGSTORE_REKOR_PUBLIC_KEY: log.publicKey,
    KEYRING: path.join(checkout, 'examples', 'publisher.asc'),
    GITHUB_OUTPUT: output,
    GITHUB_STEP_SUMMARY: summary,
  };
  const script = path.join(checkout, 'scripts', 'action.mjs');
  const { status, stderr } = await new Promise<{ status: unknown; stderr: string }>((resolve) => {
    execFile(process.execPath, [script], { cwd: directory, env }, (error, _, stderr) => {
      resolve({ status: error === null ? 0 : error.code, stderr });
    });
  });
  return { status, stderr, output: await readFile(output, 'utf8'), summary: await readFile(summary, 'utf8') };
}

test('the action uploads a chart, says where its entry is, and sums it up', async () => {
  const { status, output, summary } = await act('good', ' examples/hello-0.1.0.tgz\n');
  expect(status).toBe(0);
  const [, uuid = ''] = /^uuid<<END\n([0-9a-f]{80})\nEND$/m.exec(output) ?? [];
  const url = `${log.url}/api/v1/log/entries/${uuid}`;
  expect(output).toBe(`uuid<<END\n${uuid}\nEND\nlog-index<<END\n0\nEND\nentry-url<<END\n${url}\nEND\n`);
  expect(summary).toContain(`| examples/hello-0.1.0.tgz | created | 0 | [${uuid}](${url}) |`);
  const evidence = await readFile(path.join(directory, 'examples', 'hello-0.1.0.tgz.rekor.json'), 'utf8');
  expect(JSON.parse(evidence)).toMatchObject({ log: log.url, entries: [{ logIndex: '0' }] });
});

test('the action fails with the status of the command', async () => {
  const { status, summary } = await act('bad', 'missing.tgz');
  expect(status).toBe(3);
  expect(summary).toContain('| missing.tgz | ');
});

test('each chart has a line in the outputs, in the order of the input, also where one fails', async () => {
  const charts = 'examples/hello-0.1.0.tgz\nmissing.tgz\nexamples/hello-0.1.0.tgz\n';
  const { status, output, summary } = await act('mixed', charts);
  expect(status).toBe(3);
  expect(output).toMatch(/^uuid<<END\n([0-9a-f]{80})\n\n\1\nEND\nlog-index<<END\n0\n\n0\nEND\n/);
  expect(summary.match(/^\| [^|]*tgz \|/gm)).toEqual([
    '| examples/hello-0.1.0.tgz |',
    '| missing.tgz |',
    '| examples/hello-0.1.0.tgz |',
  ]);
});

describe('the charts of the input', () => {
  const names = ['one folder', 'other folder', '#third'];

  beforeAll(async () => {
    for (const name of names) {
      await mkdir(path.join(directory, name));
      for (const file of ['hello-0.1.0.tgz', 'hello-0.1.0.tgz.prov'])
        await copyFile(path.join(checkout, 'examples', file), path.join(directory, name, file));
    }
  });

  test.each([
    ['a path with a blank', 'one folder/hello-0.1.0.tgz', 1],
    [
      'several lines, with blanks in them',
      'one folder/hello-0.1.0.tgz\n  other folder/hello-0.1.0.tgz  \r\n',
      2,
    ],
    ['two on a line', '#third/hello-0.1.0.tgz ./#third/hello-0.1.0.tgz', 2],
    ['a pattern, which fits the example as well', '*/hello-?.1.0.tgz', 4],
    ['a pattern with a blank', 'one f*/*.tgz', 1],
    ['a folder', 'other folder', 1],
  ])('are found: %s', async (name, charts, count) => {
    const { status, output } = await act(name, charts);
    expect(status).toBe(0);
    expect(output.match(/^[0-9a-f]{80}$/gm)).toHaveLength(count);
  });

  test.each([
    ['a pattern that fits nothing', 'examples/*.zip', 'expected charts that fit examples/*.zip, found none'],
    ['no chart at all', ' \n', 'expected the input "charts" to name charts, found none'],
  ])('nothing is sent for %s', async (name, charts, message) => {
    const { status, stderr } = await act(name, charts);
    expect(status).toBe(3);
    expect(stderr).toContain(message);
  });
});

test('320 charts are uploaded by one step', async () => {
  const { status, output, summary } = await act('many', 'examples/hello-0.1.0.tgz\n'.repeat(320));
  expect(status).toBe(0);
  expect(output.match(/^[0-9a-f]{80}$/gm)).toHaveLength(320);
  expect(summary.match(/^\| examples/gm)).toHaveLength(320);
});

test('action.yml takes its outputs from what the step sets', async () => {
  const action = load(await readFile(path.join(checkout, 'action.yml'), 'utf8')) as {
    outputs: Record<string, { value: string }>;
  };
  const { output } = await act('names', 'missing.tgz');
  const set = [...output.matchAll(/^(.*)<<END$/gm)].map(([, name]) => name);
  expect(Object.keys(action.outputs)).toEqual(set);
  for (const [name, { value }] of Object.entries(action.outputs))
    expect(value).toBe(`\${{ steps.upload.outputs.${name} }}`);
});
