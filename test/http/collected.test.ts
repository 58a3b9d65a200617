// Deadlines hold while garbage is collected all the time, wherever a request hangs: Node 20 keeps the sources of
// AbortSignal.any weakly. And the processes end by themselves: nothing is left that could keep them.
import { generateKeyPairSync } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { answer, listen, serve, serveTcp, unusedPort } from '../support/loopback.ts';
import { bundle, COLLECTING_PROGRAM, endOf, startNode } from '../support/own-process.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { selfSignedCertificate } from '../support/tls-certificate.ts';

const identity = selfSignedCertificate('rekor.test');
const silent = () => serveTcp((socket) => socket.resume());
const saying = (text: string) => serveTcp((socket) => socket.once('data', () => socket.write(text)));
const dripping = (text: string, drop: string) =>
  serveTcp((socket) => {
    socket.once('data', () => {
      socket.write(text);
      const timer = setInterval(() => socket.write(drop), 20);
      socket.on('close', () => {
        clearInterval(timer);
      });
    });
  });

async function tunnelTo(port: number): Promise<number> {
  const proxy = createServer().on('connect', (_, client: Socket) => {
    const server = connect(port, '127.0.0.1').on('error', () => client.destroy());
    client.write('HTTP/1.1 200 OK\r\n\r\n');
    client.on('error', () => server.destroy());
    client.pipe(server).pipe(client);
  });
  return await listen(proxy);
}

const plain = (port: number) => ({ url: `http://127.0.0.1:${port}/`, env: {} });
const proxied = (port: number, scheme = 'http') => ({
  url: 'https://rekor.test/',
  env: { HTTPS_PROXY: `${scheme}://127.0.0.1:${port}` },
});
const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });

test('a request that hangs in any phase ends in time', async () => {
  const [connection, wholeAnswer] = ['no connection within 4.5 s', 'no complete answer within 7.5 s'];
  const stopped = 'the answer stopped in the middle, nothing came within 1.5 s';
  const phases = [
    ['TLS', { url: `https://127.0.0.1:${await silent()}/`, env: {} }, connection],
    ['TLS with the proxy', proxied(await silent(), 'https'), connection],
    ['CONNECT', proxied(await silent()), connection],
    ['CONNECT in drops', proxied(await dripping('HTTP/1.1 200 OK\r\n', 'x: y\r\n')), connection],
    ['TLS in a tunnel', proxied(await saying('HTTP/1.1 200 OK\r\n\r\n')), connection],
    ['head', plain(await silent()), wholeAnswer],
    ['head in drops', plain(await dripping('HTTP/1.1 200 OK\r\n', 'x: y\r\n')), wholeAnswer],
    ['body', plain(await saying('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n{')), stopped],
    [
      'body in drops',
      plain(await dripping('HTTP/1.1 200 OK\r\ncontent-length: 999\r\n\r\n', ' ')),
      wholeAnswer,
    ],
    [
      'answer in a tunnel',
      proxied(await tunnelTo(await listen(createTlsServer(identity, () => undefined)))),
      wholeAnswer,
    ],
    [
      'pause that the server wants',
      { url: (await serve(answer(503, '', { 'retry-after': '9' }))).url, env: {} },
      'the time for all requests is up',
    ],
    ['pauses between tries', plain(await unusedPort()), 'the time for all requests is up'],
  ] as const;
  const program = await bundle(
    `
    import { onlyThese } from './src/http/authorities.ts';
    import { Deadline } from './src/http/deadline.ts';
    import { HttpClient } from './src/http/request.ts';
    const limits = { connect: 4500, idle: 1500, request: 7500 };
    setInterval(() => gc(), 50).unref();
    for (const [phase, url, env, all] of JSON.parse(process.argv[2])) {
      const authorities = onlyThese(${JSON.stringify(identity.cert)});
      const client = new HttpClient({ userAgent: 'test', random: () => 0.99, env, authorities });
      const deadline = new Deadline({ ...limits, all }, new AbortController().signal);
      const request = client.request({ method: 'GET', url: new URL(url), maxBytes: 1000, deadline });
      request.catch((error) => console.log(phase + ': ' + error.message)).finally(() => client.close());
    }
    `,
    await temporaryDirectory(),
  );
  // Only for pauses the time of all requests is to be up first.
  const asked = JSON.stringify(
    phases.map(([phase, { url, env }]) => [phase, url, env, phase.startsWith('pause') ? 3000 : 60_000]),
  );
  const { stdout, stderr } = await endOf(startNode(program, [asked], {}));
  const said = stdout.trim().split('\n');
  for (const [phase, , expected] of phases)
    expect(said.find((line) => line.startsWith(`${phase}: `))).toContain(expected);
  expect({ lines: said.length, stderr }).toEqual({ lines: phases.length, stderr: '' });
});

const examples = join(import.meta.dirname, '../../examples');
const chart = join(examples, 'hello-0.1.0.tgz');

/** Command lines that ask, through a proxy that is silent, for all that this program asks for. */
async function asking(): Promise<{ commands: string[][]; directory: string }> {
  const directory = await temporaryDirectory();
  const pem = join(directory, 'log.pem');
  await writeFile(pem, publicKey.export({ format: 'pem', type: 'spki' }));
  const keys = ['--keyring', join(examples, 'publisher.asc')];
  const log = ['--rekor-server', 'https://rekor.test', '--rekor-public-key', pem];
  const fingerprint = 'a'.repeat(40);
  return {
    directory,
    commands: [
      ['verify', chart, ...keys, ...log],
      ['upload', chart, ...keys, ...log],
      ['search', chart, ...log],
      ['log', 'info', ...log],
      ['log', 'pin', 'https://rekor.test'],
      ['doctor', ...keys, ...log],
      ['trust', 'update', '--mirror', 'https://tuf.test'],
      ['verify', chart, '--public-key', 'https://keys.test/k.asc', '--fingerprint', fingerprint, ...log],
    ],
  };
}

const environment = (port: number, directory: string) => ({
  HOME: directory,
  HELM_SIGSTORE_HOME: join(directory, 'state'),
  HTTPS_PROXY: `http://127.0.0.1:${port}`,
});

test('every command ends in time behind a proxy that never answers CONNECT', async () => {
  const { commands, directory } = await asking();
  const program = await bundle(COLLECTING_PROGRAM, directory);
  const env = environment(await silent(), directory);
  const ended = await Promise.all(
    commands.map((argv) => endOf(startNode(program, [...argv, '--timeout', '5s'], env))),
  );
  for (const [i, { status, stdout, stderr }] of ended.entries()) {
    expect({ argv: commands[i], status }).toEqual({ argv: commands[i], status: 5 });
    expect(stdout + stderr).toMatch(/no connection within 5 s/);
  }
});

test(
  'every command ends at once when it is interrupted behind a proxy that never answers CONNECT',
  { timeout: 180_000 },
  async () => {
    const { commands, directory } = await asking();
    const program = await bundle(COLLECTING_PROGRAM, directory);
    // One after the other: a process that is interrupted has two seconds to end.
    for (const argv of commands) {
      let isAsked: () => void = () => undefined;
      const asked = new Promise<void>((resolve) => (isAsked = resolve));
      const port = await serveTcp((socket) => socket.once('data', isAsked));
      const child = startNode(program, [...argv, '--timeout', '60s'], environment(port, directory));
      const end = endOf(child);
      await asked;
      child.kill('SIGINT');
      const { status, stdout, stderr } = await end;
      expect({ argv, status, stderr }).toMatchObject({ argv, status: 5 });
      expect(stdout + stderr).toContain('interrupted');
    }
  },
);
