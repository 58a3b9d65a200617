import type { RequestListener } from 'node:http';
import { describe, expect, test } from 'vitest';
import { parseBaseUrl } from '../../src/http/base-url.ts';
import { RekorClient } from '../../src/rekor/client.ts';
import { LeafLookup } from '../../src/log-view/leaf-lookup.ts';
import { RekorV1View } from '../../src/log-view/rekor-v1.ts';
import { testClient, testDeadline } from '../http/client.ts';
import { serve } from '../support/loopback.ts';

const leafOf = (index: number) => index.toString(16).padStart(64, '0');
const TREE = '1234567890abcdef';

/** A view of the log at this address. */
function viewOf(url: string, deadline = testDeadline()): RekorV1View {
  return new RekorV1View(new RekorClient(testClient(), parseBaseUrl(url, 'the test'), deadline), () => 0);
}

/** A log that names what it was asked for, in a form that cannot be read, and whatever else is given. */
async function logOf(...others: readonly string[]) {
  const handler: RequestListener = (_request, response) => {
    const { entryUUIDs } = JSON.parse(seen.at(-1)?.body ?? '') as { entryUUIDs: string[] };
    const names = [...entryUUIDs.map((leaf) => TREE + leaf), ...others];
    setTimeout(() => response.end(JSON.stringify(names.map((name) => ({ [name]: {} })))), 5);
  };
  const { url, seen } = await serve(handler);
  return { view: viewOf(url), seen };
}

const asked = (body: string) => (JSON.parse(body) as { entryUUIDs: string[] }).entryUUIDs;

test('the first who asks does not wait for others', async () => {
  const { view, seen } = await logOf();
  const leaves = new LeafLookup();
  const first = leaves.lookUp(view, [leafOf(1), leafOf(2)]);
  await first;
  expect(seen.map(({ body }) => asked(body))).toEqual([[leafOf(1), leafOf(2)]]);
});

test('a hundred who ask at once are served by ten leaf hashes a request, each with what is theirs', async () => {
  const { view, seen } = await logOf();
  const leaves = new LeafLookup();
  const all = Array.from({ length: 100 }, (_, i) => [leafOf(2 * i), leafOf(2 * i + 1)]);
  const gathered = await Promise.all(all.map((own) => leaves.lookUp(view, own)));
  expect(gathered.map(({ unreadable }) => unreadable.map(({ name }) => name))).toEqual(
    all.map((own) => own.map((leaf) => TREE + leaf)),
  );
  // Requests that are under way at one moment may arrive in any order.
  const sizes = seen.map(({ body }) => asked(body).length).sort((a, b) => a - b);
  expect(sizes.slice(0, 4)).toEqual([2, 2, 2, 2]);
  expect(sizes.length).toBe(4 + Math.ceil(96 / 5));
  expect(Math.max(...sizes)).toBe(10);
});

test('what nobody asked for is shown to everybody in the request', async () => {
  const { view } = await logOf(TREE + leafOf(99));
  const leaves = new LeafLookup();
  const gathered = await Promise.all([1, 2, 3, 4, 5, 6].map((i) => leaves.lookUp(view, [leafOf(i)])));
  for (const [i, { unreadable }] of gathered.entries())
    expect(unreadable.map(({ name }) => name)).toEqual([TREE + leafOf(i + 1), TREE + leafOf(99)]);
});

test('a leaf that two ask for is asked for once and given to both', async () => {
  const { view, seen } = await logOf();
  const leaves = new LeafLookup();
  const busy = [1, 2, 3, 4].map((i) => leaves.lookUp(view, [leafOf(i)]));
  const same = [leaves.lookUp(view, [leafOf(7)]), leaves.lookUp(view, [leafOf(7)])];
  await Promise.all(busy);
  for (const { unreadable } of await Promise.all(same)) expect(unreadable).toHaveLength(1);
  const forIt = seen.map(({ body }) => asked(body)).filter((leaves) => leaves.includes(leafOf(7)));
  expect(forIt).toEqual([[leafOf(7)]]);
});

test('a request that fails fails for those in it, and the next ones are sent', async () => {
  const { url } = await serve(
    (_request, response) => response.writeHead(400).end('{"code":400,"message":"no"}'),
    (_request, response) => response.end('[]'),
  );
  const view = viewOf(url);
  const leaves = new LeafLookup();
  await expect(leaves.lookUp(view, [leafOf(1)])).rejects.toMatchObject({ code: 'LOG_REFUSED' });
  expect(await leaves.lookUp(view, [leafOf(1)])).toEqual({ entries: [], unreadable: [] });
});

describe('what a log does at one leaf', () => {
  const troubled = leafOf(6);

  test.each([
    ['refused', 'LOG_REFUSED', 422, '{"code":422,"message":"too many"}'],
    ['answered with nonsense', 'LOG_ANSWER', 200, '{}'],
  ])('does not happen to others in the request: %s', async (_, code, status, body) => {
    const { url, seen } = await serve((_request, response) => {
      const isTroubled = asked(seen.at(-1)?.body ?? '').includes(troubled);
      setTimeout(() => {
        if (isTroubled) response.writeHead(status).end(body);
        else response.end('[]');
      }, 5);
    });
    const leaves = new LeafLookup();
    const view = viewOf(url);
    const [last, ...others] = (
      await Promise.allSettled([1, 2, 3, 4, 5, 6].map((i) => leaves.lookUp(view, [leafOf(i)])))
    ).reverse();
    expect(last).toMatchObject({ status: 'rejected', reason: { code } });
    expect(others.map((each) => each.status)).toEqual(others.map(() => 'fulfilled'));
  });
});

test('of those in a request, the one who asked last lends the client: the others have less time left', async () => {
  const { url } = await serve((_request, response) => setTimeout(() => response.end('[]'), 50));
  const viewUntil = (interrupted?: AbortSignal) => viewOf(url, testDeadline({}, interrupted));
  const leaves = new LeafLookup();
  const busy = [1, 2, 3, 4].map((i) => leaves.lookUp(viewUntil(), [leafOf(i)]));
  const late = leaves.lookUp(viewUntil(AbortSignal.abort()), [leafOf(5)]);
  const early = leaves.lookUp(viewUntil(), [leafOf(6)]);
  await Promise.all(busy);
  expect(await early).toMatchObject({ entries: [] });
  expect(await late).toMatchObject({ entries: [] });
});
