import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { UsageError } from '../../src/errors.ts';
import { encodeBase64, decodeHex } from '../../src/encoding.ts';
import type { LogKey } from '../../src/tlog/log-key.ts';
import { writePin } from '../../src/trust/pins.ts';
import { chooseTrust, type TrustSetting } from '../../src/trust/trusted-log.ts';
import { selectTrustedLog } from '../../src/trust/trusted-log-files.ts';
import { newLogKeys } from '../support/log-keys.ts';
import { FakeTiledLog } from '../support/fake-tiled-log.ts';
import { temporaryDirectory } from '../support/temporary-directory.ts';

const flag = (...values: string[]): TrustSetting => ({ values, from: 'flag' });
const variable = (...values: string[]): TrustSetting => ({ values, from: 'variable' });
const nowhere: TrustSetting = { values: [], from: 'nowhere' };

describe('whose keys count', () => {
  test.each([
    ['key files by flag', flag('a', 'b'), nowhere, { kind: 'public-key-files', paths: ['a', 'b'] }],
    ['a key file by variable', variable('a'), nowhere, { kind: 'public-key-files', paths: ['a'] }],
    ['a root by flag', nowhere, flag('r'), { kind: 'trusted-root-file', path: 'r' }],
    ['a root by variable', nowhere, variable('r'), { kind: 'trusted-root-file', path: 'r' }],
    ['Sigstore by its name', nowhere, flag('sigstore'), { kind: 'sigstore-root' }],
    ['a file of that name', nowhere, flag('./sigstore'), { kind: 'trusted-root-file', path: './sigstore' }],
    [
      'a flag before the variable of the other',
      variable('a'),
      flag('r'),
      { kind: 'trusted-root-file', path: 'r' },
    ],
    [
      'a flag before the variable of the other',
      flag('a'),
      variable('r'),
      { kind: 'public-key-files', paths: ['a'] },
    ],
    ['nothing', nowhere, nowhere, { kind: 'none' }],
  ] as const)('%s', (_, publicKeys, trustedRoot, choice) => {
    expect(chooseTrust(publicKeys, trustedRoot)).toEqual(choice);
  });

  test('both by flag, or both by variable, is an error of usage', () => {
    expect(() => chooseTrust(flag('a'), flag('r'))).toThrow(
      'expected --rekor-public-key or --trusted-root, found both',
    );
    expect(() => chooseTrust(variable('a'), variable('r'))).toThrow(
      'expected SIGSTORE_REKOR_PUBLIC_KEY or SIGSTORE_TRUSTED_ROOT, found both',
    );
    expect(() => chooseTrust(flag('a'), flag('r'))).toThrow(UsageError);
  });
});

const url = 'https://rekor.example.com';
const publicLog = 'https://rekor.sigstore.dev';
const publicLogId = 'c0d23d6ad406973f9559f3ba2d1ca01f84147d8ffc5b8445c224f98b9591801d';
const none = { kind: 'none' } as const;
const [first, second] = [newLogKeys['P-256']().key, newLogKeys.Ed25519().key];
const pem = ({ publicKey }: LogKey) => publicKey.export({ format: 'pem', type: 'spki' }).toString();
const idsOf = (log: { keys: readonly LogKey[] } | undefined) => log?.keys.map(({ logId }) => logId);

async function fileOf(content: string, name = 'file'): Promise<string> {
  const path = join(await temporaryDirectory(), name);
  await writeFile(path, content);
  return path;
}

function rootOf(...keys: readonly LogKey[]): string {
  const tlogs = keys.map((key) => ({
    baseUrl: 'https://elsewhere.example.com',
    publicKey: {
      rawBytes: encodeBase64(key.publicKey.export({ format: 'der', type: 'spki' })),
      keyDetails: key.publicKey.asymmetricKeyType === 'ed25519' ? 'PKIX_ED25519' : 'PKIX_ECDSA_P256_SHA_256',
    },
    logId: { keyId: encodeBase64(decodeHex(key.logId)) },
  }));
  return JSON.stringify({ mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1', tlogs });
}

describe('the keys of a log', () => {
  test('come from all blocks of all key files', async () => {
    const paths = [await fileOf(`one\n${pem(first)}two\n${pem(second)}`), await fileOf(pem(first))];
    const log = await selectTrustedLog(url, { kind: 'public-key-files', paths }, undefined, undefined);
    expect(idsOf(log)).toEqual([first.logId, second.logId, first.logId]);
    expect(log).toMatchObject({ url, source: { kind: 'public-key-file', detail: paths.join(', ') } });
  });

  test('come from all logs of a trusted root, whatever their addresses', async () => {
    const path = await fileOf(rootOf(first, second));
    const log = await selectTrustedLog(url, { kind: 'trusted-root-file', path }, undefined, undefined);
    expect(idsOf(log)).toEqual([first.logId, second.logId]);
    expect(log?.source).toEqual({ kind: 'trusted-root', detail: path });
  });

  test("come from Sigstore's root for a mirror, if it is called by name", async () => {
    const log = await selectTrustedLog(url, { kind: 'sigstore-root' }, undefined, undefined);
    expect(idsOf(log)).toContain(publicLogId);
    expect(log?.source.kind).toBe('trusted-root');
    expect(log?.source.detail).toMatch(/^Sigstore's trusted root of 20/);
  });

  test('are built in for exactly the public log', async () => {
    const log = await selectTrustedLog(publicLog, none, undefined, undefined);
    expect(idsOf(log)).toEqual([publicLogId]);
    expect(log?.source.kind).toBe('built-in');
  });

  test.each([
    'http://rekor.sigstore.dev',
    'https://rekor.sigstore.dev.example.com',
    'https://rekor.sigstore.dev:8443',
    'https://rekor.sigstore.dev/prefix',
    'https://rekor.sigstage.dev',
    url,
  ])('are unknown for %s: nobody trusts it', async (other) => {
    expect(await selectTrustedLog(other, none, await temporaryDirectory(), undefined)).toBeUndefined();
  });

  test('come from the pin before the built-in ones', async () => {
    const pins = await temporaryDirectory();
    const path = await writePin(pins, { url: publicLog, keys: [second], pinnedAt: 0 });
    const log = await selectTrustedLog(publicLog, none, pins, undefined);
    expect(idsOf(log)).toEqual([second.logId]);
    expect(log?.source).toEqual({ kind: 'pin', detail: path });
  });

  test('come from the file that was chosen before the pin', async () => {
    const pins = await temporaryDirectory();
    await writePin(pins, { url, keys: [second], pinnedAt: 0 });
    const choice = { kind: 'public-key-files', paths: [await fileOf(pem(first))] } as const;
    expect(idsOf(await selectTrustedLog(url, choice, pins, undefined))).toEqual([first.logId]);
  });
});

describe('a file of keys', () => {
  test.each([
    ['public-key-files', '', 'to hold the public keys of a log in PEM: '],
    ['public-key-files', 'text', 'to hold the public keys of a log in PEM: '],
    ['public-key-files', '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n', 'in PEM: '],
    ['trusted-root-file', '', 'to hold a trusted root: expected JSON, found nothing'],
    ['trusted-root-file', '<html>', 'to hold a trusted root: expected JSON, found an HTML page'],
    ['trusted-root-file', '{}', 'to hold a trusted root: mediaType: expected a string, found nothing'],
    ['trusted-root-file', rootOf(), 'to hold a trusted root: there is no key of a Rekor v1 log in it'],
  ] as const)('as %s with %j is refused', async (kind, content, message) => {
    const path = await fileOf(content);
    const choice = kind === 'public-key-files' ? { kind, paths: [path] } : { kind, path };
    const failure = selectTrustedLog(url, choice, undefined, undefined);
    await expect(failure).rejects.toMatchObject({ code: 'INPUT' });
    await expect(failure).rejects.toThrow(`expected ${path} ${message}`.slice(0, 40));
    await expect(failure).rejects.toThrow(message);
  });

  test('of logs of Rekor v2 alone gives no key of the log that is asked, also where a pin has one', async () => {
    const pins = await temporaryDirectory();
    await writePin(pins, { url, keys: [first], pinnedAt: 0 });
    const { trustedLog } = await FakeTiledLog.start();
    const root = JSON.stringify({ ...(JSON.parse(rootOf()) as object), tlogs: [trustedLog] });
    const choice = { kind: 'trusted-root-file', path: await fileOf(root) } as const;
    expect(await selectTrustedLog(url, choice, pins, undefined)).toBeUndefined();
  });

  test('that is not there, or is a directory, is named', async () => {
    const directory = await temporaryDirectory();
    const missing = join(directory, 'none.pem');
    const select = (path: string) =>
      selectTrustedLog(url, { kind: 'public-key-files', paths: [path] }, undefined, undefined);
    await expect(select(missing)).rejects.toThrow(`there is no file ${missing}`);
    await expect(select(directory)).rejects.toThrow(`cannot read ${directory}: EISDIR`);
  });
});
