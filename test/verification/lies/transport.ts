import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import type { ErrorCode } from '../../../src/errors.ts';
import { answer, serve } from '../../support/loopback.ts';
import type { HostileWorld } from '../../support/world/hostile-world.ts';
import type { Forgery } from '../row.ts';

/** What comes over the wire, whatever is asked for. */
type Answering = (response: ServerResponse, path: string) => unknown;

const MEBIBYTE = Buffer.alloc(2 ** 20, '[');

/** Whoever stands between the user and the log may answer anything, late, or never. No verdict comes of it. */
export const transportForgeries: readonly Forgery[] = [
  ...(
    [
      ['a page', 'The answer is a page in HTML.', reply(200, '<!doctype html><p>Please log in</p>')],
      ['nothing at all', 'The answer has no body.', reply(200, '')],
      ['half the answer', 'The JSON of the answer is cut.', reply(200, '[{"362f8ecba72f4326')],
      ['no text', 'The answer is not UTF-8.', reply(200, Buffer.of(0x5b, 0xff, 0x5d))],
      ['two answers', 'A second value follows the answer.', reply(200, '[] []')],
      ['a deep answer', '400,000 lists stand in one another.', reply(200, '['.repeat(4e5) + ']'.repeat(4e5))],
      ['a long list', 'The answer is a list of 400,000 zeros.', reply(200, `[${'0,'.repeat(4e5)}0]`)],
      [
        'a long word',
        'The answer is a list with a text of a million letters.',
        reply(200, `["${'a'.repeat(1e6)}"]`),
      ],
      [
        'a packed answer',
        'The answer is compressed, unasked.',
        reply(200, '[]', { 'content-encoding': 'gzip' }),
      ],
      ['a status that cannot be', 'The answer says that something was made.', reply(201, '[]')],
      ['a part of the answer', 'The answer says that it is a part of one.', reply(206, '[]')],
      ['another protocol', 'Something else than HTTP answers.', raw('SSH-2.0-OpenSSH_9.2\r\n')],
      [
        'an endless header',
        'A header of the answer never ends.',
        raw(`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(1e5)}`),
      ],
      ['200 MB', 'The answer is a list of 200 MB.', stream(200)],
      ['no end', 'The answer never ends.', stream(Infinity)],
      ['a circle', 'The question is redirected to where it was asked.', redirect((path) => path)],
    ] as const
  ).map(([name, story, answering]) => everywhere(name, story, 'LOG_ANSWER', answering)),
  {
    ...everywhere(
      'a redirect to elsewhere',
      'Another server shall answer, and says that nothing is there.',
      'LOG_ANSWER',
    ),
    stage: async (world) => {
      const elsewhere = await serve(answer(200, '[]', { 'content-type': 'application/json' }));
      answerEverything(
        world,
        redirect((path) => elsewhere.url + path),
      );
    },
  },
  ...(
    [
      [
        'a broken server',
        'The server only says that it is broken.',
        reply(500, '{"code":500,"message":"no"}'),
      ],
      ['a broken gateway', 'A page says that the server is away.', reply(502, '<html>Bad Gateway</html>')],
      ['a long break', 'The server wants to be asked in an hour.', reply(429, '', { 'retry-after': '3600' })],
      ['a reset', 'The connection breaks before the answer.', ({ socket }) => socket?.resetAndDestroy()],
      [
        'a reset in the middle',
        'The connection breaks in the middle of the answer.',
        (response) => {
          response.writeHead(200, { 'content-length': 1000 }).write('[', () => response.destroy());
        },
      ],
      ['silence', 'No answer comes.', () => undefined],
      ['a trickle', 'The answer comes byte by byte, one every 20 ms.', trickle],
    ] as const satisfies readonly (readonly [string, string, Answering])[]
  ).map(([name, story, answering]) => everywhere(name, story, 'LOG_UNREACHABLE', answering)),
  ...(
    [
      [
        'no such path',
        'The server does not know the path.',
        reply(404, '{"code":404,"message":"path was not found"}'),
      ],
      ['no admittance', 'The server asks for credentials.', reply(401, '')],
      [
        'a function switched off',
        'The server does not look up entries.',
        reply(501, '{"code":501,"message":"off"}'),
      ],
    ] as const
  ).map(([name, story, answering]) => everywhere(name, story, 'LOG_REFUSED', answering)),
  ...(
    [
      ['an index in HTML', 'Nothing is predicted, and the index is a page.', reply(200, '<html></html>')],
      ['an index of no list', 'Nothing is predicted, and the index is an object.', reply(200, '{}')],
      ['an index of numbers', 'Nothing is predicted, and the index names numbers.', reply(200, '[1]')],
      ['an index of names', 'Nothing is predicted, and the index names no UUIDs.', reply(200, '["entry"]')],
      ['a flooded index', 'Nothing is predicted, and the index names 10,001 entries.', reply(200, flood())],
      ['an index without end', 'Nothing is predicted, and the index never ends.', stream(Infinity)],
    ] as const
  ).map(([name, story, answering]): Forgery => inTheIndex(name, story, 'LOG_ANSWER', answering)),
  inTheIndex('no index', 'Nothing is predicted, and the index is broken.', 'LOG_UNREACHABLE', reply(500, '')),
];

function everywhere(
  name: string,
  story: string,
  caughtBy: ErrorCode,
  answering: Answering = () => undefined,
): Forgery {
  return {
    name,
    story,
    caughtBy,
    status: 5,
    stage: (world) => {
      world.logChart();
      // Where the answer matters, it has all the time that it needs on a busy machine.
      if (caughtBy === 'LOG_UNREACHABLE') world.user.options = ['--timeout', '400ms'];
      answerEverything(world, answering);
    },
  };
}

/** The log has the chart, but not where it was predicted; the index alone is to blame that it is not found. */
function inTheIndex(name: string, story: string, caughtBy: ErrorCode, answering: Answering): Forgery {
  return {
    ...everywhere(name, story, caughtBy),
    stage: ({ server }) => {
      server.intercept = (path, response) => {
        const isIndex = path.endsWith('/index/retrieve');
        if (isIndex) answering(response, path);
        return isIndex;
      };
    },
  };
}

function answerEverything({ server }: HostileWorld, answering: Answering): void {
  server.intercept = (path, response) => {
    answering(response, path.replace('POST ', ''));
    return true;
  };
}

function reply(
  status: number,
  body: string | Uint8Array,
  headers: Readonly<Record<string, string>> = {},
): Answering {
  return (response) =>
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
}

function redirect(target: (path: string) => string): Answering {
  return (response, path) => response.writeHead(307, { location: target(path) }).end();
}

function raw(text: string): Answering {
  return ({ socket }) => socket?.end(text);
}

/** Writes this many MiB, as fast as they are read, until nobody reads any more. */
function stream(mebibytes: number): Answering {
  return (response) => {
    const pieces = function* () {
      for (let i = 0; i < mebibytes; i++) yield MEBIBYTE;
    };
    response.on('error', () => undefined);
    Readable.from(pieces()).pipe(response.writeHead(200));
  };
}

function trickle(response: ServerResponse): void {
  const timer = setInterval(() => response.write('['), 20);
  response.on('close', () => {
    clearInterval(timer);
  });
}

function flood(): string {
  return JSON.stringify(Array.from({ length: 10_001 }, (_, i) => i.toString(16).padStart(64, '0')));
}
