import type { RequestListener } from 'node:http';
import { expect, it } from 'vitest';
import { lookUpIndexVisibly } from '../../src/proving/index-lookup.ts';
import { parseBaseUrl } from '../../src/http/base-url.ts';
import { RekorV1View } from '../../src/log-view/rekor-v1.ts';
import { RekorClient } from '../../src/rekor/client.ts';
import { testClient, testDeadline } from '../http/client.ts';
import { answer, serve } from '../support/loopback.ts';
import { outputTo } from '../support/program.ts';

const ids = Array.from({ length: 90 }, (_, index) => index.toString(16).padStart(64, '0'));

/** Looks up ninety entries, forty at a time, with a clock that goes on by a second whenever it is read. */
async function written(
  ...answers: readonly RequestListener[]
): Promise<{ pieces: string[]; failed: boolean }> {
  const { url } = await serve(answer(200, JSON.stringify(ids)), ...answers);
  const pieces: string[] = [];
  const stderr = outputTo((text) => pieces.push(text), true);
  let time = 0;
  const client = new RekorClient(testClient(), parseBaseUrl(url, 'the test'), testDeadline());
  const groups = lookUpIndexVisibly(
    new RekorV1View(client, () => 0),
    { email: 'a@b.example' },
    { stderr, now: () => time++ },
  );
  try {
    for await (const group of groups) expect(group.entries).toEqual([]);
    return { pieces, failed: false };
  } catch {
    return { pieces, failed: true };
  }
}

it('a long look into the index tells a terminal how far it is, and leaves no trace', async () => {
  expect(await written(answer(200, '[]'))).toEqual({
    pieces: [
      '\r\u001b[Klooked at 80 of 90 entries\r',
      '\r\u001b[Klooked at 90 of 90 entries\r',
      '\r\u001b[K',
    ],
    failed: false,
  });
});

it('nor does one that fails half way', async () => {
  const good = Array.from({ length: 8 }, () => answer(200, '[]'));
  expect(await written(...good, answer(400, '{"code":400,"message":"enough"}'))).toEqual({
    pieces: ['\r\u001b[Klooked at 80 of 90 entries\r', '\r\u001b[K'],
    failed: true,
  });
});
