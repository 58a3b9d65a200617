import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { load } from 'js-yaml';
import { startLog, type RunningLog } from '../../scripts/embedded-log.mjs';

const checkout = path.join(import.meta.dirname, '../..');
let directory: string;
let log: RunningLog;

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), 'action-'));
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
    KEYRING: 'examples/publisher.asc',
    GITHUB_OUTPUT: output,
    GITHUB_STEP_SUMMARY: summary,
  };
  const status = await new Promise((resolve) => {
    const script = path.join(checkout, 'scripts', 'action.mjs');
    execFile(process.execPath, [script], { cwd: checkout, env }, (error) => {
      resolve(error === null ? 0 : error.code);
    });
  });
  return { status, output: await readFile(output, 'utf8'), summary: await readFile(summary, 'utf8') };
}

test('the action uploads a chart, says where its entry is, and sums it up', async () => {
  const { status, output, summary } = await act('good', ' examples/hello-0.1.0.tgz\n');
  expect(status).toBe(0);
  const [, uuid = ''] = /^uuid<<END\n([0-9a-f]{80})\nEND$/m.exec(output) ?? [];
  const url = `${log.url}/api/v1/log/entries/${uuid}`;
  expect(output).toBe(`uuid<<END\n${uuid}\nEND\nlog-index<<END\n0\nEND\nentry-url<<END\n${url}\nEND\n`);
  expect(summary).toContain(`| examples/hello-0.1.0.tgz | created | 0 | [${uuid}](${url}) |`);
});

test('the action fails with the status of the command', async () => {
  const { status, summary } = await act('bad', 'missing.tgz');
  expect(status).toBe(3);
  expect(summary).toContain('| missing.tgz | ');
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
