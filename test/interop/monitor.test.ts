import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { newLogKeys } from '../support/log-keys.ts';
import { InteropWorld } from './interop-world.ts';
import type { KnownLog } from './known-log.ts';
import type { PublishedChart } from './publishers.ts';
import { Redis } from './stack/redis.ts';
import { Rekor } from './stack/rekor.ts';
import { createTree } from './stack/trillian.ts';

type Json = Readonly<Record<string, unknown>>;

const interop = inject('interop');

describe.skipIf(interop === undefined)('monitor, of a real Rekor v1 (needs a real Rekor)', () => {
  if (interop === undefined) return;
  const { binaries, trillian } = interop;
  const keys = [newLogKeys['P-256'](), newLogKeys.Ed25519()] as const;
  let directory: string;
  let world: InteropWorld;
  let redis: Redis;
  let rekor: Rekor;
  let trees: readonly [string, string];
  let log: KnownLog;

  beforeAll(async () => {
    directory = await mkdtemp(path.join(tmpdir(), 'monitored-'));
    world = await InteropWorld.open(interop);
    trees = [await createTree(trillian), await createTree(trillian)];
    redis = await Redis.start(directory);
    rekor = await Rekor.start({ ...start(), treeId: trees[0], logKey: keys[0] });
    log = rekor;
  });

  afterAll(async () => {
    await rekor.kill();
    await redis.kill();
    await world.close();
    await rm(directory, { recursive: true, force: true });
  });

  const start = () => ({
    command: binaries.rekor.server,
    directory,
    trillian,
    index: { redis: redis.port },
  });

  async function uploaded(): Promise<PublishedChart> {
    const chart = await world.chart('P-256');
    expect(await world.plugin.upload(log, chart)).toMatchObject({ outcome: 'created' });
    return chart;
  }

  async function pass({ certificate }: PublishedChart, ...words: readonly string[]) {
    const fingerprint = await fingerprintIn(certificate);
    const who = ['--fingerprint', fingerprint, '--keyring', certificate];
    const argv = ['monitor', ...who, '--state', path.join(directory, 'monitor.json'), ...words];
    const { status, stdout } = await world.plugin.run(log, [...argv, '--output', 'jsonl']);
    const documents = stdout.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line) as Json]));
    return { status, events: documents.filter((each) => 'event' in each), last: documents.at(-1) };
  }

  /** Of the one key in a file. */
  async function fingerprintIn(certificate: string): Promise<string> {
    const { stdout } = await world.plugin.run(log, ['keys', '--keyring', certificate, '--output', 'json']);
    const { keys: found } = JSON.parse(stdout) as {
      readonly keys: readonly { readonly fingerprint: string }[];
    };
    return found[0]?.fingerprint ?? '';
  }

  it('finds by the index what a key signed, and says that this is a best effort', async () => {
    const one = await uploaded();
    const two = await uploaded();
    const { status, events, last } = await pass(one, '--published', one.path);
    expect({ status, events }).toMatchObject({
      status: 10,
      events: expect.arrayContaining([
        expect.objectContaining({
          event: 'published',
          archive: expect.objectContaining({ sha256: one.sha256 }) as unknown,
        }),
        expect.objectContaining({
          event: 'unknown',
          signed: { kind: 'archive', algorithm: 'sha256', hex: two.sha256 },
        }),
      ]) as unknown,
    });
    expect(events).toHaveLength(2);
    expect(last).toMatchObject({ way: 'index', complete: false, trees: [{ treeId: trees[0], treeSize: 2 }] });
    const again = await pass(one, '--published', one.path);
    expect(again).toMatchObject({ status: 0, events: [] });
  });

  it('asks an index for a name, which the newer ones know', async () => {
    const one = await uploaded();
    await pass(one);
    const name = 'https://github.com/acme/charts/.github/workflows/release.yml@refs/heads/main';
    const { last } = await pass(one, '--identity', name);
    expect(last).not.toHaveProperty('notAsked');
  });

  it('goes on when the log goes on in a second tree, and holds both against what was seen', async () => {
    const one = await uploaded();
    await pass(one);
    const sharding = path.join(directory, 'sharding.yaml');
    const key = `signingConfig:\n    signingSchemeOrKeyPath: ${rekor.privateKey}`;
    await writeFile(sharding, `- treeID: ${trees[0]}\n  ${key}\n`);
    await rekor.kill();
    const flags = [`--trillian_log_server.sharding_config=${sharding}`];
    await rekor.startAgain({ treeId: trees[1], logKey: keys[1], flags });
    const publicKey = path.join(directory, 'both.pem');
    const pems = keys.map((each) => each.key.publicKey.export({ format: 'pem', type: 'spki' }).toString());
    await writeFile(publicKey, pems.join(''));
    log = { url: rekor.url, publicKey };
    const two = await uploaded();
    const { status, events, last } = await pass(two);
    expect({ status, events }).toMatchObject({
      status: 10,
      events: [{ event: 'unknown', entry: { treeId: trees[1] } }],
    });
    expect(last).toMatchObject({ trees: [{ treeId: trees[1] }, { treeId: trees[0] }] });
  });
});
