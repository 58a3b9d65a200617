import { writeFileSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Output } from '../../src/cli/output.ts';
import { sha256Hex } from '../../src/digest.ts';
import { parseEvidence } from '../../src/evidence/parse.ts';
import { acceptChart } from '../../src/proving/accept-chart.ts';
import { readPolicy } from '../../src/run/read-policy.ts';
import type { Context, RunContext } from '../../src/run/context.ts';
import type { OptionValues } from '../../src/settings/options.ts';
import { Settings } from '../../src/settings/settings.ts';
import { outputTo } from '../support/program.ts';
import { serveBefore } from '../support/front.ts';
import type { LoopbackServer } from '../support/loopback.ts';
import { serveFiles } from '../support/static-server.ts';
import { World } from '../support/world/world.ts';

let world: World;
let hello: Awaited<ReturnType<World['keptChart']>>;
let server: LoopbackServer;
let directory: string;
let warnings: string;
let count = 0;

beforeAll(async () => {
  world = await World.open();
  hello = await world.keptChart('hello');
  await copyFile(world.keyring, join(world.directory, 'publisher.gpg'));
  await copyFile(world.log.publicKeyPath, join(world.directory, 'log.pem'));
});

afterAll(async () => {
  await world.close();
});

beforeEach(async () => {
  count += 1;
  warnings = '';
  server = await serveFiles({
    '/hello-0.1.0.tgz': hello.archive,
    '/hello-0.1.0.tgz.prov': hello.provenance,
    '/other-0.1.0.tgz': hello.archive,
    '/other-0.1.0.tgz.prov': hello.provenance,
  });
  directory = await world.subdirectory(`accepted-${count}`);
});

function contextOf(): RunContext {
  const context: Context = {
    version: '0.0.0-test',
    env: { TMPDIR: world.directory },
    platform: process.platform,
    home: world.user.home,
    stdin: () => (async function* () {})(),
    stdout: Output.toNowhere(),
    stderr: outputTo((text) => (warnings += text)),
    now: () => Math.floor(Date.now() / 1000),
    random: () => 0,
    interrupted: new AbortController().signal,
    takeTime: () => undefined,
    saveMemory: () => undefined,
    optimiseLater: () => undefined,
    passSignals: () => () => undefined,
  };
  return { ...context, begun: undefined, audience: undefined, afterwards: () => undefined };
}

const FLAGS = (): OptionValues => ({
  rekorServer: world.log.url,
  rekorPublicKey: [world.log.publicKeyPath],
  keyring: [world.keyring],
});

async function accept(reference: string, flags: OptionValues = FLAGS(), source: OptionValues = {}) {
  return await acceptChart(
    { reference, source: new Settings(source, {}), directory, copyName: 'copy.tgz' },
    new Settings(flags, {}),
    contextOf(),
  );
}

async function acceptUnder(lines: string, reference: string) {
  const path = await world.write(
    `policy-${count}.yaml`,
    `version: 1\nkeys: [publisher.gpg]\nlogs: [{ url: "${world.log.url}", publicKeys: [log.pem] }]\n${lines}\n`,
  );
  const context = contextOf();
  const policy = await readPolicy({ path }, context);
  return await acceptChart(
    { reference, source: new Settings({}, {}), directory, copyName: 'copy.tgz' },
    new Settings({}, {}, policy.chosen),
    { ...context, policy },
  );
}

describe('a chart that is proven', () => {
  test.each([
    ['a file', () => hello.path],
    ['a URL', () => `${server.url}/hello-0.1.0.tgz`],
  ])('is copied for its user alone, with what proved it: %s', async (_, reference) => {
    const { accepted, answer, shown } = await accept(reference());
    expect({ status: answer.status, shown: shown.length }).toEqual({ status: 0, shown: 1 });
    const copy = join(directory, 'copy.tgz');
    expect(accepted).toMatchObject({
      verdict: 'verified',
      name: 'hello',
      version: '0.1.0',
      fileName: 'hello-0.1.0.tgz',
      archive: copy,
      sha256: sha256Hex(hello.archive),
    });
    expect((await readFile(copy)).equals(hello.archive)).toBe(true);
    expect((await stat(copy)).mode & 0o777).toBe(0o400);
    expect(Buffer.from(accepted?.provenance ?? []).equals(hello.provenance)).toBe(true);
    expect(parseEvidence(Buffer.from(accepted?.evidence ?? [])).entries).toHaveLength(1);
  });

  test('is accepted by a policy whose rule is satisfied', async () => {
    const rule = `rules:\n  - { name: a, charts: [hello], signedBy: [{ openpgp: ${world.publisher.fingerprint} }] }`;
    const { accepted, answer } = await acceptUnder(rule, hello.path);
    expect({ status: answer.status, verdict: accepted?.verdict }).toEqual({ status: 0, verdict: 'verified' });
  });

  test('is accepted offline by its evidence', async () => {
    const { accepted } = await accept(hello.path, { ...FLAGS(), offline: true });
    expect(accepted).toMatchObject({ verdict: 'verified', name: 'hello' });
  });
});

describe('a chart that is not proven', () => {
  test.each([
    ['of which no log knows', async () => (await world.chart(`unlogged-${count}`)).path, 4],
    ['that is not there', () => Promise.resolve(join(world.directory, 'no-0.1.0.tgz')), 3],
    ['that is another one', () => Promise.resolve(`${server.url}/other-0.1.0.tgz`), 10],
    ['that no server has', () => Promise.resolve(`${server.url}/none-0.1.0.tgz`), 4],
  ])('is refused with the status of verify, and nothing is copied: one %s', async (_, make, status) => {
    const reference = await make();
    const { accepted, answer, shown } = await accept(reference);
    expect({ accepted, status: answer.status }).toEqual({ accepted: undefined, status });
    expect(shown[0]?.diagnosis?.message).toBeTruthy();
    expect(await readdir(directory)).toEqual([]);
    const verified = await world.runKnowing('verify', reference);
    expect(verified.status).toBe(status);
    expect(verified.stderr).toContain(shown[0]?.diagnosis?.message);
  });

  test('is refused by a policy that denies it', async () => {
    const { accepted, answer } = await acceptUnder('otherwise: deny', hello.path);
    expect({ accepted, status: answer.status }).toEqual({ accepted: undefined, status: 10 });
    expect(await readdir(directory)).toEqual([]);
  });

  test('passes where a policy only warns, without evidence, and that is said', async () => {
    const { path } = await world.chart('unsigned');
    await rm(`${path}.prov`);
    const { accepted } = await acceptUnder('otherwise: warn', path);
    expect(accepted).toMatchObject({
      verdict: 'warned',
      name: 'unsigned',
      fileName: 'unsigned-0.1.0.tgz',
      provenance: undefined,
      evidence: undefined,
    });
    expect(warnings).toContain(`${path} is not verified`);
  });
});

describe('a reference to anything but one chart', () => {
  test('a folder with one chart in it, an index, a provenance file: is refused', async () => {
    const folder = await world.subdirectory('alone');
    for (const end of ['', '.prov'])
      await copyFile(`${hello.path}${end}`, join(folder, `hello-0.1.0.tgz${end}`));
    await mkdir(join(folder, 'repository'));
    const index = join(folder, 'repository', 'index.yaml');
    const entry = { name: 'hello', version: '0.1.0', urls: ['../hello-0.1.0.tgz'] };
    await writeFile(index, JSON.stringify({ apiVersion: 'v1', entries: { hello: [entry] } }));
    for (const reference of [folder, index, `${hello.path}.prov`]) {
      const outcome = accept(reference).then(({ accepted }) => accepted);
      await expect(outcome, reference).rejects.toMatchObject({ code: 'USAGE' });
    }
    expect(await readdir(directory)).toEqual([]);
  });

  test('a version for a file, which no file has to have, is refused', async () => {
    await expect(accept(hello.path, FLAGS(), { version: '9.9.9' })).rejects.toMatchObject({ code: 'USAGE' });
  });
});

test('a chart that is swapped while it is judged is not accepted, and no copy of the other one is left', async () => {
  const path = join(await world.subdirectory('swapped'), 'hello-0.1.0.tgz');
  for (const end of ['', '.prov']) await copyFile(`${hello.path}${end}`, `${path}${end}`);
  const { archive } = await world.chart('hostile');
  const log = await serveBefore(world.log, {
    change: (answer) => {
      writeFileSync(path, archive);
      return answer;
    },
  });
  const { accepted, answer } = await accept(path, { ...FLAGS(), rekorServer: log.url });
  expect(accepted).toBeUndefined();
  // Before it was read the first time its digest is another one, afterwards it was changed.
  expect([3, 10]).toContain(answer.status);
  expect(await readdir(directory)).toEqual([]);
});
