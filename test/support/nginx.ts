import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { temporaryDirectory } from './temporary-directory.ts';
import { freePort } from '../interop/stack/free-port.ts';
import { selfSignedCertificate } from './tls-certificate.ts';

const NGINX = ['nginx', '/usr/sbin/nginx'].find((each) => spawnSync(each, ['-v']).status === 0);

/** Whether this machine has nginx. */
export const hasNginx = NGINX !== undefined;

/** nginx in front of a log, configured as docs/private-log.md says. */
export interface ProxiedLog {
  /** The address with a path, where a token is asked for. */
  readonly url: string;
  /** The address without a path or a token, for rekor-cli. */
  readonly bareUrl: string;
  /** The file with the authority of both, in PEM. */
  readonly ca: string;
  /** What it noted of requests. */
  readonly accessLog: () => string;
  /** What it complained of. */
  readonly errorLog: () => string;
}

/** The configuration in the documentation. */
function documented(): string {
  const page = readFileSync(join(import.meta.dirname, '../../docs/private-log.md'), 'utf8');
  const text = /^```nginx\n(.*?)^```$/ms.exec(page)?.[1];
  if (text === undefined) throw new Error('docs/private-log.md has no configuration of nginx');
  return text;
}

/** Puts this in the place of each of these; every text has to be there so many times. */
function replaced(text: string, replacements: readonly (readonly [string, string, number])[]): string {
  let changed = text;
  for (const [from, to, times] of replacements) {
    const found = changed.split(from).length - 1;
    if (found !== times)
      throw new Error(`expected ${from} ${times} times in the documentation, found ${found}`);
    changed = changed.replaceAll(from, to);
  }
  return changed;
}

/**
 * Starts nginx until the test has finished, with the configuration of the documentation; only paths, names and ports are
 * those of this machine.
 * @param log its URL. @param token the one that is asked for
 */
export async function serveByNginx(log: string, token: string): Promise<ProxiedLog> {
  if (NGINX === undefined) throw new Error('there is no nginx');
  const directory = await temporaryDirectory();
  const at = (name: string) => join(directory, name);
  const { cert, key } = selfSignedCertificate();
  const [port, barePort] = [await freePort(), await freePort()];
  const [first, second] = [
    'listen 443 ssl;\n  server_name charts',
    'listen 443 ssl;\n  server_name chart-log',
  ];
  const config = replaced(documented(), [
    [`${first}.example.com;`, `listen 127.0.0.1:${port} ssl;\n  server_name 127.0.0.1;`, 1],
    [`${second}.example.com;`, `listen 127.0.0.1:${barePort} ssl;\n  server_name 127.0.0.1;`, 1],
    ['server 127.0.0.1:3000;', `server ${new URL(log).host};`, 1],
    ['/etc/nginx/chart-log.pem', at('cert.pem'), 2],
    ['/etc/nginx/chart-log.key', at('key.pem'), 2],
    ['/etc/nginx/chart-log-tokens', at('tokens'), 1],
    ['/var/log/nginx/chart-log.log', at('access.log'), 2],
  ]);
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${at(name)};`,
  );
  await mkdir(at('logs'));
  await Promise.all([
    writeFile(at('cert.pem'), cert),
    writeFile(at('key.pem'), key),
    writeFile(at('tokens'), `"Bearer ${token}" 1;\n`),
    writeFile(
      at('nginx.conf'),
      [
        ...['daemon off;', 'master_process off;', `pid ${at('pid')};`, `error_log ${at('error.log')} warn;`],
        ...['events {}', 'http {', ...temporary, 'access_log off;', config, '}', ''],
      ].join('\n'),
    ),
  ]);
  const child = spawn(NGINX, ['-p', directory, '-c', at('nginx.conf')], { stdio: 'ignore' });
  const ended = once(child, 'exit');
  onTestFinished(async () => {
    child.kill('SIGTERM');
    await ended;
  });
  const read = (name: string) => () => readFileSync(at(name), 'utf8');
  while (!(await answers(port))) {
    if (child.exitCode !== null) throw new Error(`nginx ended: ${read('error.log')()}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return {
    url: `https://127.0.0.1:${port}/log`,
    bareUrl: `https://127.0.0.1:${barePort}`,
    ca: at('cert.pem'),
    accessLog: read('access.log'),
    errorLog: read('error.log'),
  };
}

async function answers(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  const isThere = await new Promise<boolean>((resolve) => {
    socket.once('connect', () => {
      resolve(true);
    });
    socket.once('error', () => {
      resolve(false);
    });
  });
  socket.destroy();
  return isThere;
}
