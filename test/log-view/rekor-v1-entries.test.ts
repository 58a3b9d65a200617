import type { RequestListener } from 'node:http';
import { describe, expect, test } from 'vitest';
import { parseBaseUrl } from '../../src/http/base-url.ts';
import { RekorClient } from '../../src/rekor/client.ts';
import { askLogKeys } from '../../src/rekor/log-keys.ts';
import { lookUpIndex, lookUpLeaves } from '../../src/log-view/rekor-v1-entries.ts';
import type { GatheredEntries } from '../../src/log-view/log-view.ts';
import { testClient, testDeadline } from '../http/client.ts';
import { newLogKeys } from '../support/log-keys.ts';
import { answer, serve } from '../support/loopback.ts';

const leafOf = (index: number) => index.toString(16).padStart(64, '0');

async function clientOf(...handlers: readonly RequestListener[]) {
  const { url, seen } = await serve(...handlers);
  return { url, seen, client: new RekorClient(testClient(), parseBaseUrl(url, 'the test'), testDeadline()) };
}

/** A log whose index names so many entries, and that returns something broken for all of them. */
const indexOf =
  (count: number): RequestListener =>
  (request, response) => {
    const answers = request.url?.includes('index')
      ? Array.from({ length: count }, (_, i) => leafOf(i))
      : [{ [leafOf(0)]: {} }];
    response.end(JSON.stringify(answers));
  };

describe('the index', () => {
  test('is looked up to its end, ten entries a request', async () => {
    const { client, seen } = await clientOf(indexOf(45));
    const groups: GatheredEntries[] = [];
    for await (const group of lookUpIndex(client, { email: 'a@b.example' })) groups.push(group);
    const asked = seen.slice(1).map(({ body }) => (JSON.parse(body) as { entryUUIDs: string[] }).entryUUIDs);
    expect(asked.map((ids) => ids.length).sort()).toEqual([10, 10, 10, 10, 5]);
    expect(new Set(asked.flat())).toEqual(new Set(Array.from({ length: 45 }, (_, i) => leafOf(i))));
    expect(groups.flatMap(({ unreadable }) => unreadable).length).toBe(5);
  });

  test('that names more than ten thousand entries is a flood', async () => {
    const { client, url, seen } = await clientOf(indexOf(10_001));
    const first = lookUpIndex(client, { sha256: leafOf(1) }).next();
    await expect(first).rejects.toMatchObject({
      code: 'LOG_ANSWER',
      message: `the index of ${url} names 10001 entries, more than the 10000 that are looked at`,
    });
    expect(seen.length).toBe(1);
  });

  test('that knows nothing costs one request', async () => {
    const { client, seen } = await clientOf(indexOf(0));
    expect(await lookUpIndex(client, { sha256: leafOf(1) }).next()).toMatchObject({ done: true });
    expect(seen.length).toBe(1);
  });
});

describe('predicted leaves', () => {
  test('are asked for at once, and a broken answer is kept', async () => {
    const { client, seen } = await clientOf(indexOf(0));
    expect(await lookUpLeaves(client, [leafOf(0), leafOf(1)])).toEqual({
      entries: [],
      unreadable: [{ name: leafOf(0), reason: 'body: expected a string, found nothing' }],
    });
    expect(seen.length).toBe(1);
  });
});

describe('the keys that a log gives', () => {
  const [first, second] = [newLogKeys['P-256']().key, newLogKeys.Ed25519().key];
  const pem = ({ publicKey }: typeof first) => publicKey.export({ format: 'pem', type: 'spki' }).toString();
  const tree = (treeID: string) => ({ treeID, treeSize: 0, rootHash: leafOf(0), signedTreeHead: '' });
  const info = answer(200, JSON.stringify({ ...tree('3'), inactiveShards: [tree('1'), tree('2')] }));

  test('are those of all its trees, each once', async () => {
    const { client, seen } = await clientOf(info, answer(200, pem(second)), answer(200, pem(first)));
    expect((await askLogKeys(client)).map(({ logId }) => logId)).toEqual([second.logId, first.logId]);
    expect(seen.map(({ url }) => url.split('?')[1])).toEqual([undefined, 'treeID=3', 'treeID=1', 'treeID=2']);
  });

  test.each([
    ['text', 'not a key'],
    ['two keys', pem(first) + pem(second)],
    ['JSON that is no text', '{"key":1}'],
    ['an HTML page', '<html>'],
  ])('are no keys if it answers with %s', async (_, body) => {
    const { client } = await clientOf(info, answer(200, body));
    await expect(askLogKeys(client)).rejects.toMatchObject({ code: 'LOG_ANSWER' });
  });
});
