import { execFile } from 'node:child_process';
import { copyFile, cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { load } from 'js-yaml';
import { startLog, type RunningLog } from '../../scripts/embedded-log.mjs';
import { serveFiles } from './file-server.ts';

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

/** Runs the step of the action as a runner would, with these inputs changed; `name` tells its runs apart. */
async function act(name: string, charts: string, inputs: Readonly<Record<string, string>> = {}) {
  const output = path.join(directory, `${name}-output`);
  const summary = path.join(directory, `${name}-summary`);
  const env = {
    PATH: process.env['PATH'],
    HOME: directory,
    CHARTS: charts,
    REKOR_SERVER: log.url,
    SIGSTORE_REKOR_PUBLIC_KEY: log.publicKey,
    KEYRING: path.join(checkout, 'examples', 'publisher.asc'),
    ...inputs,
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
  expect(output).toBe(
    `uuid<<END\n${uuid}\nEND\nlog-index<<END\n0\nEND\nentry-url<<END\n${url}\nEND\nverdict<<END\nverified\nEND\n`,
  );
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

test.each([
  ['an input that fits nothing', 'examples/hello-0.1.0.tgz\nexamples/*.zip\nexamples/hello-0.1.0.tgz', {}, 3],
  ['inputs that contradict each other', 'examples/hello-0.1.0.tgz a.tgz b.tgz', { MODE: 'both' }, 2],
  ['a setting that is wrong', 'examples/hello-0.1.0.tgz a.tgz b.tgz', { REKOR_SERVER: 'none' }, 2],
])(
  'each chart has a line in the outputs, and in the summary, also after %s',
  async (name, charts, inputs, status) => {
    const ended = await act(name, charts, inputs);
    expect(ended).toMatchObject({ status });
    for (const output of ['uuid', 'log-index', 'entry-url', 'verdict'])
      expect(ended.output).toContain(`${output}<<END\n\n\n\nEND\n`);
    expect(ended.summary.match(/^\| \S+(?:tgz|zip) \| .+ \| {2}\| {2}\|$/gm)).toHaveLength(3);
  },
  60_000,
);

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

describe('the mode verify', () => {
  const verify = { MODE: 'verify' };
  /** The log and the keys come from the policy. */
  const noSettings = { KEYRING: '', REKOR_SERVER: '', SIGSTORE_REKOR_PUBLIC_KEY: '' };
  const good = 'verified/hello-0.1.0.tgz';

  beforeAll(async () => {
    await cp(path.join(checkout, 'examples'), path.join(directory, 'verified'), { recursive: true });
    expect(await act('first', good)).toMatchObject({ status: 0 });
    await copyFile(log.publicKey, path.join(directory, 'log.pem'));
    await mkdir(path.join(directory, 'forged'));
    const forged = await readFile(path.join(directory, good));
    forged[forged.length - 5] = (forged.at(-5) ?? 0) ^ 1;
    await writeFile(path.join(directory, 'forged', 'hello-0.1.0.tgz'), forged);
    await copyFile(
      path.join(directory, `${good}.prov`),
      path.join(directory, 'forged', 'hello-0.1.0.tgz.prov'),
    );
  });

  /** A policy that lets one key sign. */
  async function policyFor(name: string, fingerprint: string): Promise<string> {
    const policy = {
      version: 1,
      keys: ['verified/publisher.asc'],
      logs: [{ url: log.url, publicKeys: ['log.pem'] }],
      rules: [{ name: 'ours', charts: ['hello'], signedBy: [{ openpgp: fingerprint }] }],
    };
    await writeFile(path.join(directory, name), JSON.stringify(policy));
    return name;
  }

  test('proves each chart, says where its entry is, and sums it up', async () => {
    const { status, output, summary } = await act('verify', good, verify);
    expect(status).toBe(0);
    expect(output).toMatch(/^uuid<<END\n[0-9a-f]{80}\nEND\nlog-index<<END\n0\nEND\n/);
    expect(output).toContain('verdict<<END\nverified\nEND\n');
    expect(summary).toContain(`| ${good} | verified | 0 | [`);
  });

  test('fails for a chart that was changed, says why, and names no entry as its proof', async () => {
    const charts = `forged/hello-0.1.0.tgz\n${good}\n`;
    const { status, output, summary, stderr } = await act('verify-forged', charts, verify);
    expect(status).toBe(10);
    expect(output).toMatch(/^uuid<<END\n\n[0-9a-f]{80}\nEND\n/);
    expect(output).toContain('verdict<<END\nrejected\nverified\nEND\n');
    expect(summary).toContain('| forged/hello-0.1.0.tgz | rejected |');
    expect(stderr).toContain('archive-digest');
  });

  test('sends nothing: a chart that the log does not have stays unknown to it', async () => {
    const other = await startLog(path.join(directory, 'empty-log'), process.env);
    try {
      const elsewhere = { REKOR_SERVER: other.url, SIGSTORE_REKOR_PUBLIC_KEY: other.publicKey };
      await mkdir(path.join(directory, 'unlogged'));
      for (const file of ['hello-0.1.0.tgz', 'hello-0.1.0.tgz.prov'])
        await copyFile(path.join(checkout, 'examples', file), path.join(directory, 'unlogged', file));
      for (const name of ['unlogged', 'unlogged-again']) {
        const { status, output } = await act(name, 'unlogged', { ...verify, ...elsewhere });
        expect({ status, output }).toEqual({
          status: 4,
          output: expect.stringContaining('verdict<<END\nnot-found\nEND') as string,
        });
      }
    } finally {
      await other.stop();
    }
  });

  test('takes a reference in place of a path', async () => {
    const files = await serveFiles(path.join(directory, 'verified'));
    const url = `${files.url}/hello-0.1.0.tgz`;
    const { status, summary, stderr } = await act('verify-url', `${url}?a=*\n`, verify);
    await files.close();
    expect({ status, stderr }).toEqual({ status: 0, stderr: expect.any(String) as string });
    expect(summary).toContain(`| ${url} | verified |`);
  });

  test('obeys a policy', async () => {
    const [ours, others] = await Promise.all([
      policyFor('ours.yaml', 'F1225FFFEF327BE2C6E6C3C5C010E9C64672197F'),
      policyFor('others.yaml', '0123456789ABCDEF0123456789ABCDEF01234567'),
    ]);
    expect(await act('by-policy', good, { ...verify, ...noSettings, POLICY: ours })).toMatchObject({
      status: 0,
      output: expect.stringContaining('verdict<<END\nverified\nEND') as string,
    });
    const refused = await act('by-other', good, { ...verify, ...noSettings, POLICY: others });
    expect(refused.status).toBe(10);
    expect(refused.output).toMatch(/^uuid<<END\n\nEND\n/);
    expect(refused.output).toContain('verdict<<END\nrefused\nEND');
    expect(refused.summary).toContain(`| ${good} | refused |`);
  });

  test.each([
    ['a keyring', { KEYRING: 'publisher.asc' }],
    ['a log', { REKOR_SERVER: 'https://rekor.example.com' }],
    ['the key of a log', { SIGSTORE_REKOR_PUBLIC_KEY: 'log.pem' }],
    ['a key', { PUBLIC_KEY: 'publisher.asc' }],
  ])('a policy beside %s, which it would overrule, is a mistake', async (name, input) => {
    const { status, stderr } = await act(`both-${name}`, good, {
      ...verify,
      ...noSettings,
      POLICY: await policyFor('ours.yaml', 'F1225FFFEF327BE2C6E6C3C5C010E9C64672197F'),
      ...input,
    });
    expect(status).toBe(2);
    expect(stderr).toContain('policy');
  });

  test('an empty policy file lets nothing pass', async () => {
    await writeFile(path.join(directory, 'empty.yaml'), '');
    const { status } = await act('empty', good, { ...verify, ...noSettings, POLICY: 'empty.yaml' });
    expect(status).toBe(2);
  });
});

test.each([
  ['another mode', { MODE: 'Verify' }, '"mode"'],
  ['a policy for an upload, which would not obey it', { POLICY: 'policy.yaml' }, '"policy"'],
])('nothing is done for %s', async (name, inputs, message) => {
  const { status, stderr, output } = await act(name, 'examples/hello-0.1.0.tgz', inputs);
  expect(status).toBe(2);
  expect(stderr).toContain(message);
  expect(output).not.toMatch(/[0-9a-f]{80}/);
});

test('action.yml takes its outputs from what the step sets', async () => {
  const action = load(await readFile(path.join(checkout, 'action.yml'), 'utf8')) as {
    outputs: Record<string, { value: string }>;
  };
  const { output } = await act('names', 'missing.tgz');
  const set = [...output.matchAll(/^(.*)<<END$/gm)].map(([, name]) => name);
  expect(Object.keys(action.outputs)).toEqual(set);
  for (const [name, { value }] of Object.entries(action.outputs))
    expect(value).toBe(`\${{ steps.sigstore.outputs.${name} }}`);
});

test('action.yml hands every input to the step, each in a variable of its own', async () => {
  const action = load(await readFile(path.join(checkout, 'action.yml'), 'utf8')) as {
    inputs: Record<string, { default?: string }>;
    runs: { steps: { id?: string; run: string; env: Record<string, string> }[] };
  };
  const step = action.runs.steps.find(({ id }) => id === 'sigstore');
  const handed = Object.values(step?.env ?? {}).map(
    (value) => /^\$\{\{ inputs\.(\S+) \}\}$/.exec(value)?.[1],
  );
  expect(handed.sort()).toEqual(Object.keys(action.inputs).sort());
  expect(action.inputs['mode']?.default).toBe('upload');
  expect(step?.run).not.toContain('inputs.');
});
