import { createServer as createTlsServer } from 'node:https';
import { connect as connectTcp } from 'node:net';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { UploadTokens } from '../../src/embedded-log/service/admission.ts';
import { startEmbeddedLog, type EmbeddedLog } from '../../src/embedded-log/service/server.ts';
import { ServerToken } from '../../src/http/server-token.ts';
import { listen, serve, type LoopbackServer } from '../support/loopback.ts';
import type { Ran } from '../support/program.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { selfSignedCertificate } from '../support/tls-certificate.ts';
import { World } from '../support/world/world.ts';

const TOKEN = 'T0ken-of.the_log~that+nobody/else=';
const OTHER = 'another-token-that-is-wrong';
const VARIABLE = 'HELM_SIGSTORE_LOG_TOKEN';

let world: World;
beforeAll(async () => {
  world = await World.open();
});
afterAll(async () => {
  await world.close();
});

/** A log that takes uploads with the token alone. */
async function guardedLog(): Promise<EmbeddedLog> {
  const log = await startEmbeddedLog({
    directory: await temporaryDirectory(),
    ...{ host: '127.0.0.1', port: 0, onFailure: () => undefined },
    now: () => Math.floor(Date.now() / 1000),
    rules: { tokens: new UploadTokens([TOKEN]) },
  });
  onTestFinished(() => log.close());
  return log;
}

const trusting = ({ url, publicKeyPath }: EmbeddedLog) => [
  ...['--rekor-server', url, '--rekor-public-key', publicKeyPath, '--keyring', world.keyring],
];

let files = 0;
const tokenFile = async (content: string) => await world.write(`token-${++files}`, content);

/** A file before a server that says nothing good: what it was asked. */
async function echo(status: number, message: (authorization: string) => string): Promise<LoopbackServer> {
  return await serve((request, response) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ code: status, message: message(request.headers.authorization ?? '') }));
  });
}

function requireSilence(...runs: readonly Ran[]): void {
  for (const { stdout, stderr } of runs) {
    expect(stdout).not.toContain(TOKEN);
    expect(stderr).not.toContain(TOKEN);
  }
}

describe('a log that wants a token', () => {
  it.each([
    ['of a file', async () => [['--log-token-file', await tokenFile(`${TOKEN}\nnotes\n`)], {}] as const],
    [
      'of a file with the line ends of Windows',
      async () => [['--log-token-file', await tokenFile(`${TOKEN}\r\n`)], {}] as const,
    ],
    ['of the variable', () => Promise.resolve([[], { [VARIABLE]: TOKEN }] as const)],
    [
      'of a file, whatever the variable says',
      async () => [['--log-token-file', await tokenFile(TOKEN)], { [VARIABLE]: OTHER }] as const,
    ],
  ])('takes an upload with the one %s, and says nothing of it', async (name, given) => {
    const log = await guardedLog();
    const { path } = await world.chart(`given-${name.length}`);
    const [options, env] = await given();
    const uploaded = await world.run(['upload', path, ...trusting(log), ...options, '--verbose'], { env });
    expect(uploaded.stderr).not.toContain('Error');
    expect(uploaded.status).toBe(0);
    const again = await world.run(['verify', path, ...trusting(log)]);
    expect(again.status).toBe(0);
    requireSilence(uploaded, again);
  });

  it.each([
    ['none', {}],
    ['another one', { [VARIABLE]: OTHER }],
  ])('refuses an upload with %s, and the hint says how to give it', async (name, env) => {
    const log = await guardedLog();
    const { path } = await world.chart(`refused-${name.length}`);
    const refused = await world.run(['upload', path, ...trusting(log)], { env });
    expect(refused.status).toBe(5);
    expect(refused.stderr).toMatch(
      /answered with status 401: "(?:this log takes entries only with a token|the token is not)/,
    );
    expect(refused.stderr).toContain('by --log-token-file, or in HELM_SIGSTORE_LOG_TOKEN');
    expect(refused.stderr).not.toContain(OTHER);
  });

  it('gets it with every request of every command that talks to it', async () => {
    const log = await guardedLog();
    const { path } = await world.chart('all-commands');
    const asked: (string | undefined)[] = [];
    const { request } = await import('node:http');
    const front = await serve((question, response) => {
      asked.push(question.headers.authorization);
      const { method = '', url = '', headers } = question;
      // The body was read by the front: an upload is sent straight to the log.
      const passed = request(
        log.url + url,
        { method, headers: { ...headers, 'content-length': 0 } },
        (answer) => {
          response.writeHead(answer.statusCode ?? 0, answer.headers);
          answer.pipe(response);
        },
      );
      passed.end();
    });
    await world.run(['upload', path, '--no-evidence', ...trusting(log)], { env: { [VARIABLE]: TOKEN } });
    const through = trusting({ ...log, url: front.url });
    const trust = ['--rekor-server', front.url, '--rekor-public-key', log.publicKeyPath];
    const lines = [
      ['log', 'info', ...trust],
      ['verify', path, ...through],
      ['search', path, ...trust],
      ['evidence', path, ...through],
      ['log', 'pin', front.url],
      ['log', 'use', front.url],
      ['doctor', ...through],
      ['upload', path, ...through],
      ['monitor', '--email', 'a@b.example', '--state', join(world.directory, 'monitor.json'), ...through],
    ];
    for (const line of lines) {
      const before = asked.length;
      requireSilence(await world.run(line, { env: { [VARIABLE]: TOKEN } }));
      expect(asked.length, line.join(' ')).toBeGreaterThan(before);
    }
    expect(new Set(asked)).toEqual(new Set([`Bearer ${TOKEN}`]));
  });
});

describe('the token goes to that log alone:', () => {
  const env = { [VARIABLE]: TOKEN };

  it('not to where it redirects, on another port, host or scheme', async () => {
    const thief = await echo(200, () => '');
    for (const target of [
      `${thief.url}/api/v1/log`,
      thief.url.replace('127.0.0.1', 'localhost') + '/api/v1/log',
      `//127.0.0.1:${new URL(thief.url).port}/api/v1/log`,
    ]) {
      const log = await serve((_, response) => {
        response.writeHead(302, { location: target }).end();
      });
      const ran = await world.run(['log', 'info', ...world.trusting(log)], { env });
      expect(log.seen[0]?.headers.authorization).toBe(`Bearer ${TOKEN}`);
      expect(ran.status).toBe(5);
      requireSilence(ran);
    }
    expect(thief.seen).toEqual([]);
  });

  it('where the address has a path, not to what else is at its origin, also not by a redirect', async () => {
    const shared = await serve((request, response) => {
      if (request.url?.startsWith('/charts/'))
        response.writeHead(302, { location: '/~thief/api/v1/log' }).end();
      else response.end('{}');
    });
    const ran = await world.run(
      ['log', 'info', '--rekor-server', `${shared.url}/charts`, ...world.user.trust],
      { env },
    );
    requireSilence(ran);
    expect(shared.seen.map(({ url, headers }) => [url, headers.authorization])).toEqual([
      ['/charts/api/v1/log', `Bearer ${TOKEN}`],
      ['/~thief/api/v1/log', undefined],
    ]);
  });

  it.each([
    ['http://log.example', 'the path of an http URL elsewhere'],
    ['http://10.0.0.1:3000', 'an address of a private network'],
    ['http://127.0.0.1.example.com', 'a name that begins like loopback'],
    ['http://localhost.example.com', 'a name that begins like localhost'],
    ['http://0.0.0.0:3000', 'no address'],
  ])('not in the open: %s is refused before it is asked (%s)', async (url) => {
    const { path } = await world.chart(`open-${new URL(url).hostname}`);
    const file = await tokenFile(TOKEN);
    for (const [options, surroundings, setting] of [
      [[], { env }, VARIABLE],
      [['--log-token-file', file], {}, '--log-token-file'],
    ] as const) {
      const ran = await world.run(
        ['verify', path, '--rekor-server', url, ...world.user.trust, ...options],
        surroundings,
      );
      expect(ran.status).toBe(2);
      expect(ran.stderr).toContain(
        `expected an https URL for a log that is sent a token, found ${url} with ${setting}`,
      );
      requireSilence(ran);
    }
  });

  it.each(['http://localhost:3000', 'http://127.0.0.1', 'http://[::1]:3000', 'https://log.example/charts'])(
    '%s gets it, below its path and nowhere else',
    (base) => {
      const token = new ServerToken(base, TOKEN);
      const at = (url: string) => token.headersFor(new URL(url));
      const header = { authorization: `Bearer ${TOKEN}` };
      expect(at(`${base}/api/v1/log?logIndex=0`)).toEqual(header);
      const { protocol, host } = new URL(base);
      for (const url of [
        `${protocol === 'https:' ? 'http:' : 'https:'}//${host}/api/v1/log`,
        `${base.replace(/(?::[0-9]+)?(\/charts)?$/, ':4')}/api/v1/log`,
        `${protocol}//user@evil.example/${host}/charts`,
        `${protocol}//evil.example/charts/api/v1/log`,
      ])
        expect(at(url), url).toEqual({});
    },
  );

  it.each([
    'https://log.example/chartsx/api/v1/log',
    'https://log.example/charts/../other/api/v1/log',
    'https://log.example/charts/%2e%2e/other/api/v1/log',
    'https://log.example/charts\\..\\other',
    'https://log.example/',
    'https://log.example:8443/charts/api/v1/log',
    'https://evil.example/charts/api/v1/log',
    'https://log.example@evil.example/charts/api/v1/log',
    'http://log.example/charts/api/v1/log',
    'ftp://log.example/charts',
  ])('that of https://log.example/charts not to %s', (url) => {
    expect(new ServerToken('https://log.example/charts', TOKEN).headersFor(new URL(url))).toEqual({});
  });

  it('never in the open, even if a token were made for it', () => {
    const token = new ServerToken('http://log.example', TOKEN);
    expect(token.headersFor(new URL('http://log.example/api/v1/log'))).toEqual({});
  });

  it('not to Sigstore’s public log, which is where a forgotten setting leads', async () => {
    const { path } = await world.chart('public');
    const file = await tokenFile(TOKEN);
    for (const options of [[], ['--rekor-server', 'https://rekor.sigstore.dev:443/']]) {
      const ran = await world.run(['verify', path, '--log-token-file', file, ...options]);
      expect(ran.status).toBe(2);
      expect(ran.stderr).toContain(
        'expected no token for https://rekor.sigstore.dev, found --log-token-file: that log asks for none',
      );
    }
  });

  it('not to a proxy on the way, which sees the address of the log alone', async () => {
    const identity = selfSignedCertificate('log.example');
    const seen: (string | undefined)[] = [];
    const port = await listen(
      createTlsServer(identity, (request, response) => {
        seen.push(request.headers.authorization);
        response.writeHead(401, { 'content-type': 'application/json' }).end('{}');
      }),
    );
    let told = '';
    const { createServer } = await import('node:http');
    const proxy = createServer().on('connect', (request, socket, head) => {
      told += `${request.method ?? ''} ${request.url ?? ''} ${JSON.stringify(request.rawHeaders)}`;
      const behind = connectTcp(port, '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        behind.write(head);
        behind.pipe(socket).pipe(behind);
      });
      for (const each of [behind, socket]) each.on('error', () => undefined);
    });
    const ca = join(world.directory, 'proxied-ca.pem');
    await writeFile(ca, identity.cert);
    const ran = await world.run(
      ['log', 'info', '--rekor-server', 'https://log.example', ...world.user.trust, '--ca-file', ca],
      { env: { ...env, HTTPS_PROXY: `http://127.0.0.1:${await listen(proxy)}` } },
    );
    expect(ran.status).toBe(5);
    expect(seen).toEqual([`Bearer ${TOKEN}`]);
    expect(told).toContain('CONNECT log.example:443');
    expect(told).not.toContain(TOKEN);
    expect(told.toLowerCase()).not.toContain('authorization');
    requireSilence(ran);
  });

  it('not to the servers of charts and keys', async () => {
    const others = await serve((_, response) => {
      response.writeHead(404).end();
    });
    const ran = await world.run(['verify', `${others.url}/a-1.0.0.tgz`, ...world.knowing()], { env });
    expect(others.seen.length).toBeGreaterThan(0);
    expect(others.seen.filter(({ headers }) => headers.authorization !== undefined)).toEqual([]);
    requireSilence(ran);
  });

  it('not even to those servers where they are at the origin of the log', async () => {
    const shared = await serve((request, response) => {
      response.writeHead(404, { 'content-type': 'application/json' });
      response.end(request.url?.startsWith('/log/') ? '{"code":404,"message":""}' : '');
    });
    await world.run(
      [
        'verify',
        `${shared.url}/charts/a-1.0.0.tgz`,
        '--rekor-server',
        `${shared.url}/log`,
        ...world.user.trust,
      ],
      { env },
    );
    const charts = shared.seen.filter(({ url }) => url.startsWith('/charts/'));
    expect(charts.length).toBeGreaterThan(0);
    expect(charts.filter(({ headers }) => headers.authorization !== undefined)).toEqual([]);
  });
});

describe('nothing shows it:', () => {
  const encodings: [string, (authorization: string) => string][] = [
    ['as it is', (text) => text],
    ['alone', (text) => text.slice('Bearer '.length)],
    ['between other characters', (text) => `x${text}x${text}`],
    ['in base64', (text) => Buffer.from(text).toString('base64')],
    ['alone in base64', (text) => Buffer.from(text.slice(7)).toString('base64')],
    ['in a URL', (text) => `https://log.example/?t=${encodeURIComponent(text)}`],
    ['encoded as in a URL', (text) => encodeURIComponent(text)],
    ['as credentials of a URL', (text) => `https://user:${text.slice(7)}@log.example/`],
  ];
  it.each(encodings)('a log that repeats it in an error %s', async (_, repeat) => {
    const log = await echo(403, repeat);
    for (const output of ['text', 'json']) {
      for (const line of [
        ['log', 'info'],
        ['search', '--sha256', 'ab'.repeat(32)],
      ]) {
        const ran = await world.run([...line, ...world.trusting(log), '--output', output], {
          env: { [VARIABLE]: TOKEN, HELM_DEBUG: 'true' },
        });
        expect(ran.status).toBe(5);
        requireSilence(ran);
        for (const text of [ran.stdout, ran.stderr]) {
          expect(text).not.toContain(Buffer.from(TOKEN).toString('base64').slice(0, 20));
          expect(text).not.toContain(Buffer.from(`Bearer ${TOKEN}`).toString('base64').slice(0, 20));
          expect(text).not.toContain(encodeURIComponent(TOKEN));
        }
        if (output === 'json') JSON.parse(ran.stdout);
      }
    }
    expect(log.seen[0]?.headers.authorization).toBe(`Bearer ${TOKEN}`);
  });

  it.each([
    ['a blank in it', 'a password of the log'],
    ['too short', 'tiny'],
    ['a line break in the variable', `${TOKEN}\r\nx-header: evil`],
    ['characters that end a header', `${TOKEN}\u0000`],
    ['other letters', 'pässwörd-of-the-log'],
    ['nothing', ' '],
  ])('one that is none (%s) is refused, and not repeated', async (_, text) => {
    const log = await echo(200, () => '');
    const byVariable = await world.run(['log', 'info', ...world.trusting(log)], {
      env: { [VARIABLE]: text },
    });
    expect([byVariable.status, byVariable.stderr.includes(`expected ${VARIABLE} to be a token`)]).toEqual([
      2,
      true,
    ]);
    const file = await tokenFile(text.replace(/\r\n.*/s, ' x'));
    const byFile = await world.run(['log', 'info', ...world.trusting(log), '--log-token-file', file]);
    expect([byFile.status, byFile.stderr.includes('expected the first line of')]).toEqual([3, true]);
    for (const { stderr } of [byVariable, byFile])
      for (const word of text.split(/[\s\u0000]+/).filter(({ length }) => length > 4))
        expect(stderr).not.toContain(word);
    expect(log.seen).toEqual([]);
  });

  it('an empty variable is none', async () => {
    const log = await echo(200, () => '');
    await world.run(['log', 'info', ...world.trusting(log)], { env: { [VARIABLE]: '' } });
    expect(log.seen[0]?.headers.authorization).toBeUndefined();
  });

  it('an object that holds it, printed by mistake', async () => {
    const { inspect } = await import('node:util');
    const token = new ServerToken('https://log.example', TOKEN);
    for (const text of [inspect(token, { showHidden: true, depth: 9 }), JSON.stringify(token)])
      expect(text).not.toContain(TOKEN);
  });
});
