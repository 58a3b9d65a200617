import { createHash } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { PROVENANCE_BUNDLE_TYPE } from '../../src/evidence/sigstore-bundle.ts';
import { findReferrers } from '../../src/registry/referrers.ts';
import { hexOf, REPOSITORY, repositoryIn } from '../registry/asking.ts';
import { writeSignedChart, type ChartOnDisk } from '../support/chart.ts';
import { duplicate, type LogLies } from '../support/fake-tiled-log.ts';
import type { Ran, Surroundings } from '../support/program.ts';
import { serveRegistry } from '../support/registry/server.ts';
import { createSigner, DAY, KEY_CREATED, type TestSigner } from '../support/signer.ts';
import { configOf, secondLog, type SecondLog, type TimestampLies } from '../support/world/second-log.ts';
import { World } from '../support/world/world.ts';

let world: World;
/** By P-521 and SHA-512, which such a log takes. */
let signer: TestSigner;
let keyring: string;

beforeAll(async () => {
  world = await World.open();
  signer = await createSigner({ algorithm: 'p521', userIds: ['Publisher <publisher@example.com>'] });
  keyring = await world.write('p521.gpg', signer.certificate);
});

afterAll(async () => {
  await world.close();
});

let charts = 0;
async function newChart(by = signer): Promise<ChartOnDisk & { readonly bundle: string }> {
  const name = `chart-${(charts += 1)}`;
  const chart = await writeSignedChart(await world.subdirectory(name), by, { name });
  return { ...chart, bundle: `${chart.path}.prov.sigstore.json` };
}

async function upload(
  chart: string,
  { options }: SecondLog,
  words: readonly string[] = [],
  surroundings: Surroundings = {},
): Promise<Ran> {
  const argv = ['upload', chart, '--rekor-version', '2', '--keyring', keyring, ...options, ...words];
  return await world.run(argv, surroundings);
}

const exists = async (path: string) =>
  await readFile(path).then(
    () => true,
    () => false,
  );

describe('upload --rekor-version 2', () => {
  it('logs the signature, has it dated, and keeps the bundle, which verify takes', async () => {
    const [chart, servers] = [await newChart(), await secondLog(world)];
    const { status, stdout, stderr } = await upload(chart.path, servers);
    expect({ status, stdout, stderr }).toMatchObject({ status: 0 });
    expect(stdout).toContain(`Signature Logged: ${chart.bundle}\nChart: ${chart.path}\n`);
    expect(stdout).toContain('\nRekor Index: 3\n');
    expect(stdout).toContain('\nSigned By: Publisher <publisher@example.com>\n');
    expect(stderr).toContain(`Publishing the signature of ${chart.path}, `);
    expect(stderr).toContain(`on ${servers.log.server.url}, for good; ${servers.timestamps.url} dates it`);
    const verify = ['verify', chart.path, '--keyring', keyring, '--trusted-root', servers.trustedRoot];
    const verified = await world.run([...verify, '--offline']);
    expect(verified).toMatchObject({ status: 0 });
    expect(verified.stdout).toContain(`Bundle: ${chart.bundle}\n`);
  });

  it('sends no name, no address, and nothing of the chart', async () => {
    const [chart, servers] = [await newChart(), await secondLog(world)];
    await upload(chart.path, servers);
    const [sent, ...others] = servers.log.server.seen;
    expect(others).toEqual([]);
    const { hashedRekordRequestV002: request } = JSON.parse(sent?.body ?? '') as Record<string, object>;
    expect(request).toEqual({
      digest: expect.any(String) as unknown,
      signature: {
        content: expect.any(String) as unknown,
        verifier: {
          publicKey: { rawBytes: expect.any(String) as unknown },
          keyDetails: 'PKIX_ECDSA_P521_SHA_512',
        },
      },
    });
    const all = JSON.stringify([...servers.log.server.seen, ...servers.timestamps.seen]);
    const digest = createHash('sha256').update(chart.archive).digest();
    const ofChart = ['publisher@example.com', 'chart-', digest.toString('hex'), digest.toString('base64')];
    for (const part of ofChart) expect(all).not.toContain(part);
  });

  it('keeps what is there and holds, and asks nobody', async () => {
    const [chart, servers] = [await newChart(), await secondLog(world)];
    await upload(chart.path, servers);
    const before = await readFile(chart.bundle, 'utf8');
    const { status, stdout } = await upload(chart.path, servers, ['--output', 'json']);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      log: { url: servers.log.server.url, version: 2, timestamps: [servers.timestamps.url] },
      counts: { good: 1, exists: 1 },
      results: [
        {
          outcome: 'exists',
          verdict: 'verified',
          evidences: [{ profile: 'openpgp-bundle', kind: 'proven' }],
          bundle: { path: chart.bundle, outcome: 'unchanged', logIndex: 3 },
        },
      ],
    });
    expect(servers.log.server.seen).toHaveLength(1);
    expect(await readFile(chart.bundle, 'utf8')).toBe(before);
  });

  it('reads what the log has already from its tiles, where the bundle is lost', async () => {
    const [chart, servers] = [await newChart(), await secondLog(world)];
    await upload(chart.path, servers);
    await rm(chart.bundle);
    const { status, stdout } = await upload(chart.path, servers);
    expect(status).toBe(0);
    expect(stdout).toContain(`Signature Already Logged: ${chart.bundle}\n`);
    expect(servers.log.read).toContain('/api/v2/checkpoint');
    expect(servers.timestamps.seen).toHaveLength(2);
    expect((await upload(chart.path, servers)).stdout).toContain('Signature Already Logged: ');
  });

  it('with --dry-run asks nobody and writes nothing', async () => {
    const [chart, servers] = [await newChart(), await secondLog(world)];
    const { status, stdout } = await upload(chart.path, servers, ['--dry-run']);
    expect(status).toBe(0);
    expect(stdout).toContain(`Nothing Was Sent: ${chart.path} (--dry-run)\n`);
    expect(stdout).toContain(`\nRekor Server: ${servers.log.server.url} (--signing-config, Rekor v2)\n`);
    expect(stdout).toContain('(PKIX_ECDSA_P521_SHA_512)');
    const json = await upload(chart.path, servers, ['--dry-run', '--output', 'json']);
    expect(JSON.parse(json.stdout)).toMatchObject({
      results: [
        {
          outcome: 'planned',
          plan: { url: servers.log.server.url, version: 2, keyDetails: 'PKIX_ECDSA_P521_SHA_512' },
        },
      ],
    });
    expect([...servers.log.server.seen, ...servers.timestamps.seen]).toEqual([]);
    expect(await exists(chart.bundle)).toBe(false);
  });

  it('is what a signing config with such logs alone means', async () => {
    const [chart, { log, signingConfig, trustedRoot }] = [await newChart(), await secondLog(world)];
    const servers = ['--signing-config', signingConfig, '--trusted-root', trustedRoot];
    const { status } = await world.run(['upload', chart.path, '--keyring', keyring, ...servers]);
    expect(status).toBe(0);
    expect(log.server.seen).toHaveLength(1);
  });

  it('goes to the log of --rekor-server, in place of that of the signing config', async () => {
    const [chart, servers, other] = [await newChart(), await secondLog(world), await secondLog(world)];
    const { status } = await upload(chart.path, servers, ['--rekor-server', other.log.server.url]);
    // The trusted root knows the log of the config alone.
    expect(status).toBe(10);
    expect([servers.log.server.seen.length, other.log.server.seen.length]).toEqual([0, 1]);
  });
});

describe('of a chart that a log would refuse, or that could not be verified,', () => {
  it('nothing is sent, and the way out is named: a key', async () => {
    const chart = await newChart(world.publisher);
    const servers = await secondLog(world);
    const { status, stderr } = await upload(chart.path, servers, ['--keyring', world.keyring]);
    expect(status).toBe(5);
    expect(stderr).toContain(`Rekor v2 would refuse ${chart.path}: it takes no signatures by keys of`);
    expect(stderr).toContain('helm sigstore sign --identity');
    expect(servers.log.server.seen).toEqual([]);
  });

  it('nothing is sent, and the way out is named: a digest', async () => {
    const other = await createSigner({ algorithm: 'p256' });
    const chart = await newChart(other);
    const servers = await secondLog(world);
    const keys = await world.write('p256.gpg', other.certificate);
    const { status, stderr } = await upload(chart.path, servers, ['--keyring', keys]);
    expect(status).toBe(5);
    expect(stderr).toContain('helm sigstore sign --force --digest sha256');
    expect(servers.log.server.seen).toEqual([]);
  });

  it('nothing is sent: the key is expired', async () => {
    const expired = await createSigner({ algorithm: 'p521', created: KEY_CREATED, expiresAfter: 300 * DAY });
    const chart = await newChart(expired);
    const servers = await secondLog(world);
    const keys = await world.write('expired.gpg', expired.certificate);
    const { status, stderr } = await upload(chart.path, servers, ['--keyring', keys]);
    expect(status).toBe(10);
    expect(stderr).toContain('cannot be logged');
    expect(servers.log.server.seen).toEqual([]);
  });

  it('nothing is sent: the archive is another one', async () => {
    const [chart, servers] = [await newChart(), await secondLog(world)];
    const other = await newChart();
    await writeFile(chart.path, await readFile(other.path));
    expect((await upload(chart.path, servers)).status).toBe(10);
    expect(servers.log.server.seen).toEqual([]);
  });

  it.each([
    ['no bundle', 'hello', 'is no Sigstore bundle'],
    ['a bundle of another provenance', undefined, 'is there, and does not prove'],
  ])('nothing is sent: there is %s in the way', async (_, text, message) => {
    const [chart, servers] = [await newChart(), await secondLog(world)];
    if (text === undefined) {
      const other = await newChart();
      await upload(other.path, servers);
      await writeFile(chart.bundle, await readFile(other.bundle));
    } else await writeFile(chart.bundle, text);
    const before = [await readFile(chart.bundle, 'utf8'), servers.log.server.seen.length];
    const { status, stderr } = await upload(chart.path, servers);
    expect(status).toBe(3);
    expect(stderr).toContain(message);
    expect([await readFile(chart.bundle, 'utf8'), servers.log.server.seen.length]).toEqual(before);
  });

  it('nothing is sent: a directory is in the way', async () => {
    const [chart, servers] = [await newChart(), await secondLog(world)];
    await mkdir(chart.bundle);
    expect((await upload(chart.path, servers)).status).toBe(3);
    expect(servers.log.server.seen).toEqual([]);
  });
});

describe('by servers that do not do what they are asked for', () => {
  const answering = (status: number, message: string): LogLies => ({
    post: () => ({ status, body: { code: 3, message } }),
  });
  const timestamp = (answer: TimestampLies['answer']): { timestamps: TimestampLies } => ({
    timestamps: { ...(answer && { answer }) },
  });
  const flipped = (bytes: Buffer, at: number) => {
    const copy = Buffer.from(bytes);
    copy[at] = (copy[at] ?? 0) ^ 1;
    return copy;
  };
  type Lies = Parameters<typeof secondLog>[1];

  it.each<[string, Lies, number, string]>([
    ['400', { log: answering(400, 'unsupported key') }, 5, '"unsupported key"'],
    ['500', { log: answering(500, 'busy') }, 5, 'status 500'],
    ['404', { log: answering(404, 'Not Found') }, 5, 'no API of version 2'],
    ['409 without an index', { log: { post: () => duplicate(undefined) } }, 5, 'x-log-index'],
    ['409 for another entry', { log: { post: () => duplicate(1) } }, 5, 'it cannot be read there'],
    [
      'the entry of another',
      { log: { post: (_, log) => ({ status: 201, body: log.entry(1) }) } },
      5,
      'no sense',
    ],
    ['a page', { log: { post: () => ({ body: '<html>' }) } }, 5, 'no sense'],
    ['no timestamp', timestamp(() => ({ status: 500, body: Buffer.from('busy') })), 5, 'timestamp authority'],
    ['a cut timestamp', timestamp((honest) => ({ body: honest.subarray(0, -1) })), 5, 'ends too early'],
    [
      'a timestamp that nobody signed',
      timestamp((honest) => ({ body: flipped(honest, honest.length - 1) })),
      10,
      'signed-time',
    ],
    ['a timestamp before the signature', { timestamps: { at: KEY_CREATED + DAY } }, 10, 'log-time'],
    [
      'a checkpoint that nobody signed',
      {
        log: {
          post: (request, log) => {
            const entry = JSON.stringify(log.entry(log.append(request)));
            return { status: 201, body: entry.replace(/(\u2014 127\.0\.0\.1 [^"\\]{20})./, '$1A') };
          },
        },
      },
      10,
      'checkpoint',
    ],
  ])('nothing is kept: %s', async (_, lies, expected, message) => {
    const [chart, servers] = [await newChart(), await secondLog(world, lies)];
    const { status, stdout, stderr } = await upload(chart.path, servers);
    expect({ status, stdout, stderr }).toMatchObject({ status: expected });
    expect(stderr).toContain(message);
    if (expected === 10) expect(stdout).toContain('Chart Sent, Entry Not Proven');
    expect(await exists(chart.bundle)).toBe(false);
  });

  it('it is not waited for without end', async () => {
    const [chart, servers] = [await newChart(), await secondLog(world, { log: { post: () => 'silent' } })];
    const { status } = await upload(chart.path, servers, ['--timeout', '200ms']);
    expect(status).toBe(5);
  });

  it('an interruption says that it was sent', async () => {
    const interruption = new AbortController();
    const lies: LogLies = {
      post: () => {
        interruption.abort();
        return 'silent';
      },
    };
    const [chart, servers] = [await newChart(), await secondLog(world, { log: lies })];
    const { status, stderr } = await upload(chart.path, servers, [], { interrupted: interruption.signal });
    expect(status).toBe(5);
    expect(stderr).toContain(`${chart.path} was sent, and interrupted before the log proved that it has it`);
    expect(await exists(chart.bundle)).toBe(false);
  });
});

describe('a usage error, before anything is read or sent, is', () => {
  it.each([
    [['--no-evidence'], 'without the bundle nobody could prove the chart'],
    [['--evidence', 'x.json'], 'kept beside it'],
    [['--rekor-public-key', 'x.pem'], '--trusted-root'],
    [['--insecure-trust-on-first-use'], '--trusted-root'],
    [['--rekor-version', '1'], '--rekor-version'],
    [['--rekor-version', '3'], '--rekor-version'],
  ])('%s', async (words, message) => {
    const [chart, servers] = [await newChart(), await secondLog(world)];
    const { status, stderr } = await upload(chart.path, servers, words);
    expect({ status, stderr }).toMatchObject({ status: 2 });
    expect(stderr).toContain(message);
    expect(servers.log.server.seen).toEqual([]);
  });

  it.each([
    ['a signing config that leaves the choice', [1, 2], 2, '--rekor-version says neither'],
    ['one without a log of version 2', [1], 3, 'expected'],
  ] as const)('%s', async (_, versions, expected, message) => {
    const [chart, { log, timestamps, trustedRoot }] = [await newChart(), await secondLog(world)];
    const config = await world.write('config.json', JSON.stringify(configOf(log, timestamps, versions)));
    const argv = ['upload', chart.path, '--keyring', keyring, '--trusted-root', trustedRoot];
    const { status, stderr } = await world.run([...argv, '--signing-config', config]);
    expect({ status, stderr }).toMatchObject({ status: expected });
    expect(stderr).toContain(message);
  });

  it('a trusted root that does not name the log: what is sent stays there for ever', async () => {
    const [chart, { log, signingConfig }] = [await newChart(), await secondLog(world)];
    const argv = ['upload', chart.path, '--keyring', keyring, '--signing-config', signingConfig];
    for (const words of [[], ['--trusted-root', 'sigstore'], ['--dry-run']]) {
      const { status, stderr } = await world.run([...argv, ...words]);
      expect({ status, stderr }).toMatchObject({ status: 2 });
      expect(stderr).toContain('expected a trusted root that names the log');
      expect(stderr).toContain('--trusted-root');
    }
    expect(log.server.seen).toEqual([]);
  });

  it('one of them beside sign without --upload', async () => {
    const chart = await newChart();
    for (const words of [
      ['--rekor-version', '2'],
      ['--signing-config', 'x.json'],
      ['--identity', '--rekor-version', '2'],
    ])
      expect((await world.run(['sign', chart.path, ...words])).status).toBe(2);
  });

  it('a log of version 2 where the public signing config names none', async () => {
    const chart = await newChart();
    const argv = ['upload', chart.path, '--keyring', keyring, '--rekor-version', '2', '--dry-run'];
    const { status, stderr } = await world.run(argv);
    expect(status).toBe(3);
    expect(stderr).toContain('an API of version 2');
  });
});

describe('of a chart in a registry, the bundle', () => {
  async function registryWithChart() {
    const registry = await serveRegistry();
    const directory = await world.subdirectory(`registry-${(charts += 1)}`);
    const chart = await writeSignedChart(directory, signer, { name: 'hello' });
    const provenance = Buffer.from(chart.provenance).toString();
    const { manifest } = registry.store.addChart(REPOSITORY, chart.archive, '0.1.0', provenance);
    return { registry, manifest, reference: `oci://${registry.host}/${REPOSITORY}:0.1.0` };
  }

  it('is attached, and verify finds it there', async () => {
    const { registry, manifest, reference } = await registryWithChart();
    const servers = await secondLog(world);
    const { status, stdout, stderr } = await upload(reference, servers, ['--attach']);
    expect({ status, stderr }).toMatchObject({ status: 0 });
    expect(stdout).toContain(`Signature Logged: oci://${registry.host}/`);
    const repository = await repositoryIn(registry);
    const { manifests } = await findReferrers(repository, hexOf(manifest.digest), PROVENANCE_BUNDLE_TYPE);
    expect(manifests).toHaveLength(1);
    const verify = ['verify', reference, '--keyring', keyring, '--trusted-root', servers.trustedRoot];
    expect(await world.run(verify)).toMatchObject({ status: 0 });
    const again = await upload(reference, servers, ['--attach']);
    expect(again.stdout).toContain('Signature Already Logged: ');
    expect(servers.log.server.seen).toHaveLength(1);
  });

  it('has no other place, so nothing is sent without --attach', async () => {
    const { reference } = await registryWithChart();
    const servers = await secondLog(world);
    const { status, stderr } = await upload(reference, servers);
    expect(status).toBe(2);
    expect(stderr).toContain('expected --attach');
    expect(servers.log.server.seen).toEqual([]);
  });

  it('that cannot be attached is an error: nothing else proves the chart', async () => {
    const { registry, reference } = await registryWithChart();
    const servers = await secondLog(world);
    registry.faults.instead = ({ method }, response) =>
      method === 'POST' && response.writeHead(403).end() instanceof Object;
    const { status, stderr } = await upload(reference, servers, ['--attach']);
    expect(status).not.toBe(0);
    expect(stderr).toContain('is logged, and its bundle is not attached');
  });
});
