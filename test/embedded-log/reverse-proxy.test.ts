import { readFile } from 'node:fs/promises';
import { request as requestHttps } from 'node:https';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import type { IncomingMessage } from 'node:http';
import { UploadTokens } from '../../src/embedded-log/service/admission.ts';
import { startEmbeddedLog, type EmbeddedLog } from '../../src/embedded-log/service/server.ts';
import { ask } from '../support/ask.ts';
import { hasNginx, serveByNginx, type ProxiedLog } from '../support/nginx.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';
import { World } from '../support/world/world.ts';

/** As `openssl rand -hex 32` makes one. */
const TOKEN = '0123456789abcdef'.repeat(4);

let world: World;
beforeAll(async () => {
  world = await World.open();
});
afterAll(async () => {
  await world.close();
});

async function proxied(): Promise<{ log: EmbeddedLog; proxy: ProxiedLog; options: string[] }> {
  const log = await startEmbeddedLog({
    directory: await temporaryDirectory(),
    ...{ host: '127.0.0.1', port: 0, onFailure: () => undefined },
    now: () => Math.floor(Date.now() / 1000),
    rules: { tokens: new UploadTokens([TOKEN]) },
  });
  onTestFinished(() => log.close());
  const proxy = await serveByNginx(log.url, TOKEN);
  const trust = ['--rekor-public-key', log.publicKeyPath, '--keyring', world.keyring];
  return { log, proxy, options: ['--rekor-server', proxy.url, '--ca-file', proxy.ca, ...trust] };
}

async function status(url: string, proxy: ProxiedLog, token?: string): Promise<[number, string]> {
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const { port } = new URL(url);
  // As it is written: a URL would be normalised.
  const path = url.slice(url.indexOf('/', 'https://'.length));
  const ca = await readFile(proxy.ca);
  return await new Promise((resolve, reject) => {
    requestHttps({ host: '127.0.0.1', port, path, ca, headers, agent: false }, (answer: IncomingMessage) => {
      void text(answer).then((body) => {
        resolve([answer.statusCode ?? 0, body]);
      });
    })
      .on('error', reject)
      .end();
  });
}

it.skipIf(!hasNginx)(
  'behind a proxy with TLS, a path and a token every command sees the same log (needs nginx)',
  async () => {
    const { log, proxy, options } = await proxied();
    const { path } = await world.chart('proxied');
    const env = { HELM_SIGSTORE_LOG_TOKEN: TOKEN };
    const keyless = options.filter((_, at) => !['--keyring', world.keyring].includes(options[at] ?? ''));

    const uploaded = await world.run(['upload', path, '--no-evidence', ...options], { env });
    expect(uploaded.stderr).not.toContain('Error');
    const [, index, uuid = ''] =
      /^\nCreated Helm entry at index ([0-9]+), available at: \S+\/log\/api\/v1\/log\/entries\/([0-9a-f]{80})\n/.exec(
        uploaded.stdout,
      ) ?? [];
    expect([uploaded.status, index]).toEqual([0, '0']);

    const again = await world.run(['upload', path, '--no-evidence', ...options], { env });
    expect(again.stdout).toContain(`available at: ${proxy.url}/api/v1/log/entries/${uuid}`);
    const verified = await world.run(['verify', path, ...options], { env });
    expect(verified.stdout).toContain(`Rekor Server: ${proxy.url}\nRekor Index: 0\nRekor UUID: ${uuid}\n`);
    const found = await world.run(['search', path, ...keyless], { env });
    expect(found.stdout).toContain(`Rekor UUID: ${uuid}\n`);
    const info = await world.run(['log', 'info', ...keyless, '--output', 'json'], { env });
    const { trees } = JSON.parse(info.stdout) as { trees: object[] };
    expect(trees).toMatchObject([{ treeId: log.treeId, treeSize: 1 }]);
    const pin = ['log', 'pin', proxy.url, '--ca-file', proxy.ca];
    const shown = await world.run(pin, { env });
    const fingerprint = /--fingerprint ([0-9a-f]{64})/.exec(shown.stderr)?.[1] ?? '';
    expect((await world.run([...pin, '--fingerprint', fingerprint], { env })).status).toBe(0);
    const byPin = ['verify', path, '--rekor-server', `${proxy.url}/`, '--ca-file', proxy.ca];
    expect((await world.run([...byPin, '--keyring', world.keyring], { env })).status).toBe(0);

    // What comes straight from the log is the same.
    expect((await ask(`${log.url}/api/v1/log/entries/${uuid}`)).body).toContain(uuid);
    expect(proxy.errorLog()).toBe('');
    expect(proxy.accessLog()).not.toContain(TOKEN);
  },
);

it.skipIf(!hasNginx)(
  'without the token, or with another one, nobody gets past it (needs nginx)',
  async () => {
    const { proxy, options } = await proxied();
    const { path } = await world.chart('unknown-to-the-proxy');
    for (const env of [{}, { HELM_SIGSTORE_LOG_TOKEN: TOKEN.replace('0', '1') }])
      for (const command of ['upload', 'verify']) {
        const ran = await world.run([command, path, ...options], { env });
        expect(ran.status).toBe(5);
        expect(ran.stderr).toContain('answered with status 401');
        expect(ran.stderr).toContain('by --log-token-file, or in HELM_SIGSTORE_LOG_TOKEN');
      }
    expect((await status(`${proxy.url}/api/v1/log`, proxy))[0]).toBe(401);
    expect((await status(`${proxy.url}/api/v1/log`, proxy, TOKEN))[0]).toBe(200);
  },
);

it.skipIf(!hasNginx)('what those who run the log look at, it keeps to itself (needs nginx)', async () => {
  const { log, proxy } = await proxied();
  expect((await ask(`${log.url}/metrics`)).status).toBe(200);
  for (const name of ['metrics', 'healthz'])
    for (const path of [
      name,
      `${name}/`,
      `${name}//`,
      `/${name}`,
      `%${name.charCodeAt(0).toString(16)}${name.slice(1)}`,
      `x/../${name}`,
      `./${name}`,
      `${name}?a`,
      `${name}/.`,
      `${name}%2f`,
    ]) {
      const [code, body] = await status(`${proxy.url}/${path}`, proxy, TOKEN);
      expect([403, 404], path).toContain(code);
      expect(body, path).not.toMatch(/helm_sigstore_log|"status"/);
    }
});

it.skipIf(!hasNginx)('the largest entries get through it (needs nginx)', async () => {
  const { proxy, log } = await proxied();
  const body = JSON.stringify({ hash: `sha256:${'0'.repeat(64)}`, ignored: 'x'.repeat((8 << 20) - 200) });
  const ca = await readFile(proxy.ca);
  const headers = {
    authorization: `Bearer ${TOKEN}`,
    ...{ 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) },
  };
  const statusOf = async (url: string): Promise<number> =>
    await new Promise((resolve, reject) => {
      requestHttps(url, { method: 'POST', ca, headers, agent: false }, (answer) => {
        answer.resume();
        resolve(answer.statusCode ?? 0);
      })
        .on('error', reject)
        .end(body);
    });
  const direct = await ask(`${log.url}/api/v1/index/retrieve`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  expect(await statusOf(`${proxy.url}/api/v1/index/retrieve`)).toBe(direct.status);
});
