import type { RequestListener } from 'node:http';
import { answer, serve, unusedPort } from '../../support/loopback.ts';
import type { WorkingDirectory } from '../../support/world/working-directory.ts';
import type { BadInput } from './bad-input.ts';

const askers = ['upload', 'verify', 'search', 'log pin'] as const;
/** Those that only read may follow a redirect. */
const posters = ['upload', 'verify', 'search'] as const;

const api = 'http:\\/\\/127\\.0\\.0\\.1:[0-9]+\\/api\\/v1\\/(?:log|index)(?:\\/[a-z/]+)?';
const whichServer = /check that this is the address of a Rekor server, and that nothing answers in its place/;

function answering(...handlers: readonly RequestListener[]): BadInput['stage'] {
  return async (site) => {
    site.server = (await serve(...handlers)).url;
  };
}

function at(address: string): BadInput['stage'] {
  return (site: WorkingDirectory) => {
    site.server = address;
  };
}

function error(pattern: string): RegExp {
  return new RegExp(pattern.replace('API', api));
}

export const BAD_SERVERS: readonly BadInput[] = [
  {
    input: 'a server that is not there',
    commands: askers,
    stage: async (site) => {
      site.server = `http://127.0.0.1:${await unusedPort()}`;
    },
    status: 5,
    error: error('no usable answer from API: connection refused \\(tried 4 times\\)'),
    hint: /check the address of the server and that the server is running/,
  },
  {
    input: 'a server that hangs',
    commands: askers,
    stage: async (site) => {
      site.user.options = ['--timeout', '200ms'];
      site.server = (await serve(() => undefined)).url;
    },
    status: 5,
    error: error('no usable answer from API: no (?:complete answer|connection) within 0\\.2 s'),
    hint: /try again later, or give it more time with --timeout/,
  },
  {
    input: 'a server that breaks the connection',
    commands: askers,
    stage: answering((request) => request.socket.destroy()),
    status: 5,
    error: error('no usable answer from API: the connection broke \\(tried 4 times\\)'),
    hint: /check the address of the server and the network/,
  },
  {
    input: 'a server of web pages',
    commands: askers,
    stage: answering(answer(200, '<!doctype html><html></html>', { 'content-type': 'text/html' })),
    status: 5,
    error: error('API answered with status 200 and makes no sense: expected JSON, found an HTML page'),
    hint: /check that this is the address of a Rekor server; if it is, a page to sign in .* answers in its place: sign in, or ask those who run it/,
  },
  {
    input: 'a server with an error',
    commands: askers,
    stage: answering(answer(500, '{"code":500,"message":"out of disk"}')),
    status: 5,
    error: error('API answered with status 500: "out of disk"'),
    hint: /try again later/,
  },
  {
    input: 'a server that knows no such path',
    commands: askers,
    stage: answering(answer(404, '<html>nothing here</html>')),
    status: 5,
    error: error('API answered with status 404: expected JSON, found an HTML page'),
    hint: /check the address of the log: it ends before "\/api\/v1", and has to be that of a Rekor v1/,
  },
  {
    input: 'a server of other JSON',
    commands: askers,
    stage: answering(answer(200, '{"hello":"world"}')),
    status: 5,
    error: error('API answered with status 200 and makes no sense: .*expected .*, found .*'),
    hint: whichServer,
  },
  {
    input: 'a server of half a JSON',
    commands: askers,
    stage: answering(answer(200, '[{"aaaa":')),
    status: 5,
    error: error('API answered with status 200 and makes no sense: expected JSON, found ".*"'),
    hint: whichServer,
  },
  {
    input: 'a redirect to another server',
    commands: askers,
    stage: answering(answer(302, '', { location: 'http://127.0.0.1:1/api' })),
    status: 5,
    error: error(
      'expected API to answer, found a redirect of (?:POST|GET) to http:\\/\\/127\\.0\\.0\\.1:1\\/api',
    ),
    hint: /if that is the server, give its address instead/,
  },
  {
    input: 'a redirect of an upload or a query, though to the same server',
    commands: posters,
    stage: answering(answer(307, '', { location: '/elsewhere' })),
    status: 5,
    error: error(
      'expected API to answer, found a redirect of POST to http:\\/\\/127\\.0\\.0\\.1:[0-9]+\\/elsewhere',
    ),
    hint: /if that is the server, give its address instead/,
  },
  {
    input: 'a redirect without end',
    commands: ['log pin'],
    stage: answering(answer(302, '', { location: '/' })),
    status: 5,
    error: error('API redirects more than 5 times'),
  },
  {
    input: 'an address with credentials, which are not shown',
    commands: askers,
    stage: at('https://jo:sesame@rekor.example.com'),
    status: 2,
    error:
      /expected (?:--rekor-server|the address of the log) to be a URL without credentials, found some before the host rekor\.example\.com/,
    hint: /remove them from the URL/,
  },
  {
    input: 'an address with a query, which is not shown',
    commands: askers,
    stage: at('https://rekor.example.com/?token=sesame'),
    status: 2,
    error:
      /expected (?:--rekor-server|the address of the log) to be the address of a server, found a query or fragment after "https:\/\/rekor\.example\.com"/,
    hint: /remove everything from the "\?" or "#" on/,
  },
  {
    input: 'an address without a scheme',
    commands: askers,
    stage: at('rekor.example.com'),
    status: 2,
    error:
      /expected (?:--rekor-server|the address of the log) to be a URL that begins with https:\/\/ or http:\/\/, found "rekor\.example\.com"/,
    hint: /give the whole address, such as https:\/\/rekor\.example\.com/,
  },
  {
    input: 'an address of another scheme',
    commands: askers,
    stage: at('ftp://rekor.example.com'),
    status: 2,
    error:
      /expected (?:--rekor-server|the address of the log) to be a URL that begins with https:\/\/ or http:\/\/, found "ftp:\/\/rekor\.example\.com"/,
    hint: /give the whole address, such as https:\/\/rekor\.example\.com/,
  },
];
