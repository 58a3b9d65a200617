import { appendFile, cp, readFile, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { Log } from '../../src/embedded-log/log/log.ts';
import type { Candidate } from '../../src/embedded-log/journal/record.ts';
import { encodeUtf8 } from '../../src/encoding.ts';
import { proposedEntry } from '../../src/rekor/helm-entry.ts';
import { ask, post } from '../support/ask.ts';
import { serveLog, works } from '../support/served-log.ts';
import { createSigner, type TestSigner } from '../support/signer.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const NOW = 1_700_000_000;
const NAMESPACE = ['unshare', '--pid', '--fork', '--kill-child', '--mount-proc'];
const hasNamespaces = process.platform === 'linux' && works('unshare', ...NAMESPACE.slice(1), 'true');
const candidate = (name: string): Candidate => ({ body: encodeUtf8(name), indexKeys: [name] });

describe('two servers on one directory', () => {
  it.skipIf(!hasNamespaces)(
    'in PID namespaces of their own, as two containers have: the second is refused (needs root on Linux)',
    async () => {
      const directory = await temporaryDirectory();
      const first = await serveLog(directory, NAMESPACE);
      expect(first.url).toBeDefined();
      for (const wrapper of [NAMESPACE, []]) {
        const second = await serveLog(directory, wrapper);
        expect([second.url, await second.ended]).toEqual([undefined, 3]);
        expect(second.said()).toMatch(/is in use by process 1 on host ".*" since 20/);
      }
      first.child.kill('SIGKILL');
      await first.ended;
      // Of another namespace's process 1 nothing is left that blocks, here or there.
      for (const wrapper of [[], NAMESPACE]) {
        const next = await serveLog(directory, wrapper);
        expect(next.said()).toBe('');
        expect(next.url).toBeDefined();
        next.child.kill('SIGKILL');
        await next.ended;
      }
    },
  );

  it('that were started in one moment: one serves', async () => {
    const directory = await temporaryDirectory();
    const started = await Promise.all([1, 2, 3].map(() => serveLog(directory)));
    expect(started.filter(({ url }) => url !== undefined)).toHaveLength(1);
  });

  it.each([
    ['of version 0.4.0, of a process that lives', 'lock', `${process.pid}\n`],
    ['of version 0.4.0, of a process of another container', 'lock', '1\n'],
    ['with the name of a process that lives', 'server.lock', `process ${process.pid} on host "h"\n`],
    ['with garbage', 'server.lock', '\0\0\0'],
  ])('a file that was left behind %s does not block', async (_, name, content) => {
    const directory = await temporaryDirectory();
    await (await Log.open(directory, () => NOW)).close();
    await writeFile(join(directory, name), content);
    await (await Log.open(directory, () => NOW)).close();
  });

  it('where there is no flock no log is served, and it says what is missing', async () => {
    if (process.platform !== 'linux') return;
    const directory = await temporaryDirectory();
    const { url, said } = await serveLog(directory, ['env', 'PATH=/nonexistent']);
    expect(url).toBeUndefined();
    expect(said()).toContain(
      'cannot be locked against a second server: expected the program flock, found none',
    );
  });
});

describe('a writer whom no lock kept out', () => {
  it.each([
    ['added a batch', async (path: string) => appendFile(path, '{"integratedTime":1}\n')],
    ['took something away', async (path: string) => truncate(path, 300)],
    [
      'put another record in the place of the last one',
      async (path: string) => {
        const bytes = await readFile(path);
        bytes.write('00', bytes.length - 20);
        await writeFile(path, bytes);
      },
    ],
    ['removed the file', async (path: string) => rm(path)],
    [
      'put a copy in its place',
      async (path: string) => {
        await cp(path, `${path}.copy`);
        await rename(`${path}.copy`, path);
      },
    ],
  ])('is found out before anything is signed: it %s', async (_, change) => {
    const directory = await temporaryDirectory();
    const path = join(directory, 'entries.jsonl');
    const told: string[] = [];
    const log = await Log.open(directory, () => NOW, { onForeignWrite: ({ message }) => told.push(message) });
    onTestFinished(() => log.close());
    await log.add(candidate('a'));
    await change(path);
    const left = await readFile(path).catch(() => undefined);
    for (const name of ['b', 'c']) await expect(log.add(candidate(name))).rejects.toThrow('it ends');
    expect(await readFile(path).catch(() => undefined)).toEqual(left);
    expect(log.head.size).toBe(1);
    expect(told).toHaveLength(1);
    expect(told[0]).toContain(`${path} was changed by somebody else while this log had it: `);
  });

  it('that is a log itself: of two that opened one directory the second to write ends', async () => {
    const directory = await temporaryDirectory();
    const first = await Log.open(directory, () => NOW);
    // As where locks do not reach: another file has its name.
    await rm(join(directory, 'server.lock'));
    const told: string[] = [];
    const second = await Log.open(directory, () => NOW, {
      onForeignWrite: ({ message }) => told.push(message),
    });
    await first.add(candidate('a'));
    await expect(second.add(candidate('b'))).rejects.toThrow('it ends');
    expect(told).toHaveLength(1);
    await first.add(candidate('c'));
    await second.close();
    await first.close();
    const log = await Log.open(directory, () => NOW);
    expect(log.head.size).toBe(2);
    await log.close();
  });

  it('ends the server with status 3', async () => {
    const directory = await temporaryDirectory();
    const { url, ended, said } = await serveLog(directory);
    await appendFile(join(directory, 'entries.jsonl'), 'x');
    const answer = await post(`${url ?? ''}/api/v1/log/entries`, await proposal(1));
    expect(answer.status).toBe(503);
    expect(await ended).toBe(3);
    expect(said()).toContain('was changed by somebody else');
  });
});

let signer: TestSigner;
beforeAll(async () => {
  signer = await createSigner();
});

async function proposal(patch: number) {
  return proposedEntry(
    await signer.sign('mychart', `1.0.${patch}`, Buffer.from(`${patch}`)),
    signer.certificate,
  );
}

describe('a server that is killed under load', () => {
  it('has lost nothing that it acknowledged, and does not block the next', async () => {
    const directory = await temporaryDirectory();
    const acknowledged = new Map<number, string>();
    for (let round = 0; round < 3; round++) {
      const { url = '', child, ended, said } = await serveLog(directory);
      expect(said()).toBe('');
      for (const [index, body] of acknowledged) {
        const answer = await ask(`${url}/api/v1/log/entries?logIndex=${index}`);
        const [entry] = Object.values(JSON.parse(answer.body) as Record<string, { body: string }>);
        expect(entry?.body).toBe(body);
      }
      const uploads = Array.from({ length: 16 }, async (_, upload) => {
        const answer = await post(`${url}/api/v1/log/entries`, await proposal(round * 100 + upload));
        if (answer.status !== 201) return;
        const [entry] = Object.values(
          JSON.parse(answer.body) as Record<string, { logIndex: number; body: string }>,
        );
        if (entry !== undefined) acknowledged.set(entry.logIndex, entry.body);
        if (acknowledged.size >= 4 * (round + 1)) child.kill('SIGKILL');
      });
      await Promise.allSettled(uploads);
      child.kill('SIGKILL');
      await ended;
    }
    expect(acknowledged.size).toBeGreaterThan(8);
  }, 180_000);
});
