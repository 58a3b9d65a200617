import type { Socket } from 'node:net';
import { createServer } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { connectEarly } from '../../src/run/early-connection.ts';
import { scanArgv } from '../../src/program/argv.ts';
import { listen } from '../support/loopback.ts';
import { runProgram } from '../support/program.ts';

/** A server that only counts who connects. */
async function doorman() {
  const guests: Socket[] = [];
  const server = createServer((socket) => guests.push(socket));
  return { url: `http://127.0.0.1:${await listen(server)}`, guests };
}

async function guestsOf(argv: (url: string) => string[], env: (url: string) => Record<string, string>) {
  const { url, guests } = await doorman();
  const transport = await connectEarly(scanArgv(argv(url)), {
    env: env(url),
    home: undefined,
    platform: 'linux',
  });
  const deadline = Date.now() + (transport === undefined ? 20 : 5000);
  while (guests.length === 0 && Date.now() < deadline) await setTimeout(5);
  transport?.close();
  return guests.length;
}

describe('the log is connected to before its command is loaded', () => {
  test.each([
    ['named by the option', (url: string) => ['verify', 'a.tgz', '--rekor-server', url], () => ({})],
    ['named with an equals sign', (url: string) => ['verify', `--rekor-server=${url}`, 'a.tgz'], () => ({})],
    [
      'named last',
      (url: string) => ['--rekor-server', 'http://127.0.0.1:1', 'verify', '--rekor-server', url],
      () => ({}),
    ],
    ['named by the variable', () => ['verify', 'a.tgz'], (url: string) => ({ REKOR_SERVER: url })],
  ] as const)('%s', async (_, argv, env) => {
    expect(await guestsOf(argv, env)).toBe(1);
  });
});

describe('nobody is connected to early', () => {
  test.each([
    ['for help', ['verify', '--help'], {}],
    ['offline', ['verify', 'a.tgz', '--offline'], {}],
    ['for a mirror', ['verify', '--mirror=site'], {}],
    ['for a signer of bundles, which are proven without', ['verify', '--certificate-identity', 'a@b'], {}],
    ['for a pattern of such', ['verify', '--certificate-identity-pattern=*@b'], {}],
    ['for a managed key', ['verify', 'a.tgz', '--key', 'a.pem'], {}],
    ['for a managed key, in one word', ['verify', 'a.tgz', '--key=a.pem'], {}],
    ['for a log of version 2', ['upload', 'a.tgz', '--rekor-version', '2'], {}],
    ['for the log of a signing config', ['upload', 'a.tgz', '--signing-config', 'a.json'], {}],
    ['to judge an evidence file by itself', ['evidence', '--check', 'a.tgz.rekor.json'], {}],
    ['with authorities of one’s own', ['verify', '--ca-file', 'ca.pem'], {}],
    ['by a URL that is none', ['verify', '--rekor-server', 'nonsense'], {}],
    ['without the value of the option', ['verify', '--rekor-server'], { REKOR_SERVER: 'nonsense' }],
    [
      'behind a proxy',
      ['verify', '--rekor-server', 'http://rekor.example'],
      { HTTP_PROXY: 'http://127.0.0.1:1' },
    ],
    [
      'when the proxy is none',
      ['verify', '--rekor-server', 'http://rekor.example'],
      { HTTP_PROXY: 'ftp://x' },
    ],
  ])('%s', async (_, argv, env) => {
    expect(await connectEarly(scanArgv(argv), { env, home: undefined, platform: 'linux' })).toBeUndefined();
  });
});

test.each([
  ['is refused by the command', ['verify', 'a.tgz', 'b.tgz', '--as', 'c.tgz']],
  ['is no command line', ['verify', '--foo']],
  ['asks a log without a trusted key', ['verify', 'a.tgz']],
])('the connection ends with a run that %s', async (_, argv) => {
  const { url, guests } = await doorman();
  await runProgram([...argv, '--rekor-server', url]);
  while (guests.length === 0) await setTimeout(5);
  for (const guest of guests.map((each) => each.resume())) while (!guest.destroyed) await setTimeout(5);
  expect(guests).toHaveLength(1);
});

test('a chart that is called like a command has nobody connected to', async () => {
  const { url, guests } = await doorman();
  await runProgram(['inspect', 'verify'], { env: { REKOR_SERVER: url } });
  await setTimeout(100);
  expect(guests).toHaveLength(0);
});
