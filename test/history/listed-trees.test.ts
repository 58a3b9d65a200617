import { describe, expect, it } from 'vitest';
import { listTrees } from '../../src/history/listed-trees.ts';
import { parseBaseUrl } from '../../src/http/base-url.ts';
import { RekorClient } from '../../src/rekor/client.ts';
import { logKeyFromPem } from '../../src/tlog/log-key.ts';
import { testClient } from '../http/client.ts';
import { answer, serve } from '../support/loopback.ts';
import { exchange } from '../support/recorded.ts';
import { vectors } from '../support/vectors.ts';

const title = vectors === undefined ? ' (skipped: no vectors)' : '';

describe.skipIf(vectors === undefined)(`a recorded Rekor with two shards and two keys${title}`, () => {
  const keyOf = (name: string) => logKeyFromPem(exchange('shards', name).response.body);

  async function list(...names: readonly string[]) {
    const { status, body } = exchange('shards', 'log-two-shards').response;
    const { url } = await serve(answer(status, body));
    const client = new RekorClient(testClient(), parseBaseUrl(url, 'the test'));
    return (await listTrees(client, names.map(keyOf))).trees;
  }

  it('lists both trees, each signed by its own key', async () => {
    const trees = await list('public-key-active', 'public-key-inactive');
    expect(trees.map(({ isActive, size, head }) => [isActive, size, head?.logId])).toEqual([
      [true, 0, keyOf('public-key-active').logId],
      [false, 11, keyOf('public-key-inactive').logId],
    ]);
  });

  it('lists a tree as not signed whose key is not trusted', async () => {
    const trees = await list('public-key-active');
    expect(trees.map(({ head }) => head !== undefined)).toEqual([true, false]);
  });
});
