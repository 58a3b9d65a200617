import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import { join } from 'node:path';
import * as openpgp from 'openpgp';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { encodeArmor } from '../../src/openpgp/armor.ts';
import { packetTag, readPackets, writePacket } from '../../src/openpgp/packets.ts';
import { answer, listen } from '../support/loopback.ts';
import { createSigner, DAY, KEY_CREATED, type TestSigner } from '../support/signer.ts';
import { selfSignedCertificate } from '../support/tls-certificate.ts';
import { World } from '../support/world/world.ts';

const identity = selfSignedCertificate();
let world: World;
let fingerprint: string;
let stranger: TestSigner;
let config: string;
let ca: string;

beforeAll(async () => {
  world = await World.open();
  ({ fingerprint } = world.publisher);
  stranger = await createSigner({ userIds: ['Stranger <stranger@charts.example>'] });
  config = join(world.directory, 'config');
  ca = await world.write('ca.pem', identity.cert);
});
beforeEach(async () => {
  await rm(config, { recursive: true, force: true });
});
afterAll(async () => {
  await world.close();
});

const folder = () => join(config, 'sigstore', 'keys');
const pathOf = (of = fingerprint) => join(folder(), `${of.toUpperCase()}.gpg`);
const kept = async () => (await readdir(folder()).catch(() => [])).sort();

/** Runs a command with a configuration of its own: without gpg on the PATH, and without a ~/.gnupg. */
async function run(argv: readonly string[], env: Readonly<Record<string, string>> = {}, stdin = '') {
  return await world.run(argv, { env: { HELM_CONFIG_HOME: config, ...env }, stdin });
}

async function add(content: Uint8Array | string, ...options: readonly string[]) {
  return await run(['keys', 'add', await world.write('given', content), ...options]);
}

async function addKnown(content: Uint8Array | string, of = fingerprint) {
  return await add(content, '--fingerprint', of);
}

async function serve(content: Uint8Array | string): Promise<string> {
  return `https://127.0.0.1:${await listen(createServer(identity, answer(200, content)))}/publisher.asc?token=secret`;
}

describe('keys add', () => {
  test('makes a consumer of somebody without gpg, without a home of GnuPG and without further options', async () => {
    const { path } = await world.loggedChart('consumed');
    const verify = ['verify', path, ...world.trusting()];
    const before = await run(verify);
    expect(before.status).toBe(10);
    expect(before.stderr).toContain('add it with helm sigstore keys add');
    const url = await serve(world.publisher.armored);
    const added = await run(['keys', 'add', url, '--fingerprint', fingerprint, '--ca-file', ca]);
    expect(added).toMatchObject({ status: 0, stderr: '' });
    expect(added.stdout).toBe(
      [
        'Added Key',
        `Fingerprint: ${fingerprint.toUpperCase()}`,
        'User ID: Test Publisher <publisher@charts.example>',
        'Key: Ed25519, created 2024-01-01T00:00:00Z, does not expire',
        `Found In: ${pathOf()}`,
        '',
      ].join('\n'),
    );
    expect(await run(verify)).toMatchObject({ status: 0, stderr: '' });
    expect((await run(['inspect', path])).stdout).toContain(`Found In: ${pathOf()}\n`);
  });

  test.each<[string, () => Promise<readonly [string, string?]>]>([
    ['a file', async () => [await world.write('armored.asc', world.publisher.armored)]],
    ['a binary file', async () => [await world.write('binary.gpg', world.publisher.certificate)]],
    ['standard input', () => Promise.resolve(['-', world.publisher.armored])],
  ])('takes %s, and keeps the certificate for its user alone', async (_, source) => {
    const [word, stdin] = await source();
    const { status } = await run(['keys', 'add', word, '--fingerprint', fingerprint], {}, stdin);
    expect(status).toBe(0);
    expect(Buffer.from(await readFile(pathOf()))).toEqual(Buffer.from(world.publisher.certificate));
    expect((await stat(folder())).mode & 0o777).toBe(0o700);
    expect((await stat(pathOf())).mode & 0o777).toBe(0o600);
    expect(await kept()).toEqual([`${fingerprint.toUpperCase()}.gpg`]);
  });

  test('without a fingerprint shows what was found and keeps nothing: status 2', async () => {
    const both = Buffer.concat([world.publisher.certificate, stranger.certificate]);
    const url = await serve(both);
    const { status, stdout, stderr } = await run(['keys', 'add', url, '--ca-file', ca]);
    expect(status).toBe(2);
    expect(stdout).toMatch(
      /^Nothing Added Yet: compare the fingerprint with the one that the publisher gave you/,
    );
    expect(stdout.match(/^Fingerprint: .*$/gm)).toEqual(
      [fingerprint, stranger.fingerprint].map((each) => `Fingerprint: ${each.toUpperCase()}`),
    );
    expect(stderr).toContain('Error: nothing was added: --fingerprint is expected, found none\nHint: ');
    expect(stdout + stderr).not.toContain('secret');
    expect(await kept()).toEqual([]);
    const json = await run(['keys', 'add', url, '--ca-file', ca, '--output', 'json']);
    expect(JSON.parse(json.stdout)).toMatchObject({
      status: 2,
      added: false,
      keys: [{ fingerprint }, { fingerprint: stranger.fingerprint }],
      errors: [{ code: 'USAGE' }],
    });
  });

  test('keeps of several certificates only those that were named', async () => {
    const both = Buffer.concat([stranger.certificate, world.publisher.certificate]);
    expect(await addKnown(both)).toMatchObject({ status: 0 });
    expect(await kept()).toEqual([`${fingerprint.toUpperCase()}.gpg`]);
    expect(await readFile(pathOf())).toEqual(Buffer.from(world.publisher.certificate));
    await add(both, '--fingerprint', fingerprint, '--fingerprint', stranger.fingerprint);
    expect(await kept()).toHaveLength(2);
  });

  test('is a command beside keys, whose options may stand before it, and which reads none that it does not take', async () => {
    const path = await world.write('given.asc', world.publisher.armored);
    expect(await run(['keys', '--fingerprint', fingerprint, 'add', path])).toMatchObject({ status: 0 });
    for (const argv of [
      ['keys', 'add', path, '--insecure-allow-weak-keys'],
      ['keys', '--insecure-allow-weak-keys', 'add', path],
    ]) {
      const refused = await run([...argv, '--fingerprint', fingerprint]);
      expect(refused).toMatchObject({ status: 2, stdout: '' });
      expect(refused.stderr).toContain('keys add expects no --insecure-allow-weak-keys, found one');
    }
    expect(await run(['keys', 'nonsense'])).toMatchObject({ status: 2 });
  });

  test('counts only where no other keys are named, with a flag or a variable', async () => {
    const { path } = await world.chart('replaced');
    await addKnown(world.publisher.certificate);
    const other = await world.write('other.gpg', stranger.certificate);
    expect((await run(['inspect', path])).status).toBe(0);
    expect((await run(['inspect', path, '--keyring', other])).status).toBe(10);
    expect((await run(['inspect', path, '--public-key', other])).status).toBe(10);
    expect((await run(['inspect', path], { KEYRING: other })).status).toBe(10);
  });

  test('counts beside the keys of GnuPG, and a revocation in either place counts', async () => {
    const gnupg = await world.subdirectory('gnupg');
    const revoked = await world.publisher.certificateWith({ revocations: [{ at: KEY_CREATED, reason: 2 }] });
    const { path } = await world.chart('beside');
    for (const [inGnupg, added] of [
      [revoked, world.publisher.certificate],
      [world.publisher.certificate, revoked],
    ] as const) {
      await rm(config, { recursive: true, force: true });
      await writeFile(join(gnupg, 'pubring.gpg'), inGnupg);
      expect((await addKnown(added)).status).toBe(0);
      const { status, stdout } = await run(['inspect', path], { GNUPGHOME: gnupg });
      expect(status).toBe(10);
      expect(stdout).toContain(`Found In: ${join(gnupg, 'pubring.gpg')}, ${pathOf()}\n`);
    }
  });
});

describe('adding a key again', () => {
  test('does not take a revocation back: an older copy changes nothing, and that is said', async () => {
    const revoked = await world.publisher.certificateWith({
      revocations: [{ at: KEY_CREATED + DAY, reason: 2 }],
    });
    await addKnown(world.publisher.certificate);
    const update = await addKnown(revoked);
    expect(update.stdout).toContain('Updated Key\nChanged: revoked as compromised on 2024-01-02T00:00:00Z\n');
    expect(update.stderr).toContain('is revoked as compromised on 2024-01-02T00:00:00Z; it is kept so that');
    const before = await readFile(pathOf());
    const older = await addKnown(world.publisher.certificate);
    expect(older.status).toBe(0);
    expect(older.stdout).toContain('Known Key, Nothing New\n');
    expect(older.stderr).toContain('lacks a revocation that is known here, which still counts');
    expect(await readFile(pathOf())).toEqual(before);
    const { path } = await world.chart('taken-back');
    expect((await run(['inspect', path])).status).toBe(10);
  });

  test.each([
    ['the revocation alone, as gpg --gen-revoke writes it', (revocation: Uint8Array) => revocation],
    [
      'the revocation behind the key of somebody else',
      (revocation: Uint8Array) => Buffer.concat([stranger.certificate, revocation]),
    ],
    [
      'the revocation before the key of somebody else',
      (revocation: Uint8Array) => Buffer.concat([revocation, stranger.certificate]),
    ],
  ])('takes %s', async (_, fileOf) => {
    const revoked = await world.publisher.certificateWith({ revocations: [{ at: KEY_CREATED + DAY }] });
    const [, revocation = expect.fail('none')] = [...readPackets(revoked)];
    await addKnown(world.publisher.certificate);
    const { status, stdout } = await addKnown(fileOf(writePacket(revocation)));
    expect(status).toBe(0);
    expect(stdout).toContain('Updated Key\nChanged: revoked without a reason on 2024-01-02T00:00:00Z\n');
    expect(await kept()).toHaveLength(1);
  });

  test('says what changed: its end, user IDs and subkeys', async () => {
    const owner = await createSigner({ expiresAfter: DAY, subkey: {} });
    await addKnown(owner.certificate, owner.fingerprint);
    const renewed = await owner.certificateWith({
      selfSignatures: [{ at: KEY_CREATED + 60, expiresAfter: 9 * DAY }],
      bindings: [{ at: KEY_CREATED + 60, expiresAfter: 3 * DAY }],
    });
    const { stdout } = await addKnown(renewed, owner.fingerprint);
    expect(stdout.match(/^Changed: .*$/gm)).toEqual([
      'Changed: expires 2024-01-10T00:00:00Z, before that expires 2024-01-02T00:00:00Z',
      `Changed: signing subkey ${owner.signingFingerprint.toUpperCase()} expires 2024-01-04T00:00:00Z, before that does not expire`,
    ]);
    const json = await run([
      'keys',
      'add',
      join(world.directory, 'given'),
      '--fingerprint',
      owner.fingerprint,
      '--output',
      'json',
    ]);
    expect(JSON.parse(json.stdout)).toMatchObject({
      added: true,
      keys: [
        {
          outcome: 'unchanged',
          changes: [],
          fingerprint: owner.fingerprint,
          place: pathOf(owner.fingerprint),
        },
      ],
    });
  });

  test('keeps a key whose only user ID a newer copy revokes, as one that cannot be used', async () => {
    const revoked = await stranger.certificateWith({ revocations: [{ at: KEY_CREATED + DAY, reason: 1 }] });
    const packets = [...readPackets(revoked)];
    const withoutUserId = Buffer.concat(packets.slice(0, 2).map(writePacket));
    const { status, stderr } = await addKnown(withoutUserId, stranger.fingerprint);
    expect(status).toBe(0);
    expect(stderr).toContain('cannot be used; it is kept for what it says of revocations');
    expect((await addKnown(stranger.certificate, stranger.fingerprint)).stdout).toContain(
      'Key Revoked: as superseded on 2024-01-02T00:00:00Z',
    );
  });
});

describe('what is no key to add is refused, and nothing is kept:', () => {
  test.each<[string, () => Promise<Uint8Array | string>, number, RegExp]>([
    ['a web page', () => Promise.resolve('<!DOCTYPE html><p>'), 3, /found a web page/],
    ['nothing', () => Promise.resolve(''), 3, /expected a key in .*given, found nothing/],
    [
      'another key',
      () => Promise.resolve(stranger.certificate),
      10,
      /expected the key [0-9A-F]{40} in .*, found [0-9A-F]{40}\n/,
    ],
    [
      'ten megabytes of noise',
      () => Promise.resolve(Buffer.alloc(10 << 20, 0x85)),
      3,
      /cannot read the keys/,
    ],
    [
      'a copy without a user ID',
      () => Promise.resolve(world.publisher.certificate.subarray(0, 53)),
      3,
      /cannot be used: .*no user ID/,
    ],
    ['a copy that is flooded', async () => await flooded(world.publisher), 3, /more than 10000 signatures/],
    [
      'a copy with more bytes than a key may have',
      async () => await large(world.publisher),
      3,
      /has more than 5242880 bytes/,
    ],
  ])('%s', async (_, content, expected, message) => {
    const { status, stdout, stderr } = await addKnown(await content());
    expect({ status, stdout }).toEqual({ status: expected, stdout: '' });
    expect(stderr).toMatch(message);
    expect(await kept()).toEqual([]);
  });

  test('a flooded copy of a key that is kept, which stays as it was', async () => {
    await addKnown(world.publisher.certificate);
    expect((await addKnown(await flooded(world.publisher))).status).toBe(3);
    expect(await readFile(pathOf())).toEqual(Buffer.from(world.publisher.certificate));
  });

  test.each([
    ['http://127.0.0.1/key.asc', 2, 'a key is fetched from an https URL only'],
    ['https://user:password@keys.example/key.asc', 2, 'a URL of a key without credentials, found some'],
    ['/nonexistent/key.asc', 3, 'there is no file /nonexistent/key.asc'],
    ['', 2, 'found an empty word'],
  ])('"%s"', async (word, expected, message) => {
    const { status, stderr } = await run(['keys', 'add', word, '--fingerprint', fingerprint]);
    expect(status).toBe(expected);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('password');
  });

  test('a key ID in place of a fingerprint', async () => {
    const { status, stderr } = await addKnown(world.publisher.certificate, fingerprint.slice(-16));
    expect(status).toBe(2);
    expect(stderr).toContain('a key ID can be forged');
  });

  test('any where one of several that were named is missing', async () => {
    const both = ['--fingerprint', fingerprint, '--fingerprint', stranger.fingerprint];
    expect((await add(world.publisher.certificate, ...both)).status).toBe(10);
    expect(await kept()).toEqual([]);
  });

  test('where there is no place for it', async () => {
    const file = await world.write('key.gpg', world.publisher.certificate);
    const argv = ['keys', 'add', file, '--fingerprint', fingerprint];
    const { status, stderr } = await world.run(argv, { home: '' });
    expect(status).toBe(3);
    expect(stderr).toContain('Hint: set HELM_CONFIG_HOME to an absolute path');
  });
});

describe('a secret key', () => {
  let secret: string;
  let secretFingerprint: string;
  beforeAll(async () => {
    const { privateKey } = await openpgp.generateKey({ userIDs: { name: 'Owner' }, format: 'object' });
    secret = privateKey.armor();
    secretFingerprint = privateKey.getFingerprint();
  });

  test('in a file of the user: only its public part is kept, with a warning', async () => {
    const { status, stderr } = await addKnown(secret, secretFingerprint);
    expect(status).toBe(0);
    expect(stderr).toContain('holds secret keys, of which only the public part was kept');
    const tags = [...readPackets(await readFile(pathOf(secretFingerprint)))].map(({ tag }) => tag);
    expect(tags).toContain(packetTag.publicKey);
    expect(tags).not.toContain(packetTag.secretKey);
    expect(tags).not.toContain(packetTag.secretSubkey);
  });

  test('at a URL is refused: whoever fetches it can sign', async () => {
    const argv = ['keys', 'add', await serve(secret), '--ca-file', ca, '--fingerprint', secretFingerprint];
    const { status, stderr } = await run(argv);
    expect(status).toBe(10);
    expect(stderr).toContain('found a secret one');
    expect(await kept()).toEqual([]);
  });
});

describe('a key that does not count as it is', () => {
  test.each<[string, () => Promise<TestSigner>, RegExp]>([
    [
      'expired',
      () => createSigner({ expiresAfter: DAY }),
      /expired on 2024-01-02T00:00:00Z: only what it signed before/,
    ],
    ['weak', () => createSigner({ algorithm: 'rsa1024' }), /count only with --insecure-allow-weak-keys/],
  ])('is kept with a warning: %s', async (_, signer, warning) => {
    const owner = await signer();
    const { status, stderr } = await addKnown(owner.certificate, owner.fingerprint);
    expect(status).toBe(0);
    expect(stderr).toMatch(warning);
  });
});

describe('keys remove', () => {
  test('removes a key, and only that', async () => {
    await addKnown(world.publisher.certificate);
    await addKnown(stranger.certificate, stranger.fingerprint);
    expect(await run(['keys', 'remove', fingerprint])).toEqual({
      status: 0,
      stdout: `Removed Key: ${fingerprint.toUpperCase()}\n`,
      stderr: '',
    });
    expect(await kept()).toEqual([`${stranger.fingerprint.toUpperCase()}.gpg`]);
    const again = await run(['keys', 'remove', fingerprint]);
    expect(again).toMatchObject({ status: 2, stdout: '' });
    expect((await run(['keys', 'remove', 'nonsense'])).status).toBe(2);
  });

  test('says where else the key is, because it goes on to count', async () => {
    await addKnown(world.publisher.certificate);
    const elsewhere = await world.write('elsewhere.gpg', world.publisher.certificate);
    expect(await run(['keys', 'remove', fingerprint], { KEYRING: elsewhere })).toEqual({
      status: 0,
      stdout: `Removed Key: ${fingerprint.toUpperCase()}\n`,
      stderr: `Warning: the signatures of ${fingerprint.toUpperCase()} go on to count: the key is in ${elsewhere} as well\n`,
    });
  });

  test('does not look for keyrings that cannot be read', async () => {
    await addKnown(world.publisher.certificate);
    const ran = await run(['keys', 'remove', fingerprint], { KEYRING: '/nonexistent' });
    expect(ran).toMatchObject({ status: 0, stderr: '' });
  });

  test('warns of a revocation that goes with it', async () => {
    await addKnown(await world.publisher.certificateWith({ revocations: [{ at: KEY_CREATED + DAY }] }));
    const { stderr } = await run(['keys', 'remove', fingerprint]);
    expect(stderr).toContain(
      'was revoked: copies in other places that lack the revocation count from now on',
    );
  });
});

describe('a damaged file of keys add', () => {
  test.each<[string, () => Uint8Array]>([
    ['is empty', () => new Uint8Array()],
    ['is cut', () => world.publisher.certificate.subarray(0, 100)],
    ['holds the key of somebody else', () => stranger.certificate],
    ['holds a further key', () => Buffer.concat([world.publisher.certificate, stranger.certificate])],
  ])('is never ignored, and can be removed: it %s', async (_, content) => {
    const { path } = await world.chart('damaged', stranger);
    await mkdir(folder(), { recursive: true });
    await writeFile(pathOf(), content());
    for (const argv of [['inspect', path], ['keys'], ['keys', 'add', path, '--fingerprint', fingerprint]]) {
      const { status, stderr } = await run(argv);
      expect(status, argv.join(' ')).toBe(3);
      if (argv[1] !== 'add')
        expect(stderr).toContain(`Hint: helm sigstore keys remove ${fingerprint} removes the file`);
    }
    expect(await run(['keys', 'remove', fingerprint])).toMatchObject({ status: 0, stderr: '' });
    expect((await run(['keys'])).status).toBe(0);
  });
});

test('doctor shows the folder, and state clear leaves it alone', async () => {
  const found = async (...options: readonly string[]) => {
    const { stdout } = await run(['doctor', ...world.trusting(), '--output', 'json', ...options]);
    const { findings } = JSON.parse(stdout) as { findings: { subject: string; found: string }[] };
    return findings.find(({ subject }) => subject === 'Added Keys')?.found;
  };
  expect(await found()).toBe(`${folder()}, nothing there yet`);
  await addKnown(world.publisher.certificate);
  expect(await found()).toBe(`${folder()} (1 key)`);
  expect(await found('--keyring', world.keyring)).toBe(
    `${folder()} (1 key); other keys are named here, and replace these`,
  );
  await run(['state', 'clear'], { HELM_DATA_HOME: join(world.directory, 'data') });
  expect(await kept()).toHaveLength(1);
});

/** A copy with more signatures than anybody needs. */
function flooded({ certificate }: TestSigner): Promise<Uint8Array> {
  const [signature = expect.fail('none')] = [...readPackets(certificate)].filter(
    ({ tag }) => tag === packetTag.signature,
  );
  const forged = Array.from({ length: 10_001 }, (_, index) => {
    const body = Buffer.from(signature.body);
    body.writeUInt32BE(index, body.length - 4);
    return writePacket({ tag: packetTag.signature, body });
  });
  return Promise.resolve(
    Buffer.from(encodeArmor('PGP PUBLIC KEY BLOCK', Buffer.concat([certificate, ...forged]))),
  );
}

/** A copy with photos. */
function large({ certificate }: TestSigner): Promise<Uint8Array> {
  const photo = (octet: number) =>
    writePacket({ tag: packetTag.userAttribute, body: Buffer.alloc(1 << 20, octet) });
  return Promise.resolve(Buffer.concat([certificate, ...[1, 2, 3, 4, 5].map(photo)]));
}
