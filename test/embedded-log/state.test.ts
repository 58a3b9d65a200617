import { execFileSync } from 'node:child_process';
import { appendFile, chmod, mkdir, readdir, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import {
  startEmbeddedLog,
  type EmbeddedLog,
  type EmbeddedLogOptions,
} from '../../src/embedded-log/service/server.ts';
import { proposedEntry } from '../../src/rekor/helm-entry.ts';
import { ask, post } from '../support/ask.ts';
import { parseExposition, type ParsedFamily } from '../support/exposition.ts';
import { holdTime, pass } from '../support/held-time.ts';
import { works } from '../support/served-log.ts';
import { createSigner, type TestSigner } from '../support/signer.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const ENTRIES = '/api/v1/log/entries';
const NOW = 1_750_000_000;
const canMount =
  process.platform === 'linux' && works('unshare', '--mount', 'mount', '-t', 'tmpfs', 'x', '/tmp');
let signer: TestSigner;

beforeAll(async () => {
  signer = await createSigner();
});

async function serve(options: Partial<EmbeddedLogOptions> = {}): Promise<EmbeddedLog> {
  const log = await startEmbeddedLog({
    directory: join(await temporaryDirectory(), 'log'),
    ...{ host: '127.0.0.1', port: 0, now: () => NOW, onFailure: () => undefined, warn: () => undefined },
    ...options,
  });
  onTestFinished(() => log.close());
  return log;
}

async function upload({ url }: EmbeddedLog, patch = 0): Promise<number> {
  const provenance = await signer.sign('mychart', `1.0.${patch}`, Buffer.from(`${patch}`));
  return (await post(url + ENTRIES, proposedEntry(provenance, signer.certificate))).status;
}

async function health({ url }: EmbeddedLog): Promise<[number, unknown]> {
  const { status, body } = await ask(`${url}/healthz`);
  return [status, JSON.parse(body)];
}

const unhealthy = (reason: string) => [503, { status: 'unhealthy', reason }];
const HEALTHY = [200, { status: 'healthy' }];

async function metrics({ url }: EmbeddedLog): Promise<Map<string, ParsedFamily>> {
  const { status, headers, body } = await ask(`${url}/metrics`);
  expect([status, headers['content-type']]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8']);
  return parseExposition(body);
}

/** The value of the only sample of this name with these labels. */
function value(
  families: Map<string, ParsedFamily>,
  name: string,
  labels: Record<string, string> = {},
): number {
  const full = `helm_sigstore_log_${name}`;
  const samples = [...families.values()].flatMap((family) => family.samples);
  const found = samples.filter(
    (sample) =>
      sample.name === full && Object.entries(labels).every(([label, text]) => sample.labels[label] === text),
  );
  if (found.length !== 1) throw new Error(`${found.length} samples of ${full}`);
  return found[0]?.value ?? NaN;
}

describe('/healthz', () => {
  it('is healthy while uploads are taken, and leaves nothing in the directory', async () => {
    const directory = join(await temporaryDirectory(), 'log');
    const log = await serve({ directory });
    const before = await readdir(directory);
    expect(await health(log)).toEqual(HEALTHY);
    expect(await readdir(directory)).toEqual(before);
    expect(await upload(log)).toBe(201);
    const head = await ask(`${log.url}/healthz`, { method: 'HEAD' });
    expect([head.status, head.body]).toEqual([200, '']);
  });

  it.skipIf(!canMount)(
    'says that the disk is full before anybody has uploaded, and is healthy again when there is room (needs root on Linux)',
    async () => {
      const disk = join(await temporaryDirectory(), 'disk');
      await mkdir(disk);
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=512k', 'tmpfs', disk]);
      onTestFinished(() => {
        execFileSync('umount', ['-l', disk]);
      });
      const log = await serve({ directory: join(disk, 'log') });
      const { bsize, bavail } = await statfs(disk);
      await writeFile(join(disk, 'filling'), Buffer.alloc((bavail - 4) * bsize));
      holdTime();
      expect(await health(log)).toEqual(unhealthy('the log cannot write: no space left on device'));
      const families = await metrics(log);
      expect(value(families, 'writable')).toBe(0);
      await rm(join(disk, 'filling'));
      await pass(6000);
      expect(await health(log)).toEqual(HEALTHY);
      expect(value(await metrics(log), 'writable')).toBe(1);
    },
  );

  it.skipIf(!canMount)('says that the file system is read only (needs root on Linux)', async () => {
    const disk = join(await temporaryDirectory(), 'disk');
    await mkdir(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk]);
    onTestFinished(() => {
      execFileSync('umount', ['-l', disk]);
    });
    const directory = join(disk, 'log');
    const log = await serve({ directory });
    // The files that the log has open would keep the file system from it.
    execFileSync('mount', ['--bind', directory, directory]);
    execFileSync('mount', ['-o', 'remount,ro,bind', directory]);
    onTestFinished(() => {
      execFileSync('umount', ['-l', directory]);
    });
    expect(await health(log)).toEqual(unhealthy('the log cannot write: read-only file system'));
  });

  it('says that the clock is behind, and is healthy again when it is right', async () => {
    let now = NOW;
    const log = await serve({ now: () => now });
    await upload(log);
    now -= 3600;
    expect(await upload(log, 1)).toBe(503);
    const [status, said] = await health(log);
    expect(status).toBe(503);
    expect(said).toMatchObject({ reason: expect.stringContaining('is behind its newest entry') as string });
    now += 3600;
    expect(await health(log)).toEqual(HEALTHY);
  });

  it('says that somebody else wrote to the log', async () => {
    const directory = join(await temporaryDirectory(), 'log');
    const log = await serve({ directory });
    await upload(log);
    await appendFile(join(directory, 'entries.jsonl'), 'x');
    expect(await upload(log, 1)).toBe(503);
    expect(await health(log)).toEqual(unhealthy('another process wrote to the log: it ends'));
  });

  it('does not look for room where nothing may be added', async () => {
    const directory = join(await temporaryDirectory(), 'log');
    await (await serve({ directory })).close();
    const log = await serve({ directory, rules: { isReadOnly: true } });
    expect(await health(log)).toEqual(HEALTHY);
    expect(value(await metrics(log), 'writable')).toBe(0);
  });

  it('tries the disk once, however often it is asked', async () => {
    const directory = join(await temporaryDirectory(), 'log');
    const log = await serve({ directory });
    holdTime();
    expect(await health(log)).toEqual(HEALTHY);
    await mkdir(join(directory, 'healthz.tmp'));
    expect(await Promise.all([health(log), health(log)])).toEqual([HEALTHY, HEALTHY]);
    await pass(6000);
    expect((await health(log))[0]).toBe(503);
    await chmod(join(directory, 'healthz.tmp'), 0o700);
    await rm(join(directory, 'healthz.tmp'), { recursive: true });
  });
});

describe('/metrics', () => {
  it('counts entries, requests by status, batches and the time that they took', async () => {
    const log = await serve();
    expect(value(await metrics(log), 'entries')).toBe(0);
    const statuses = await Promise.all([0, 1, 2, 2].map((patch) => upload(log, patch)));
    expect(statuses.sort()).toEqual([201, 201, 201, 409]);
    await ask(`${log.url}/nowhere/${'x'.repeat(30)}`);
    await ask(`${log.url}${ENTRIES}/${'a'.repeat(64)}`);
    const families = await metrics(log);
    expect([...families.values()].every(({ help }) => help.endsWith('.'))).toBe(true);
    expect(value(families, 'entries')).toBe(3);
    expect(value(families, 'writable')).toBe(1);
    expect(value(families, 'uploads_waiting')).toBe(0);
    const uploads = { method: 'POST', route: ENTRIES };
    expect(value(families, 'requests_total', { ...uploads, status: '201' })).toBe(3);
    expect(value(families, 'requests_total', { ...uploads, status: '409' })).toBe(1);
    expect(value(families, 'requests_total', { route: 'other', status: '404' })).toBe(1);
    expect(value(families, 'requests_total', { route: `${ENTRIES}/{id}`, status: '404' })).toBe(1);
    expect(value(families, 'requests_total', { route: '/metrics' })).toBe(1);
    expect(value(families, 'batch_entries_sum')).toBe(3);
    const batches = value(families, 'batch_entries_count');
    expect(batches).toBeGreaterThan(0);
    expect(value(families, 'commit_seconds_count')).toBe(batches);
    expect(value(families, 'commit_seconds_sum')).toBeGreaterThan(0);
    expect(value(families, 'request_seconds_count')).toBe(7);
  });

  it('says how many uploads wait', async () => {
    const log = await serve();
    const uploads = Promise.all(Array.from({ length: 8 }, (_, patch) => upload(log, patch)));
    let most = 0;
    const over = new AbortController();
    void uploads.then(() => {
      over.abort();
    });
    while (!over.signal.aborted) most = Math.max(most, value(await metrics(log), 'uploads_waiting'));
    expect(most).toBeGreaterThan(0);
    expect(value(await metrics(log), 'uploads_waiting')).toBe(0);
  });

  it('what clients choose adds no series without end', async () => {
    const log = await serve();
    const series = async () => (await ask(`${log.url}/metrics`)).body.split('\n').length;
    const methods = ['PROPFIND', 'MKCOL', 'LOCK', 'PURGE', 'SEARCH'];
    await ask(`${log.url}/`, { method: 'COPY' });
    await series();
    const before = await series();
    for (const method of methods) await ask(`${log.url}/${method}?${method}`, { method });
    expect(await series()).toBe(before);
  });

  it('tells nothing of who asked, and of nobody who signed', async () => {
    const log = await serve();
    await upload(log);
    const { body } = await ask(`${log.url}/metrics?secret`, { headers: { authorization: 'Bearer hidden' } });
    for (const told of ['127.0.0.1', 'secret', 'hidden', signer.fingerprint, 'example', 'mychart'])
      expect(body.toLowerCase()).not.toContain(told);
  });
});

describe('the reader of metrics in this test takes nothing that the format forbids', () => {
  const good = '# HELP a b\n# TYPE a counter\na{x="1"} 1\n';
  it.each([
    ['no line feed at the end', good.slice(0, -1)],
    ['a sample twice', `${good}a{x="1"} 2\n`],
    ['a label twice', good.replace('{x="1"}', '{x="1",x="2"}')],
    ['no TYPE', '# HELP a b\na 1\n'],
    ['a type that is none', good.replace('counter', 'count')],
    ['HELP twice', `${good}${good}`],
    ['a sample of another name', good.replace('a{', 'b{')],
    ['a quote in a label', good.replace('"1"', '"1"2"')],
    ['no number', good.replace(' 1\n', ' one\n')],
    ['a negative counter', good.replace(' 1\n', ' -1\n')],
    ['an empty line', good.replace('\na{', '\n\na{')],
    ['a bad name', good.replaceAll('a', '1')],
    [
      'buckets that are not cumulative',
      '# HELP h h\n# TYPE h histogram\nh_bucket{le="1"} 2\nh_bucket{le="+Inf"} 1\nh_sum 1\nh_count 1\n',
    ],
    ['a histogram without +Inf', '# HELP h h\n# TYPE h histogram\nh_bucket{le="1"} 1\nh_sum 1\nh_count 1\n'],
    [
      'a count that is not that of +Inf',
      '# HELP h h\n# TYPE h histogram\nh_bucket{le="+Inf"} 1\nh_sum 1\nh_count 2\n',
    ],
  ])('%s', (_, text) => {
    expect(() => parseExposition(text)).toThrow();
  });

  it('and reads escapes', () => {
    const text = '# HELP a b\\\\c\\nd\n# TYPE a gauge\na{x="1\\"2\\\\3\\n4"} +Inf\n';
    expect(parseExposition(text).get('a')?.samples).toEqual([
      { name: 'a', labels: { x: '1"2\\3\n4' }, value: Infinity },
    ]);
  });
});
