import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { integer, octets, oid, sequence, text, tlv } from '../support/der.ts';
import {
  email,
  extension,
  ForgedSigstore,
  publicPemOf,
  SIGNED_AT,
  uri,
  type Certified,
  type Signer,
} from '../support/forged-sigstore.ts';
import { runProgram, type Ran } from '../support/program.ts';
import { Folder } from '../support/world/folder.ts';

const FILE = Buffer.from('a file\n');
const SHA256 = createHash('sha256').update(FILE).digest('hex');
const BY_A = [
  '--certificate-identity',
  'a@example.com',
  '--certificate-oidc-issuer',
  'https://issuer.example',
];
const PREDICATE = 'https://in-toto.io/attestation/release/v0.2';

const sigstore = new ForgedSigstore();
let folder: Folder;
let file: string;
let root: string;

beforeAll(async () => {
  folder = await Folder.create();
  file = await folder.write('a.txt', FILE);
  root = await folder.write('root.json', sigstore.trustedRoot());
});

afterAll(async () => {
  await folder.close();
});

/** Judges a file by the bundles, a line each; the text of a run, or its JSON. */
async function verify(bundles: object | readonly object[] | string, ...options: string[]): Promise<Ran> {
  const lines =
    typeof bundles === 'string'
      ? bundles
      : [bundles]
          .flat()
          .map((each) => JSON.stringify(each))
          .join('\n');
  const bundle = await folder.write('a.bundle', lines);
  return await bundleVerify(file, '--bundle', bundle, ...options);
}

async function bundleVerify(...argv: string[]): Promise<Ran> {
  return await runProgram(['bundle', 'verify', ...argv, '--trusted-root', root], { now: SIGNED_AT + 3600 });
}

/** The check that failed, `malformed`, or `proven`. */
async function outcome(bundle: object | readonly object[] | string, ...options: string[]): Promise<string> {
  const { status, stdout, stderr } = await verify(
    bundle,
    ...(options.length === 0 ? BY_A : options),
    '--output',
    'json',
  );
  if (status === 3) return stderr === '' && stdout === '' ? 'silent' : 'malformed';
  const { verdict, checks } = JSON.parse(stdout) as {
    verdict: string;
    checks: readonly { id: string; outcome: string }[];
  };
  expect(status).toBe(verdict === 'verified' ? 0 : 10);
  return verdict === 'verified'
    ? 'proven'
    : (checks.find((each) => each.outcome === 'failed')?.id ?? 'nothing');
}

const certified = (what: Certified = {}) => sigstore.message(FILE, sigstore.signer(what));
const key = (): Signer => ({ privateKey: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey });
const keyFile = async ({ privateKey }: Signer) => await folder.write('key.pem', publicPemOf(privateKey));
const statementOf = (subject: readonly object[], more: object = {}) =>
  JSON.stringify({
    _type: 'https://in-toto.io/Statement/v1',
    predicateType: PREDICATE,
    subject,
    predicate: {},
    ...more,
  });
const stated = (payload: string, kind?: 'dsse' | 'intoto') =>
  sigstore.statement(payload, sigstore.signer(), kind);
const about = (sha256: string) => [{ name: 'a.txt', digest: { sha256 } }];

describe('what a good bundle comes to', () => {
  it('says who signed, when, and what was not looked at', async () => {
    const { status, stdout, stderr } = await verify(certified(), ...BY_A);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('Bundle verified (no chart, name or policy checked)');
    expect(stdout).toContain('Signed By: a@example.com\nIssuer: https://issuer.example\n');
    expect(stdout).toContain('Checks: 11 passed, statement skipped: a signature over the file itself');
    expect(stdout).not.toContain('entry-binding');
    const { stdout: verbose } = await verify(certified(), ...BY_A, '--verbose');
    expect(verbose).toMatch(/passed +entry-binding/);
  });

  it('says where a promise is all there is', async () => {
    const bundle = certified() as { mediaType: string; verificationMaterial: Record<string, unknown> };
    const { tlogEntries, certificate } = bundle.verificationMaterial as {
      tlogEntries: readonly { inclusionProof: unknown }[];
      certificate: object;
    };
    const [{ inclusionProof, ...entry } = { inclusionProof: undefined }] = tlogEntries;
    expect(inclusionProof).toBeDefined();
    const promised = {
      ...bundle,
      mediaType: 'application/vnd.dev.sigstore.bundle+json;version=0.1',
      verificationMaterial: { x509CertificateChain: { certificates: [certificate] }, tlogEntries: [entry] },
    };
    const { status, stdout } = await verify(promised, ...BY_A);
    expect(status).toBe(0);
    expect(stdout).toContain('inclusion-proof skipped: promise only');
  });

  it('is a JSON document of kind bundle', async () => {
    const { stdout } = await verify(certified(), ...BY_A, '--output', 'json');
    expect(JSON.parse(stdout)).toMatchObject({
      kind: 'bundle',
      file: { path: file, sha256: SHA256 },
      verdict: 'verified',
      profile: 'bundle-certificate',
      signer: { identity: 'a@example.com', issuer: 'https://issuer.example' },
      signedAt: new Date(SIGNED_AT * 1000).toISOString().replace('.000', ''),
    });
  });

  it.each(['dsse', 'intoto'] as const)('is one with an entry of kind %s', async (kind) => {
    expect(await outcome(stated(statementOf(about(SHA256)), kind))).toBe('proven');
    const altered = stated(statementOf(about(SHA256)), kind) as { dsseEnvelope: { payload: string } };
    altered.dsseEnvelope.payload = Buffer.from(statementOf(about(SHA256), { x: 1 })).toString('base64');
    expect(await outcome(altered)).toBe('entry-binding');
  });
});

describe('certificates', () => {
  const names = (...parts: readonly Uint8Array[]) => ({ names: parts });
  it.each<[string, string, Certified]>([
    ['two names', 'malformed', names(email('a@example.com'), email('b@example.com'))],
    ['no name', 'malformed', names()],
    ['a DNS name', 'identity', names(tlv(0x82, Buffer.from('a@example.com')))],
    ['a URI that spells the address', 'identity', names(uri('mailto:a@example.com'))],
    ['a directory name', 'identity', names(tlv(0xa4, sequence()))],
    [
      'a user name of Fulcio',
      'identity',
      names(tlv(0xa0, oid('1.3.6.1.4.1.57264.1.7'), tlv(0xa0, text('a')))),
    ],
    ['NUL behind the name', 'identity', names(email('a@example.com\0.evil.example'))],
    ['no purpose', 'certificate', { isForCode: false }],
    ['a CA', 'certificate', { isCA: true }],
    ['no proof that it was logged', 'certificate', { hasTimestamp: false }],
    ['no issuer', 'malformed', { issuer: '' }],
    ['two issuers', 'malformed', { oldIssuer: 'https://other.example' }],
    ['the same issuer twice', 'proven', { oldIssuer: 'https://issuer.example' }],
    ['the older issuer alone', 'proven', { issuer: '', oldIssuer: 'https://issuer.example' }],
    ['an issuer with NUL', 'identity', { issuer: 'https://issuer.example\0' }],
    ['an extension twice', 'malformed', { more: [extension('2.5.29.17', sequence(email('b@example.com')))] }],
    [
      'an extension with a long name',
      'malformed',
      { more: [sequence(tlv(0x06, Buffer.alloc(100, 0x81)), octets())] },
    ],
    ['octet strings in octet strings', 'malformed', { more: [extension('1.2.3', bomb(100))] }],
    [
      'many extensions',
      'malformed',
      { more: Array.from({ length: 2000 }, (_, n) => extension(`1.2.${n}`, integer(1))) },
    ],
  ])('%s: %s', async (_, expected, what) => {
    expect(await outcome(certified(what))).toBe(expected);
  });

  it('control characters are not printed, and make no lines', async () => {
    const forged = {
      names: [email('a\u001b[2J\nChecks: 99 passed\u202e@example.com')],
      issuer: 'https://i.example\r\nFile: x',
    };
    for (const form of ['text', 'json', 'jsonl']) {
      const { stdout, stderr } = await verify(certified(forged), ...BY_A, '--verbose', '--output', form);
      expect(`${stdout}${stderr}`).not.toMatch(/[\u001b\u202e\r]/);
      expect(`${stdout}${stderr}`).not.toMatch(/^(?:Checks: 99|File: x)/m);
    }
  });
});

/** Octet strings whose ends lie behind those around them: each doubles the time of a reader that goes back. */
function bomb(count: number): Uint8Array {
  const bytes = Buffer.alloc(count * 6);
  for (let at = 0; at < bytes.length; at += 6) {
    const rest = bytes.length - at - 6;
    bytes.set(rest < 256 ? [4, 4, 5, 0, 5, 0] : [4, 4, 4, 0x82, rest >> 8, rest & 255], at);
  }
  return bytes;
}

describe('keys', () => {
  it('the one that signed', async () => {
    const signer = key();
    expect(await outcome(sigstore.message(FILE, signer), '--key', await keyFile(signer))).toBe('proven');
  });

  it('another', async () => {
    const bundle = sigstore.message(FILE, key());
    expect(await outcome(bundle, '--key', await keyFile(key()))).toBe('entry-binding');
  });

  it('one of whom an identity is asked', async () => {
    expect(await outcome(sigstore.message(FILE, key()))).toBe('malformed');
  });

  it('a certificate of which a key is asked', async () => {
    const signer = sigstore.signer();
    expect(await outcome(sigstore.message(FILE, signer), '--key', await keyFile(signer))).toBe('identity');
  });

  it('both cannot be asked for, and neither is refused as well', async () => {
    const both = await verify(certified(), ...BY_A, '--key', await keyFile(key()));
    expect(both).toMatchObject({ status: 2, stdout: '' });
    expect(await verify(certified())).toMatchObject({ status: 2, stdout: '' });
  });

  it.each([
    ['P-384', 'sha384', generateKeyPairSync('ec', { namedCurve: 'P-384' })],
    ['P-521', 'sha512', generateKeyPairSync('ec', { namedCurve: 'P-521' })],
    ['RSA 2048', 'sha256', generateKeyPairSync('rsa', { modulusLength: 2048 })],
    ['Ed25519', null, generateKeyPairSync('ed25519')],
  ] as const)('%s signs statements', async (_, hash, { privateKey }) => {
    const signer = { privateKey };
    const bundle = sigstore.statement(statementOf(about(SHA256)), signer, 'dsse', hash);
    expect(await outcome(bundle, '--key', await keyFile(signer))).toBe('proven');
  });

  it('RSA 1024 does not count', async () => {
    const signer = { privateKey: generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey };
    expect(await outcome(sigstore.message(FILE, signer), '--key', await keyFile(signer))).toBe('signature');
    const bundle = sigstore.statement(statementOf(about(SHA256)), signer);
    expect(await outcome(bundle, '--key', await keyFile(signer))).toBe('signature');
  });

  it('P-384 signs with SHA-384 alone', async () => {
    const signer = { privateKey: generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey };
    const bundle = sigstore.statement(statementOf(about(SHA256)), signer, 'dsse', 'sha256');
    expect(await outcome(bundle, '--key', await keyFile(signer))).toBe('signature');
  });
});

describe('signatures that are spelled otherwise', () => {
  const respelled = (change: (signature: Buffer) => Uint8Array) => {
    const signer = sigstore.signer();
    return sigstore.message(FILE, signer, Buffer.from(change(sign('sha256', FILE, signer.privateKey))));
  };
  it.each([
    ['a byte behind it', (bytes: Buffer): Uint8Array => Buffer.concat([bytes, Buffer.from([0])])],
    ['a number with a zero before it', (bytes: Buffer): Uint8Array => padded(bytes)],
    [
      'a long length',
      (bytes: Buffer): Uint8Array => Buffer.concat([Buffer.from([0x30, 0x81]), bytes.subarray(1)]),
    ],
  ])('%s', async (_, change) => {
    expect(await outcome(respelled(change))).toBe('signature');
  });
});

function padded(signature: Buffer): Uint8Array {
  const length = signature[3] ?? 0;
  const [r, s] = [signature.subarray(4, 4 + length), signature.subarray(4 + length)];
  return sequence(tlv(0x02, Buffer.from([0]), r), s);
}

describe('statements', () => {
  it.each<[string, string, string]>([
    ['about another file', 'archive-digest', statementOf(about('0'.repeat(64)))],
    ['about this file twice', 'archive-digest', statementOf([...about(SHA256), ...about(SHA256)])],
    ['about another file as well', 'proven', statementOf([...about('0'.repeat(64)), ...about(SHA256)])],
    ['with the digest in capitals', 'archive-digest', statementOf(about(SHA256.toUpperCase()))],
    [
      'with SHA-512 alone',
      'archive-digest',
      statementOf([{ name: 'a.txt', digest: { sha512: '0'.repeat(128) } }]),
    ],
    ['with a list for a digest', 'archive-digest', statementOf([{ digest: { sha256: [SHA256] } }])],
    ['about nothing', 'archive-digest', statementOf([])],
    ['of version 0.1', 'proven', statementOf(about(SHA256), { _type: 'https://in-toto.io/Statement/v0.1' })],
    [
      'of version 2',
      'archive-digest',
      statementOf(about(SHA256), { _type: 'https://in-toto.io/Statement/v2' }),
    ],
    ['with a member twice', 'archive-digest', statementOf(about(SHA256)).replace('{', '{"subject":[],')],
    ['that is no JSON', 'archive-digest', '{'],
  ])('%s: %s', async (_, expected, payload) => {
    expect(await outcome(stated(payload))).toBe(expected);
  });

  it('--predicate-type lets no other kind count, and no signature without a statement', async () => {
    const bundle = stated(statementOf(about(SHA256)));
    expect(await outcome(bundle, ...BY_A, '--predicate-type', PREDICATE)).toBe('proven');
    expect(await outcome(bundle, ...BY_A, '--predicate-type', PREDICATE.slice(0, -1))).toBe('statement');
    expect(await outcome(certified(), ...BY_A, '--predicate-type', PREDICATE)).toBe('statement');
  });
});

describe('files', () => {
  it('of several bundles one has to hold, whatever is wrong with the others', async () => {
    const others = [
      sigstore.message(FILE, key()),
      certified({ issuer: '' }),
      certified({ names: [email('b@x.org')] }),
    ];
    expect(await outcome([...others, certified()])).toBe('proven');
    expect(await outcome(others)).toBe('identity');
    expect(await outcome(others.slice(0, 2))).toBe('malformed');
  });

  it.each([
    ['a line that is no bundle', () => `${JSON.stringify(certified())}\n{"mediaType":"x"}`],
    ['the name of a member of all objects', () => JSON.stringify({ ...certified(), mediaType: 'toString' })],
    ['4 MiB and more', () => `{"a":"${'x'.repeat(4 * 1024 * 1024)}"}`],
    ['nothing', () => ''],
    ['a page', () => '<html></html>'],
  ])('%s is no bundle', async (_, content) => {
    expect(await outcome(content())).toBe('malformed');
  });

  it.each([
    ['a directory as the file', () => [folder.directory, '--bundle', root]],
    ['no file', () => [join(folder.directory, 'none'), '--bundle', join(folder.directory, 'good')]],
    ['a directory as the bundle', () => [file, '--bundle', folder.directory]],
    ['no bundle', () => [file, '--bundle', join(folder.directory, 'none')]],
    ['no bundle beside it', () => [root]],
    [
      'a pipe as the file',
      () => [join(folder.directory, 'pipe'), '--bundle', join(folder.directory, 'good')],
    ],
  ])('%s: status 3', async (_, argv) => {
    await folder.write('good', JSON.stringify(certified()));
    execFileSync('mkfifo', ['-m', '600', join(folder.directory, 'pipe')], { stdio: 'ignore' });
    const { status, stdout, stderr } = await bundleVerify(...argv(), ...BY_A);
    await folder.remove('pipe');
    expect({ status, stdout }).toEqual({ status: 3, stdout: '' });
    expect(stderr).not.toContain('internal');
  });

  it('a bundle may come from a pipe', async () => {
    const pipe = join(folder.directory, 'bundle-pipe');
    execFileSync('mkfifo', [pipe]);
    const [{ status }] = await Promise.all([
      bundleVerify(file, '--bundle', pipe, ...BY_A),
      writeFile(pipe, JSON.stringify(certified())),
    ]);
    expect(status).toBe(0);
  });

  it('an empty file can be signed as well', async () => {
    const empty = await folder.write('empty', '');
    await folder.write(
      'empty.sigstore.json',
      JSON.stringify(sigstore.message(Buffer.alloc(0), sigstore.signer())),
    );
    expect((await bundleVerify(empty, ...BY_A)).status).toBe(0);
    expect((await bundleVerify(file, '--bundle', `${empty}.sigstore.json`, ...BY_A)).status).toBe(10);
  });
});
