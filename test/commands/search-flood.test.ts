import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { build } from 'esbuild';
import { beforeAll, describe, expect, it } from 'vitest';
import { encodeUtf8 } from '../../src/encoding.ts';
import { packetTag, writePacket } from '../../src/openpgp/packets.ts';
import { manyCertificates } from '../support/many-certificates.ts';
import { HostileWorld, LOGGED } from '../support/world/hostile-world.ts';

const ROOT = join(import.meta.dirname, '..', '..');
let program = '';

/**
 * Runs the program in a process of its own and says, as its last line of stderr, how much memory it took. (What Node says
 * of that is at least what its parent had.)
 */
const STARTER = `
import { readFileSync } from 'node:fs';
import { run } from './src/main.ts';
import { processContext } from './src/run/context.ts';
process.exitCode = await run(process.argv.slice(2), processContext());
process.stderr.write('\\nPeak: ' + /VmHWM:\\s*([0-9]+)/.exec(readFileSync('/proc/self/status', 'utf8'))[1] + '\\n');
`;

beforeAll(async () => {
  const { outputFiles } = await build({
    stdin: { contents: STARTER, resolveDir: ROOT, loader: 'ts' },
    ...{ bundle: true, write: false, platform: 'node', format: 'esm', minify: true },
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
    define: { __VERSION__: '"0.0.0"' },
  });
  program = outputFiles[0]?.text ?? '';
});

/** What a search in a process of its own said, and its largest size in MiB. */
async function search(hostile: HostileWorld, output: string) {
  const path = await hostile.write('program.mjs', program);
  const argv = ['search', hostile.chart.path, '--rekor-server', hostile.server.url, '--output', output];
  const child = spawn(process.execPath, [path, ...argv, ...hostile.user.trust], {
    env: { HELM_SIGSTORE_HOME: join(hostile.directory, 'state') },
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const [status] = (await once(child, 'close')) as [number];
  const peak = Number(/Peak: ([0-9]+)/.exec(stderr)?.[1]) / 1024;
  return { status, stdout, stderr, peak };
}

/** A certificate of nobody: a key packet as in a true one, and user IDs without a signature. */
function certificate(key: Uint8Array, userIds: readonly string[]): Uint8Array {
  return Buffer.concat([
    writePacket({ tag: packetTag.publicKey, body: key }),
    ...userIds.map((text) => writePacket({ tag: packetTag.userId, body: encodeUtf8(text) })),
  ]);
}

function keyBody(number: number): Uint8Array {
  const [body] = manyCertificates(1);
  const key = Buffer.from((body ?? Buffer.alloc(0)).subarray(2, 2 + (body?.[1] ?? 0)));
  key.writeUInt32BE(1_700_000_000 + number, 1);
  return key;
}

const key = keyBody(0);
const keys = Array.from({ length: 800 }, (_, number) => {
  const other = Buffer.from(key);
  other.writeUInt32BE(1_700_000_000 + number, 1);
  return other;
});

const FLOODS: readonly (readonly [string, number, (number: number) => Uint8Array])[] = [
  ['80 entries with a user ID of 400 KB', 80, (at) => certificate(key, [`${at} ${'x'.repeat(400_000)}`])],
  [
    '80 entries with a user ID of 400 KB, all of two bytes',
    80,
    (at) => certificate(key, [`${at} ${'é'.repeat(200_000)}`]),
  ],
  [
    '80 entries with 4000 user IDs',
    80,
    (at) =>
      certificate(
        key,
        Array.from({ length: 4000 }, (_, i) => `${at} user ${i} <user-${i}@flood.example>`),
      ),
  ],
  ['60 entries with 800 certificates of three user IDs', 60, (at) => manyOf(keys, at)],
  // The longest that is still read.
  ['60 entries with 360 certificates of three user IDs', 60, (at) => manyOf(keys.slice(0, 360), at)],
  ['400 entries of others', 400, (at) => certificate(key, [`${at} <other@flood.example>`])],
];

function manyOf(bodies: readonly Uint8Array[], at: number): Uint8Array {
  const certificates = bodies.map((each, i) =>
    certificate(
      each,
      [0, 1, 2].map((n) => `${at} ${i} ${n} <user-${n}@flood.example>`),
    ),
  );
  return Buffer.concat(certificates);
}

interface Counted {
  readonly entries: readonly unknown[];
  readonly entriesNotShown?: number;
  readonly unreadable: number;
}

describe('a search that finds', () => {
  it.each(FLOODS)(
    '%s stays small, and has the good one among them',
    async (_, count, certificateOf) => {
      const hostile = await HostileWorld.open();
      const good = () => hostile.log.append(hostile.body(), { integratedTime: LOGGED });
      const floodFrom = (from: number, to: number) => {
        for (let at = from; at < to; at++) {
          const signatureBytes = Buffer.concat([hostile.provenance.signatureBytes, encodeUtf8(`${at}`)]);
          const body = hostile.body({ signatureBytes, certificateBytes: certificateOf(at) });
          hostile.log.append(body, { integratedTime: LOGGED });
        }
      };
      floodFrom(0, count / 2);
      const { uuid } = good();
      floodFrom(count / 2, count);
      hostile.log.indexed = [...new Set(hostile.log.indexed)];

      const text = await search(hostile, 'text');
      expect(text.stdout).toContain(`Rekor UUID: ${uuid}\n`);
      expect(text.status).toBe(0);
      expect(Buffer.byteLength(text.stdout)).toBeLessThan(256 * 1024);
      expect(text.peak).toBeLessThan(120);

      const json = await search(hostile, 'json');
      expect(json.stdout).toContain(uuid);
      expect(json.peak).toBeLessThan(120);
      const { entries, entriesNotShown = 0, unreadable } = JSON.parse(json.stdout) as Counted;
      expect(entries.length + entriesNotShown + unreadable).toBe(count + 1);
    },
    120_000,
  );
});
