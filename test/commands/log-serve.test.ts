import type { ChildProcess } from 'node:child_process';
import { on, once } from 'node:events';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { request, type IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import { connect } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { proposedEntry } from '../../src/rekor/helm-entry.ts';
import { ask } from '../support/ask.ts';
import { BuiltProgram } from '../support/built-program.ts';
import { runProgram } from '../support/program.ts';
import { createSigner } from '../support/signer.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { selfSignedCertificate } from '../support/tls-certificate.ts';

const ENTRIES = '/api/v1/log/entries';
const TOKENS = ['the-first-token-that-counts', 'the-second-token-that-counts'] as const;
let program: BuiltProgram;

beforeAll(async () => {
  program = await BuiltProgram.make();
});
afterAll(async () => {
  await program.remove();
});

/** `log serve` as a process of its own. */
interface Serving {
  readonly child: ChildProcess;
  readonly url: string;
  readonly stdout: () => string;
  readonly stderr: () => string;
  /** Fulfilled when stderr has this. */
  readonly says: (text: string) => Promise<void>;
  /** Its status, or the signal that ended it. */
  readonly ended: Promise<number | string | null>;
}

async function serve(directory: string, ...options: readonly string[]): Promise<Serving> {
  const listen = options.includes('--listen') ? [] : ['--listen', '127.0.0.1:0'];
  const child = program.start(['log', 'serve', '--dir', directory, ...listen, ...options], {});
  let [stdout, stderr] = ['', ''];
  child.stdout?.on('data', (piece: Buffer) => (stdout += piece.toString()));
  child.stderr?.on('data', (piece: Buffer) => (stderr += piece.toString()));
  const ended = once(child, 'close').then(([status, signal]) => (status ?? signal) as number | string | null);
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  const until = async (isThere: () => boolean) => {
    while (!isThere()) {
      if (child.exitCode !== null || child.signalCode !== null) throw new Error(`it ended: ${stderr}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  await until(() => /^Tree Size: /m.test(stdout));
  const url = /^Serving on (.*)$/m.exec(stdout)?.[1] ?? '';
  const says = async (text: string) => {
    await until(() => stderr.includes(text));
  };
  return { child, url, stdout: () => stdout, stderr: () => stderr, says, ended };
}

async function proposal(version = '1.0.0'): Promise<string> {
  const signer = await createSigner();
  const provenance = await signer.sign('mychart', version, Buffer.from(version));
  return JSON.stringify(proposedEntry(provenance, signer.certificate));
}

async function upload({ url }: Serving, token?: string): Promise<number> {
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const headers = { 'content-type': 'application/json', ...authorization };
  return (await ask(url + ENTRIES, { method: 'POST', headers, body: await proposal() })).status;
}

async function ping(url: string, ca: string): Promise<number> {
  const sent = requestHttps(`${url}/ping`, { ca, agent: false });
  sent.end();
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  await once(answer.resume(), 'end');
  return answer.statusCode ?? 0;
}

describe('what it says first', () => {
  it('is where it serves, its key, its tree, and how large that is', async () => {
    const directory = join(await temporaryDirectory(), 'log');
    const first = await serve(directory);
    expect(first.stdout()).toMatch(
      /^Serving on http:\/\/127\.0\.0\.1:[0-9]+\nPublic Key: .*\/public-key\.pem\nFingerprint: [0-9a-f]{64}\nTree ID: [0-9]+\nTree Size: 0\n$/,
    );
    await upload(first);
    first.child.kill('SIGTERM');
    expect(await first.ended).toBe(0);
    const second = await serve(directory);
    expect(second.stdout()).toContain('\nTree Size: 1\n');
    expect([first.stderr(), second.stderr()]).toEqual(['', '']);
  });
});

describe('a command line that cannot be meant', () => {
  const run = async (...options: string[]) => await runProgram(['log', 'serve', ...options]);
  it.each([
    [
      'http to other machines',
      ['--listen', '0.0.0.0:0'],
      'expected --tls-cert and --tls-key where other machines',
    ],
    ['http to other machines, by IPv6', ['--listen', '[::]:0'], 'expected --tls-cert and --tls-key'],
    ['a certificate without a key', ['--tls-cert', 'a.pem'], 'expected --tls-key beside --tls-cert'],
    ['a key without a certificate', ['--tls-key', 'a.pem'], 'expected --tls-cert beside --tls-key'],
    [
      'TLS, and none',
      ['--tls-cert', 'a', '--tls-key', 'b', '--insecure-http'],
      'expected --tls-cert or --insecure-http, found both',
    ],
    [
      'tokens for uploads that are not taken',
      ['--read-only', '--upload-token-file', 'tokens'],
      'expected no --upload-token-file beside --read-only',
    ],
    [
      'signers of uploads that are not taken',
      ['--read-only', '--allow-signer', 'ab'.repeat(20)],
      'expected no --allow-signer beside --read-only',
    ],
    ['a key ID', ['--allow-signer', 'ab'.repeat(8)], '--allow-signer expects a full fingerprint'],
    ['no fingerprint', ['--allow-signer', 'me'], '--allow-signer expects 40 or 64 hexadecimal digits'],
  ])('%s', async (_, options, message) => {
    const directory = join(await temporaryDirectory(), 'log');
    const { status, stderr } = await run('--dir', directory, ...options);
    expect(stderr).toContain(`Error: ${message}`);
    expect(status).toBe(2);
    await expect(readFile(join(directory, 'key.pem'))).rejects.toThrow('ENOENT');
  });

  it('http to other machines is served where that is said', async () => {
    const served = await serve(await temporaryDirectory(), '--listen', '0.0.0.0:0', '--insecure-http');
    expect(served.url).toMatch(/^http:\/\/0\.0\.0\.0:/);
  });

  it.each([
    ['a file of tokens that is not there', undefined, 'there is no file'],
    ['a file without tokens', '# none\n\n', 'expected 1 to 1000 tokens'],
    ['a token that could be guessed', 'short\n', 'expected line 1 of'],
    ['a password with other characters', `${TOKENS[0]}\npass word that is a secret\n`, 'expected line 2 of'],
  ])('%s', async (_, content, message) => {
    const directory = await temporaryDirectory();
    const tokens = join(directory, 'tokens');
    if (content !== undefined) await writeFile(tokens, content);
    const { status, stderr } = await run('--dir', join(directory, 'log'), '--upload-token-file', tokens);
    expect([status, stderr.includes(message)]).toEqual([3, true]);
    expect(stderr).not.toContain('secret');
    expect(stderr).not.toContain('short');
  });

  it('reading alone starts no log', async () => {
    const directory = join(await temporaryDirectory(), 'log');
    const { status, stderr } = await run('--dir', directory, '--read-only');
    expect([status, stderr]).toEqual([
      3,
      `Error: expected a log in ${directory}, found none\nHint: without --read-only a new one is started there\n`,
    ]);
  });
});

describe('SIGHUP', () => {
  it('brings a new certificate; a bad one is told of, and the old one stays', async () => {
    const directory = await temporaryDirectory();
    const [cert, key] = [join(directory, 'cert.pem'), join(directory, 'key.pem')];
    const [first, second] = [selfSignedCertificate(), selfSignedCertificate()];
    await Promise.all([writeFile(cert, first.cert), writeFile(key, first.key)]);
    const served = await serve(join(directory, 'log'), '--tls-cert', cert, '--tls-key', key);
    expect(await ping(served.url, first.cert)).toBe(200);
    // As it is while somebody replaces one after the other.
    await writeFile(cert, second.cert);
    served.child.kill('SIGHUP');
    await served.says('what was there before stays in use: the certificate cannot be served');
    expect(await ping(served.url, first.cert)).toBe(200);
    await writeFile(key, second.key);
    served.child.kill('SIGHUP');
    for (;;) {
      const isNew = await ping(served.url, second.cert).then(
        () => true,
        () => false,
      );
      if (isNew) break;
    }
    await expect(ping(served.url, first.cert)).rejects.toThrow(/self-signed/);
    served.child.kill('SIGTERM');
    expect(await served.ended).toBe(0);
  });

  it('brings new tokens; those of a bad file are told of, and the old ones stay', async () => {
    const directory = await temporaryDirectory();
    const tokens = join(directory, 'tokens');
    await writeFile(tokens, `# of CI\n${TOKENS[0]}\n`);
    const served = await serve(join(directory, 'log'), '--upload-token-file', tokens);
    expect([await upload(served), await upload(served, TOKENS[1]), await upload(served, TOKENS[0])]).toEqual([
      ...[401, 401, 201],
    ]);
    await writeFile(tokens, 'bad\n');
    served.child.kill('SIGHUP');
    await served.says('Warning: what was there before stays in use: expected line 1');
    expect(await upload(served, TOKENS[0])).toBe(201);
    await writeFile(tokens, `${TOKENS[1]}\n`);
    served.child.kill('SIGHUP');
    while ((await upload(served, TOKENS[1])) !== 201);
    expect(await upload(served, TOKENS[0])).toBe(401);
    expect(served.stderr()).not.toContain(TOKENS[1]);
  });

  it('goes on with the access log in a new file', async () => {
    const directory = await temporaryDirectory();
    const path = join(directory, 'access.jsonl');
    const served = await serve(join(directory, 'log'), '--access-log', path);
    const lines = async (file: string) =>
      (await readFile(file, 'utf8')).split('\n').filter((line) => line.includes('/ping')).length;
    for (let at = 1; at <= 3; at++) await ask(`${served.url}/ping`);
    while ((await lines(path)) < 3);
    await rename(path, `${path}.1`);
    await ask(`${served.url}/ping`);
    while ((await lines(`${path}.1`)) < 4);
    served.child.kill('SIGHUP');
    while ((await lines(path).catch(() => 0)) === 0) await ask(`${served.url}/ping`);
    served.child.kill('SIGTERM');
    expect(await served.ended).toBe(0);
    expect(await lines(`${path}.1`)).toBeGreaterThanOrEqual(4);
  });

  it('ends a log that has no such files, as it ends any program whose terminal is gone', async () => {
    const served = await serve(await temporaryDirectory());
    served.child.kill('SIGHUP');
    expect(await served.ended).toBe(0);
  });
});

describe('the end', () => {
  /** An upload of which the log has the head and the beginning. */
  async function begunUpload({
    url,
  }: Serving): Promise<() => Promise<[number | undefined, string | undefined]>> {
    const body = await proposal();
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      expect: '100-continue',
    };
    const sent = request(url + ENTRIES, { method: 'POST', headers, agent: false });
    // Where the log ends at once there is no answer.
    sent.on('error', () => undefined).flushHeaders();
    // The log has the head of the request when it asks for the body.
    await once(sent, 'continue');
    sent.write(body.slice(0, 100));
    return async () => {
      sent.end(body.slice(100));
      const [answer] = (await once(sent, 'response')) as [IncomingMessage];
      await once(answer.resume(), 'end');
      return [answer.statusCode, answer.headers.connection];
    };
  }

  async function isRefused({ url }: Serving): Promise<boolean> {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    const [event] = await Promise.race([
      once(socket, 'connect').then(() => ['connected']),
      once(socket, 'error').then(() => ['refused']),
    ]).catch(() => ['refused']);
    socket.destroy();
    return event === 'refused';
  }

  it.each(['SIGTERM', 'SIGINT'] as const)(
    '%s: no further connection is taken, an upload that is under way is answered, and the entry is kept',
    async (signal) => {
      const directory = join(await temporaryDirectory(), 'log');
      const served = await serve(directory);
      const finish = await begunUpload(served);
      served.child.kill(signal);
      while (!(await isRefused(served)));
      expect(await finish()).toEqual([201, 'close']);
      expect(await served.ended).toBe(0);
      expect((await serve(directory)).stdout()).toContain('Tree Size: 1');
    },
  );

  it.each([
    ['', []],
    [', also where it reads files anew', ['--access-log', 'access.jsonl']],
  ])('a second signal ends it at once%s', async (_, options) => {
    const directory = await temporaryDirectory();
    const inside = options.map((word) => (word.startsWith('--') ? word : join(directory, word)));
    const served = await serve(join(directory, 'log'), ...inside);
    await begunUpload(served);
    served.child.kill('SIGTERM');
    while (!(await isRefused(served)));
    const began = performance.now();
    served.child.kill('SIGTERM');
    expect(await served.ended).toBe('SIGTERM');
    expect(performance.now() - began).toBeLessThan(9000);
  });

  it('a connection that asks for nothing does not delay it', async () => {
    const served = await serve(await temporaryDirectory());
    const socket = connect(Number(new URL(served.url).port), '127.0.0.1');
    socket.on('error', () => undefined);
    onTestFinished(() => void socket.destroy());
    await once(socket, 'connect');
    socket.write('GET /ping HTTP/1.1\r\nHost: l');
    served.child.kill('SIGTERM');
    expect(await served.ended).toBe(0);
  });
});

describe('--access-log -', () => {
  it('goes to stderr, line by line', async () => {
    const served = await serve(await temporaryDirectory(), '--access-log', '-');
    await ask(`${served.url}/ping?secret`);
    await ask(`${served.url}/https://user:secret@host/x@y:z/"a@b`);
    await ask(`${served.url}/api/v1/log`);
    await served.says('/api/v1/log');
    const lines = served.stderr().trimEnd().split('\n');
    expect(served.stderr()).not.toContain('secret');
    expect(lines.map((line) => (JSON.parse(line) as { path: string }).path)).toEqual([
      '/ping',
      '/https://***@host/x@y:z/%22a@b',
      '/api/v1/log',
    ]);
  });

  it('where nobody reads stderr, the log goes on', async () => {
    const child = program.start(
      ['log', 'serve', '--dir', await temporaryDirectory(), '--listen', '127.0.0.1:0', '--access-log', '-'],
      {},
    );
    const ended = once(child, 'close');
    onTestFinished(async () => {
      child.kill('SIGKILL');
      await ended;
    });
    let stdout = '';
    if (child.stdout)
      for await (const [piece] of on(child.stdout, 'data') as AsyncIterable<[Buffer]>)
        if ((stdout += piece.toString()).includes('Tree Size')) break;
    const url = /^Serving on (.*)$/m.exec(stdout)?.[1] ?? '';
    child.stderr?.pause();
    for (let round = 0; round < 15; round++)
      await Promise.all(
        Array.from({ length: 20 }, () => ask(`${url}/${'x'.repeat(400)}`).then(({ status }) => status)),
      );
    expect((await ask(`${url}/ping`)).status).toBe(200);
    child.kill('SIGTERM');
    child.stderr?.resume();
    await ended;
  });
});
