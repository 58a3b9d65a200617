import { describe, expect, it } from 'vitest';
import { signedListing } from '../../src/history/listed-trees.ts';
import { parseBaseUrl } from '../../src/http/base-url.ts';
import { RekorV1View } from '../../src/log-view/rekor-v1.ts';
import { RekorClient } from '../../src/rekor/client.ts';
import { logKeyFromPem } from '../../src/tlog/log-key.ts';
import { testClient, testDeadline } from '../http/client.ts';
import { answer, serve } from '../support/loopback.ts';
import { exchange } from '../support/recorded.ts';
import { vectors } from '../support/vectors.ts';

describe.skipIf(vectors === undefined)(
  'a recorded Rekor with two shards and two keys (needs the vectors)',
  () => {
    const keyOf = (name: string) => logKeyFromPem(exchange('shards', name).response.body);

    async function list(...names: readonly string[]) {
      const { status, body } = exchange('shards', 'log-two-shards').response;
      const { url } = await serve(answer(status, body));
      const client = new RekorClient(testClient(), parseBaseUrl(url, 'the test'), testDeadline());
      return signedListing(await new RekorV1View(client, () => 0).trees(), names.map(keyOf)).trees;
    }

    it('lists both trees, each signed by its own key', async () => {
      const trees = await list('public-key-active', 'public-key-inactive');
      expect(trees.map(({ isActive, size, checkpoint }) => [isActive, size, checkpoint?.logId])).toEqual([
        [true, 0, keyOf('public-key-active').logId],
        [false, 11, keyOf('public-key-inactive').logId],
      ]);
    });

    it('lists a tree as not signed whose key is not trusted', async () => {
      const trees = await list('public-key-active');
      expect(trees.map(({ checkpoint }) => checkpoint !== undefined)).toEqual([true, false]);
    });
  },
);
