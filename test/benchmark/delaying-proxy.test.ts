import { afterEach, describe, expect, test } from 'vitest';
import { arrivalAtServer, startDelayingProxy } from '../../scripts/benchmark/delaying-proxy.mjs';
import { ask } from '../support/ask.ts';
import { answer, serve } from '../support/loopback.ts';

type Proxy = Awaited<ReturnType<typeof startDelayingProxy>>;
let proxy: Proxy;

afterEach(() => proxy.close());

async function proxyBefore(server: { readonly url: string }, roundTrip: number): Promise<Proxy> {
  return (proxy = await startDelayingProxy(server.url, roundTrip));
}

describe('a delaying proxy', () => {
  test('passes on a large request and a large answer as they are', async () => {
    const large = 'x'.repeat(2_000_000);
    const server = await serve(answer(200, large));
    const { url } = await proxyBefore(server, 10);
    const { status, body } = await ask(`${url}/path`, { method: 'POST', body: large });
    expect({ status, body }).toEqual({ status: 200, body: large });
    expect(server.seen).toMatchObject([{ method: 'POST', url: '/path', body: large }]);
  });

  test('counts requests, and each once', async () => {
    const { url, requests } = await proxyBefore(await serve(answer(200, 'ok')), 1);
    await ask(`${url}/`, {});
    await ask(`${url}/`, { method: 'POST', body: 'x'.repeat(300_000) });
    expect(requests()).toBe(2);
    expect(requests()).toBe(0);
  });

  test('closes while an answer is on its way', async () => {
    const server = await serve(() => undefined);
    const { url, close } = await proxyBefore(server, 10);
    const asked = ask(`${url}/`, {});
    await close();
    await expect(asked).rejects.toThrow();
  });
});

describe('with a round trip of 20 ms, what a client sends reaches the server', () => {
  test('30 ms after it began to connect, if it was sent at once', () => {
    expect(arrivalAtServer(1000, 1000, 20)).toBe(1030);
    expect(arrivalAtServer(1015, 1000, 20)).toBe(1030);
  });

  test('10 ms after it was sent, once the connection is there', () => {
    expect(arrivalAtServer(1500, 1000, 20)).toBe(1510);
  });
});
