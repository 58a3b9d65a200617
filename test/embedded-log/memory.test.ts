import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { Log } from '../../src/embedded-log/log/log.ts';
import { proposedEntry } from '../../src/rekor/helm-entry.ts';
import { ask, post } from '../support/ask.ts';
import { open, uploadOf, wholeUpload } from '../support/hostile-client.ts';
import { peakMemory, serveLog } from '../support/served-log.ts';
import { createSigner, type TestSigner } from '../support/signer.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const MIB = 1 << 20;
const LIMIT = 300;
const ENTRIES = '/api/v1/log/entries';
let signer: TestSigner;

beforeAll(async () => {
  signer = await createSigner();
});

const proposal = async (version: string) =>
  proposedEntry(await signer.sign('mychart', version, Buffer.from(version)), signer.certificate);
const base64Entry = (provenance: Buffer, key: Buffer): Buffer =>
  Buffer.from(
    JSON.stringify({
      kind: 'helm',
      apiVersion: '0.0.1',
      spec: {
        chart: { provenance: { content: provenance.toString('base64') } },
        publicKey: { content: key.toString('base64') },
      },
    }),
  );
const repeat = (text: string, size: number): Buffer => Buffer.alloc(size, text);
const signed = (filling: Buffer): Buffer =>
  Buffer.concat([
    Buffer.from('-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n'),
    filling,
    Buffer.from('\n...\nfiles:\n-----BEGIN PGP SIGNATURE-----\n\n\n-----END PGP SIGNATURE-----\n'),
  ]);

/** What somebody sends on how many connections. */
const attacks: [string, number, () => readonly (string | Buffer)[]][] = [
  ['bodies of 16 MiB, not finished', 80, () => [uploadOf(16 * MIB), repeat(' ', 15 * MIB)]],
  ['bodies that are just not too long, not finished', 80, () => [uploadOf(8 * MIB), repeat(' ', 7.9 * MIB)]],
  ['bodies without an announced length', 80, () => [chunkedHead, chunk(repeat(' ', 7 * MIB))]],
  ['small bodies, not finished', 600, () => [uploadOf(MIB), repeat(' ', 60_000)]],
  ['headers, not finished', 600, () => [`POST ${ENTRIES} HTTP/1.1\r\n`, `x: ${'y'.repeat(12_000)}\r\n`]],
  ['a thousand requests at once', 100, () => ['GET /ping HTTP/1.1\r\nHost: l\r\n\r\n'.repeat(1000)]],
  ['bodies of deep JSON', 12, () => [wholeUpload(repeat('[', 8 * MIB - 1))]],
  ['bodies of deep JSON in a body', 12, () => [wholeUpload(repeat('{"a":', 8 * MIB - 1))]],
  [
    'bodies of many values',
    12,
    () => [wholeUpload(Buffer.concat([Buffer.from('['), repeat('1,', 8 * MIB - 9), Buffer.from('1]')]))],
  ],
  [
    'searches with a long address',
    12,
    () => [wholeUpload(Buffer.from(`{"email":"${'\u00fc'.repeat(3 * MIB)}"}`), '/api/v1/index/retrieve')],
  ],
  ['escapes', 12, () => [wholeUpload(Buffer.from(`{"kind":"${'\\u4e00'.repeat(1.3 * MIB)}"}`))]],
  [
    'provenances of many lines',
    12,
    () => [
      wholeUpload(base64Entry(signed(repeat('a: b\n', 4 * MIB - 999)), Buffer.from(signer.certificate))),
    ],
  ],
  [
    'provenances of one line',
    12,
    () => [wholeUpload(base64Entry(signed(repeat('a', 4 * MIB - 999)), Buffer.from(signer.certificate)))],
  ],
  [
    'armor of many lines',
    12,
    () => [
      wholeUpload(
        base64Entry(
          signed(repeat('a', 99)),
          Buffer.concat([Buffer.from('-----BEGIN PGP PUBLIC KEY BLOCK-----\n'), repeat('A:\n', 5 * MIB)]),
        ),
      ),
    ],
  ],
  [
    'keys of small packets',
    12,
    () => [
      wholeUpload(
        base64Entry(
          signed(repeat('a', 99)),
          Buffer.concat([Buffer.from(signer.certificate), repeat('\u00cd\u0000', 5 * MIB)]),
        ),
      ),
    ],
  ],
];
const chunkedHead = `POST ${ENTRIES} HTTP/1.1\r\nHost: l\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n`;
const chunk = (bytes: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes]);

describe.skipIf(process.platform !== 'linux')(
  'the memory of a log (needs Linux)',
  { timeout: 180_000 },
  () => {
    it.each(attacks)('is bounded when somebody sends %s, and it answers others', async (_, count, pieces) => {
      const { url = '', child, said } = await serveLog(await temporaryDirectory());
      const data = pieces();
      await Promise.all(Array.from({ length: count }, () => open(url, ...data)));
      for (let round = 0; round < 4; round++) {
        await setTimeout(150);
        expect((await ask(`${url}/ping`)).body).toBe('.');
      }
      expect((await post(url + ENTRIES, await proposal('1.0.0'))).status).toBe(201);
      const peak = await peakMemory(child);
      if (process.env['SHOW_MEMORY']) process.stderr.write(`${_}: ${Math.round(peak)} MiB\n`);
      expect(peak).toBeLessThan(LIMIT);
      expect(said()).toBe('');
    });

    it('is bounded when many ask for ten large entries, taken or not', async () => {
      const directory = await temporaryDirectory();
      const log = await Log.open(directory, () => 1_700_000_000);
      const large = (n: number) => ({ body: repeat(String(n), 700_000), indexKeys: [] });
      await Promise.all(Array.from({ length: 10 }, (_, n) => log.add(large(n))));
      await log.close();
      const { url = '', child, said } = await serveLog(directory);
      const body = Buffer.from(JSON.stringify({ logIndexes: [...Array(10).keys()] }));
      const request = wholeUpload(body, `${ENTRIES}/retrieve`);
      const sockets = await Promise.all(Array.from({ length: 200 }, () => open(url, request)));
      for (const socket of sockets.slice(100)) socket.resume();
      expect((await post(url + ENTRIES, await proposal('1.0.0'))).status).toBe(201);
      for (let round = 0; round < 4; round++) {
        await setTimeout(500);
        expect((await ask(`${url}${ENTRIES}?logIndex=10`)).status).toBe(200);
      }
      const peak = await peakMemory(child);
      if (process.env['SHOW_MEMORY']) process.stderr.write(`large: ${Math.round(peak)} MiB\n`);
      expect(peak).toBeLessThan(LIMIT);
      expect(said()).toBe('');
    });

    it('is bounded when nobody takes the answers', async () => {
      const { url = '', child, said } = await serveLog(await temporaryDirectory());
      const many = await createSigner({
        userIds: Array.from({ length: 100 }, (_, n) => `user ${n} <u${n}@x.example>`),
      });
      const provenance = await many.sign('mychart', '1.0.0', Buffer.from('x'));
      expect((await post(url + ENTRIES, proposedEntry(provenance, many.certificate))).status).toBe(201);
      const body = Buffer.from(JSON.stringify({ logIndexes: Array(10).fill(0) }));
      const request = wholeUpload(body, `${ENTRIES}/retrieve`);
      const sockets = await Promise.all(
        Array.from({ length: 300 }, async () => {
          const socket = await open(url);
          socket.pause();
          socket.write(request);
          return socket;
        }),
      );
      await setTimeout(1500);
      expect((await ask(`${url}/ping`)).body).toBe('.');
      const peak = await peakMemory(child);
      if (process.env['SHOW_MEMORY']) process.stderr.write(`answers: ${Math.round(peak)} MiB\n`);
      expect(peak).toBeLessThan(LIMIT);
      expect(said()).toBe('');
      for (const socket of sockets) socket.destroy();
      const [first] = sockets;
      if (first?.closed === false) await once(first, 'close');
    });
  },
);
