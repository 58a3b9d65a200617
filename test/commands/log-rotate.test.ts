import { cp, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startEmbeddedLog, type EmbeddedLog } from '../../src/embedded-log/service/server.ts';
import { proposedEntry } from '../../src/rekor/helm-entry.ts';
import { logKeyFromPem, verifierKey } from '../../src/tlog/log-key.ts';
import { ask, post, type RawAnswer } from '../support/ask.ts';
import { writeSignedChart, type ChartOnDisk } from '../support/chart.ts';
import { readWholeLog } from '../support/independent/tile-client.mjs';
import { createSigner, type TestSigner } from '../support/signer.ts';
import { Folder } from '../support/world/folder.ts';
import { User } from '../support/world/user.ts';

/** The members of the answers here that are looked at. */
interface Rotated {
  readonly frozen: { readonly treeId: string; readonly size: number; readonly logId: string };
  readonly active: { readonly treeId: string; readonly logId: string };
}

let folder: Folder;
let directory = '';
let publisher: TestSigner;
/** Trusts the key of the first tree alone, of both, of the second alone. */
let users: Record<'old' | 'both' | 'new', User>;
/** Pinned the log before the rotation. */
let pinned: User;
let log: EmbeddedLog;
let port = 0;
let rotated: Rotated;
/** On the log before the rotation, after the last pass of a monitor, and after the rotation. */
let charts: Record<'seen' | 'late' | 'recent', ChartOnDisk & { uuid: string; index: number }>;
let checkpointBefore = '';
let monitored: readonly string[];

async function serve(): Promise<void> {
  const onFailure = (error: unknown) => {
    throw error;
  };
  const now = () => Math.floor(Date.now() / 1000);
  log = await startEmbeddedLog({ directory, host: '127.0.0.1', port, now, onFailure });
  port = Number(new URL(log.url).port);
}

async function publish(name: string, user: User) {
  const chart = await writeSignedChart(await folder.subdirectory(name), publisher, { name });
  const ran = await user.run(['upload', chart.path, '--no-evidence', ...user.knowing(log)]);
  expect([ran.status, ran.stderr]).toEqual([0, expect.not.stringContaining('Error')]);
  const [, index, uuid = ''] =
    /^\nCreated Helm entry at index ([0-9]+), .*\/([0-9a-f]{80})\n/.exec(ran.stdout) ?? [];
  return { ...chart, uuid, index: Number(index) };
}

async function monitor(user: User): Promise<{ status: number; told: string[]; complete: boolean }> {
  const who = ['--fingerprint', publisher.fingerprint, '--state', join(folder.directory, 'monitor.json')];
  const ran = await user.run(['monitor', ...who, ...user.knowing(log), '--output', 'json']);
  const document = JSON.parse(ran.stdout) as {
    readonly complete: boolean;
    readonly results?: readonly { readonly event: string; readonly entry?: { readonly uuid: string } }[];
  };
  const told = (document.results ?? []).map(({ event, entry }) => `${event} ${entry?.uuid ?? ''}`);
  return { status: ran.status, told, complete: document.complete };
}

const api = (path: string): Promise<RawAnswer> => ask(`${log.url}${path}`);
const retrieve = async (query: object): Promise<string[]> => {
  const answer = await post(`${log.url}/api/v1/log/entries/retrieve`, query);
  expect(answer.status).toBe(200);
  return (JSON.parse(answer.body) as object[]).flatMap((entry) => Object.keys(entry));
};
const proposalOf = (chart: ChartOnDisk) => proposedEntry(chart.provenance, publisher.certificate);

beforeAll(async () => {
  folder = await Folder.create();
  directory = await folder.subdirectory('log');
  publisher = await createSigner();
  const keyring = await folder.write('keyring.gpg', publisher.certificate);
  await serve();
  const oldKey = await folder.write('old.pem', log.publicKeyPem);
  const old = new User(await folder.subdirectory('home-old'), [keyring], ['--rekor-public-key', oldKey]);
  const seen = await publish('seen', old);
  monitored = (await monitor(old)).told;
  const late = await publish('late', old);
  // This user has a checkpoint of the old tree before its last entry.
  await old.run(['log', 'info', ...old.trusting(log)]);
  checkpointBefore = (await api('/checkpoint')).body;
  pinned = new User(await folder.subdirectory('home-pinned'), [keyring], []);
  const { logId } = logKeyFromPem(log.publicKeyPem);
  expect((await pinned.run(['log', 'pin', log.url, '--fingerprint', logId])).status).toBe(0);
  await log.close();

  const ran = await old.run(['log', 'rotate', '--dir', directory, '--output', 'json']);
  expect([ran.status, ran.stderr]).toEqual([0, '']);
  rotated = JSON.parse(ran.stdout) as Rotated;
  await serve();
  const newKey = await folder.write('new.pem', log.publicKeyPem);
  const home = join(folder.directory, 'home-both');
  await cp(old.home, home, { recursive: true });
  const keys = ['--rekor-public-key', oldKey, '--rekor-public-key', newKey];
  const both = new User(home, [keyring], keys);
  users = {
    old,
    both,
    new: new User(await folder.subdirectory('home-new'), [keyring], ['--rekor-public-key', newKey]),
  };
  charts = { seen, late, recent: await publish('recent', both) };
});

afterAll(async () => {
  await log.close();
  await folder.close();
});

describe('one who has the keys of both trees', () => {
  it.each(['seen', 'late', 'recent'] as const)('verifies and finds the chart that was %s', async (name) => {
    const { path, uuid, index } = charts[name];
    const user = users.both;
    const verified = await user.run(['verify', path, ...user.knowing(log)]);
    expect([verified.stderr, verified.status]).toEqual(['', 0]);
    expect(verified.stdout).toContain(`Rekor Index: ${index}\nRekor UUID: ${uuid}\n`);
    const found = await user.run(['search', path, ...user.knowing(log)]);
    expect(found).toMatchObject({
      status: 0,
      stdout: expect.stringContaining(`Rekor UUID: ${uuid}\n`) as string,
    });
  });

  it('sees both trees, each as it was seen before', async () => {
    const user = users.both;
    const { status, stdout } = await user.run(['log', 'info', ...user.trusting(log), '--output', 'json']);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      trees: [
        { treeId: rotated.active.treeId, state: 'active', treeSize: 1 },
        { treeId: rotated.frozen.treeId, state: 'inactive', treeSize: 2 },
      ],
    });
  });

  it('is given nothing that is in the old tree: what is there already is proven there', async () => {
    const user = users.both;
    const { status, stdout } = await user.run([
      'upload',
      charts.seen.path,
      '--no-evidence',
      ...user.knowing(log),
    ]);
    expect([status, stdout]).toEqual([0, expect.stringContaining('already exists at index 0')]);
  });

  it('keeps evidence of both trees that proves the charts offline', async () => {
    const user = users.both;
    for (const { path } of [charts.seen, charts.recent]) {
      expect((await user.run(['evidence', path, ...user.knowing(log)])).status).toBe(0);
      expect((await user.run(['verify', path, '--offline', ...user.knowing(log)])).status).toBe(0);
      await rm(`${path}.rekor.json`);
    }
  });

  it('is told by a monitor of what came between its last pass and the rotation, and after it', async () => {
    expect(monitored).toEqual([`unknown ${charts.seen.uuid}`]);
    expect(await monitor(users.both)).toEqual({
      status: 10,
      told: [`unknown ${charts.late.uuid}`, `unknown ${charts.recent.uuid}`],
      complete: true,
    });
    expect(await monitor(users.both)).toMatchObject({ status: 0, told: [], complete: true });
  });
});

describe('one who has the old key alone', () => {
  it('verifies what the old tree has', async () => {
    const user = users.old;
    const { status } = await user.run(['verify', charts.late.path, ...user.knowing(log)]);
    expect(status).toBe(0);
  });

  it('believes nothing of the new tree, and is told what to do', async () => {
    const user = users.old;
    const { status, stderr } = await user.run(['verify', charts.recent.path, ...user.knowing(log)]);
    expect(status).toBe(10);
    expect(stderr).toContain('Error: ');
    expect(stderr).toMatch(
      /Hint: if the log's operator published a new key, name its file as well, with --rekor-public-key/,
    );
    const info = await user.run(['log', 'info', ...user.trusting(log)]);
    expect(info.status).toBe(10);
    expect(info.stderr).toContain("Hint: if the log's operator published a new key");
  });

  it('who pinned the log takes both keys, each by its fingerprint', async () => {
    const { url } = log;
    const user = pinned;
    const [oldId, newId] = [rotated.frozen.logId, rotated.active.logId];
    const shown = await user.run(['log', 'pin', url]);
    expect(shown.stdout).toContain(`Fingerprint: ${newId}\nFingerprint: ${oldId}\n`);
    const verify = async (chart: ChartOnDisk) => await user.run(['verify', chart.path, ...user.knowing(log)]);
    expect((await verify(charts.seen)).status).toBe(0);
    const refused = await verify(charts.recent);
    expect(refused.status).toBe(10);
    expect(refused.stderr).toContain(`pin all of its keys again: helm sigstore log pin ${url} shows them`);
    const both = ['--fingerprint', oldId, '--fingerprint', newId];
    expect((await user.run(['log', 'pin', url, ...both])).status).toBe(0);
    for (const chart of [charts.seen, charts.recent]) expect((await verify(chart)).status).toBe(0);

    // The old key was stolen.
    const { status, stdout } = await user.run(['log', 'pin', url, '--fingerprint', newId]);
    expect(status).toBe(0);
    expect(stdout).toContain(`Fingerprint: ${newId}\nNot Trusted: ${oldId}, which signed older entries\n`);
    expect((await verify(charts.seen)).status).toBe(10);
    expect((await verify(charts.recent)).status).toBe(0);
    const stale = await user.run(['log', 'pin', url, '--fingerprint', oldId]);
    expect([stale.status, stale.stderr]).toEqual([
      10,
      expect.stringContaining(`are not the expected ones: expected ${oldId}, found ${newId} and ${oldId}`),
    ]);
  });

  it('is not told that an upload is logged, which it cannot prove, and is told what to do', async () => {
    const user = users.old;
    const chart = await writeSignedChart(await folder.subdirectory('unbelieved'), publisher, {
      name: 'unbelieved',
    });
    const { status, stdout, stderr } = await user.run(['upload', chart.path, ...user.knowing(log)]);
    expect([status, stdout]).toEqual([10, expect.not.stringContaining('Created')]);
    expect(stderr).toContain("Hint: if the log's operator published a new key, name its file as well");
  });
});

describe('one who has the new key alone, because the old one was stolen', () => {
  it('believes nothing of the old tree', async () => {
    const user = users.new;
    for (const [chart, status] of [
      [charts.recent, 0],
      [charts.seen, 10],
    ] as const)
      expect((await user.run(['verify', chart.path, ...user.knowing(log)])).status).toBe(status);
  });

  it('has the old charts proven again, once they are uploaded again', async () => {
    const copy = await folder.subdirectory('again');
    const user = users.new;
    const path = join(copy, basename(charts.late.path));
    await cp(charts.late.path, path);
    await cp(`${charts.late.path}.prov`, `${path}.prov`);
    const uploaded = await user.run(['upload', path, '--no-evidence', ...user.knowing(log)]);
    expect([uploaded.status, uploaded.stdout]).toEqual([0, expect.stringContaining('Created Helm entry')]);
    expect((await user.run(['verify', path, ...user.knowing(log)])).status).toBe(0);
    expect((await users.old.run(['verify', path, ...users.old.knowing(log)])).status).toBe(0);
  });
});

describe('the API', () => {
  const treeHex = (treeId: string) => BigInt(treeId).toString(16).padStart(16, '0');
  const leaf = (name: keyof typeof charts) => charts[name].uuid.slice(-64);

  it('lists the old tree as Rekor does, with its key and its proofs', async () => {
    const { frozen, active } = rotated;
    const info = JSON.parse((await api('/api/v1/log')).body) as Record<string, unknown>;
    expect(info).toMatchObject({ treeID: active.treeId });
    expect(info['inactiveShards']).toEqual([
      {
        rootHash: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
        signedTreeHead: expect.stringContaining(` - ${frozen.treeId}\n2\n`) as string,
        treeID: frozen.treeId,
        treeSize: 2,
      },
    ]);
    for (const { treeId, logId } of [frozen, active]) {
      const { status, body } = await api(`/api/v1/log/publicKey?treeID=${treeId}`);
      expect([status, logKeyFromPem(body).logId]).toEqual([200, logId]);
    }
    const proof = await api(`/api/v1/log/proof?firstSize=1&lastSize=2&treeID=${frozen.treeId}`);
    expect([proof.status, (JSON.parse(proof.body) as { hashes: string[] }).hashes.length]).toEqual([200, 1]);
  });

  it.each([
    ['a tree that is none', '/api/v1/log/proof?firstSize=1&lastSize=1&treeID=17', 400],
    ['a huge tree ID', `/api/v1/log/proof?firstSize=1&lastSize=1&treeID=${'9'.repeat(400)}`, 400],
    ['the key of a tree that is none', '/api/v1/log/publicKey?treeID=17', 400],
    ['a negative index', '/api/v1/log/entries?logIndex=-1', 422],
    ['an index at the end', '/api/v1/log/entries?logIndex=99', 404],
    ['the largest index', '/api/v1/log/entries?logIndex=9007199254740991', 404],
    ['an index that is larger', '/api/v1/log/entries?logIndex=9223372036854775807', 422],
    ['tiles of a tree that is none', '/shards/17/tile/0/000.p/1', 404],
    ['tiles of a tree with a path for an ID', '/shards/..%2f/tile/0/000.p/1', 404],
    ['the checkpoint of a tree that is none', '/shards/17/checkpoint', 404],
    ['the checkpoint of a tree with a huge ID', `/shards/${'9'.repeat(300)}/checkpoint`, 404],
    ['a list of trees', '/shards/', 404],
  ])('refuses %s', async (_, path, status) => {
    expect((await api(path)).status).toBe(status);
  });

  it('refuses a size of the old tree that only the new one, or both together, have', async () => {
    const { frozen } = rotated;
    const { status, body } = await api(`/api/v1/log/proof?firstSize=1&lastSize=3&treeID=${frozen.treeId}`);
    expect([status, body]).toEqual([
      400,
      expect.stringContaining('greater than what is currently observable(2)'),
    ]);
  });

  it('counts log indexes through both trees, also at the border between them', async () => {
    for (const [name, index] of [
      ['seen', 0],
      ['late', 1],
      ['recent', 2],
    ] as const) {
      const { status, body } = await api(`/api/v1/log/entries?logIndex=${index}`);
      const [[uuid, entry] = ['', {}]] = Object.entries(JSON.parse(body) as Record<string, object>);
      expect([status, uuid]).toEqual([200, charts[name].uuid]);
      const own = name === 'recent' ? 0 : index;
      expect(entry).toMatchObject({
        logIndex: index,
        logID: name === 'recent' ? rotated.active.logId : rotated.frozen.logId,
        verification: { inclusionProof: { logIndex: own } },
      });
    }
    expect(await retrieve({ logIndexes: [1, 2, 0, 77] })).toEqual(
      (['late', 'recent', 'seen'] as const).map((name) => charts[name].uuid),
    );
  });

  it('knows an entry by the ID of its own tree alone, and by its leaf', async () => {
    const swapped = treeHex(rotated.active.treeId) + leaf('seen');
    const none = '0000000000000011' + leaf('seen');
    for (const [id, status] of [
      [charts.seen.uuid, 200],
      [leaf('seen'), 200],
      [swapped, 404],
      [treeHex(rotated.frozen.treeId) + leaf('recent'), 404],
      [none, 404],
      [`8${none.slice(1)}`, 400],
      ['0'.repeat(16) + leaf('seen'), 500],
    ] as const)
      expect([id, (await api(`/api/v1/log/entries/${id}`)).status]).toEqual([id, status]);
    expect(await retrieve({ entryUUIDs: [swapped, none, leaf('seen')] })).toEqual([charts.seen.uuid]);
  });

  it('takes an entry of the old tree into the new one, once, and shows both', async () => {
    const entries = `${log.url}/api/v1/log/entries`;
    const answers = [
      await post(entries, proposalOf(charts.seen)),
      await post(entries, proposalOf(charts.seen)),
    ];
    const own = treeHex(rotated.active.treeId) + leaf('seen');
    expect(answers.map(({ status, headers }) => [status, headers['location']])).toEqual([
      [201, `/api/v1/log/entries/${own}`],
      [409, `/api/v1/log/entries/${own}`],
    ]);
    // As in Rekor: by the leaf, the one of the tree that grows; where several answers are possible, both.
    const single = JSON.parse((await api(`/api/v1/log/entries/${leaf('seen')}`)).body) as object;
    expect(Object.keys(single)).toEqual([own]);
    expect((await retrieve({ entryUUIDs: [leaf('seen')] })).sort()).toEqual([own, charts.seen.uuid].sort());
    expect((await retrieve({ entries: [proposalOf(charts.seen)] })).sort()).toEqual(
      [own, charts.seen.uuid].sort(),
    );
    const user = users.both;
    const verified = await user.run(['verify', charts.seen.path, ...user.knowing(log)]);
    expect(verified.status).toBe(0);
  });

  it('shows each tree as tiles below its ID for ever, and the one that grows below its address', async () => {
    for (const { treeId, logId } of [rotated.frozen, rotated.active]) {
      const pem = (await api(`/api/v1/log/publicKey?treeID=${treeId}`)).body;
      const vkey = verifierKey('helm-sigstore', logKeyFromPem(pem)) ?? '';
      for (const prefix of [`/shards/${treeId}`, ...(logId === rotated.active.logId ? [''] : [])]) {
        const kept = new Set<string | undefined>();
        const whole = await readWholeLog(async (path: string) => {
          const response = await fetch(`${log.url}${prefix}/${path}`);
          if (path.startsWith('tile')) kept.add(response.headers.get('cache-control') ?? undefined);
          return response.ok ? Buffer.from(await response.arrayBuffer()) : undefined;
        }, vkey);
        expect(whole.origin).toBe(`helm-sigstore - ${treeId}`);
        expect([...kept]).toEqual([prefix === '' ? 'no-cache' : 'public, max-age=31536000, immutable']);
      }
    }
    expect((await api(`/shards/${rotated.frozen.treeId}/checkpoint`)).body).toBe(checkpointBefore);
  });

  it('counts all entries for those who watch it', async () => {
    const { treeSize } = JSON.parse((await api('/api/v1/log')).body) as { treeSize: number };
    expect(treeSize).toBeGreaterThan(1);
    expect((await api('/metrics')).body).toContain(`\nhelm_sigstore_log_entries ${2 + treeSize}\n`);
  });
});

describe('the command', () => {
  it('says what it did, in lines', async () => {
    const copy = join(folder.directory, 'text');
    await cp(directory, copy, { recursive: true });
    const { status, stdout, stderr } = await users.both.run(['log', 'rotate', '--dir', copy]);
    expect([status, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(
      new RegExp(
        `^Rotated the log in ${copy}\nFrozen Tree: ${rotated.active.treeId}\nFrozen Size: [0-9]+\nFrozen Root: [0-9a-f]{64}\n` +
          `Tree ID: [0-9]+\nPublic Key: ${copy}/public-key.pem\nFingerprint: [0-9a-f]{64}\n` +
          `Old Key: ${copy}/shards/${rotated.active.treeId}/key.pem, with which nothing is signed any more\n$`,
      ),
    );
    const check = await users.both.run(['log', 'check', '--dir', copy]);
    expect(check).toMatchObject({ status: 0, stderr: '' });
    expect(check.stdout).toContain(`Frozen Tree: ${rotated.frozen.treeId}, 2 entries, root `);
  });

  it('refuses to work while the log is served, without a directory, and with a passphrase of no key', async () => {
    for (const [argv, status, message] of [
      [['--dir', directory], 3, 'is in use by process'],
      [[], 2, '--dir is expected, found none'],
      [['--dir', directory, '--passphrase-file', 'x'], 2, 'expected --key beside --passphrase-file'],
      [['--dir', join(folder.directory, 'nothing')], 3, 'expected the log of helm sigstore in'],
    ] as const) {
      const ran = await users.both.run(['log', 'rotate', ...argv]);
      expect([ran.status, ran.stderr]).toEqual([status, expect.stringContaining(message)]);
    }
  });
});
