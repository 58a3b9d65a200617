import { execFile } from 'node:child_process';
import { createHash, verify, X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, readlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { readVectorJson, vectors } from '../support/vectors.ts';
import { certified, signedMessage } from './independent-signer.ts';
import { Sigstore } from './stack/sigstore.ts';

const binaries = inject('sigstore');
const cosign = inject('cosign');
const EMAIL = 'publisher@example.com';
const ARCHIVE = Buffer.from('an archive');
/** Precertificate promises of a CT log (RFC 6962 3.3), DER of 1.3.6.1.4.1.11129.2.4.2. */
const PROMISES = Buffer.from('060a2b06010401d679020402', 'hex');

describe.skipIf(binaries === undefined)('a Sigstore on loopback (needs Go: no real Sigstore)', () => {
  let sigstore: Sigstore;
  beforeAll(async () => {
    if (binaries !== undefined) sigstore = await Sigstore.start(binaries);
  });
  afterAll(() => sigstore.stop());

  async function leafFor(token: string): Promise<X509Certificate> {
    const { chain, key } = await certified(sigstore, token);
    const [leaf, intermediate, root] = chain.map((each) => new X509Certificate(each));
    if (!leaf || !intermediate || !root) throw new Error('expected three certificates');
    expect(leaf.publicKey.equals(key.publicKey)).toBe(true);
    expect(leaf.verify(intermediate.publicKey)).toBe(true);
    expect(intermediate.verify(root.publicKey)).toBe(true);
    expect(root.raw).toEqual(sigstore.servers.authority.root.certificate);
    return leaf;
  }

  it('certifies an e-mail address, with a promise of the log of certificates', async () => {
    const leaf = await leafFor(sigstore.emailToken(EMAIL));
    expect(leaf.subjectAltName).toBe(`email:${EMAIL}`);
    expect(leaf.raw.includes(sigstore.servers.people.url)).toBe(true);
    expect(leaf.raw.includes(PROMISES)).toBe(true);
  });

  it('certifies a workflow of GitHub', async () => {
    const leaf = await leafFor(sigstore.workflowToken('example/charts', 'refs/tags/v1.0.0'));
    const workflow = 'https://github.com/example/charts/.github/workflows/release.yml@refs/tags/v1.0.0';
    expect(leaf.subjectAltName).toBe(`URI:${workflow}`);
  });

  it.each([
    ['is for somebody else', { aud: 'another' }],
    ['is no longer valid', { exp: 1_700_000_000 }],
    ['is of another issuer', { iss: 'http://127.0.0.1:1' }],
    ['has an address that was not verified', { email_verified: false }],
  ])('certifies nobody whose token %s', async (_, claims) => {
    await expect(certified(sigstore, sigstore.emailToken(EMAIL, claims))).rejects.toThrow(/status 4/);
  });

  it('puts a signature on its log, and says when', async () => {
    const bundle = await signedMessage(sigstore, sigstore.emailToken(EMAIL), ARCHIVE);
    const { certificate, tlogEntries, timestampVerificationData } = bundle.verificationMaterial;
    const leaf = new X509Certificate(Buffer.from(certificate.rawBytes, 'base64'));
    const signature = Buffer.from(bundle.messageSignature.signature, 'base64');
    expect(verify('sha256', ARCHIVE, leaf.publicKey, signature)).toBe(true);

    const [entry] = tlogEntries;
    const { tlogs } = JSON.parse(await readFile(sigstore.trustedRoot, 'utf8')) as {
      tlogs: { logId: unknown }[];
    };
    expect(entry).toMatchObject({
      logId: tlogs[0]?.logId,
      kindVersion: { kind: 'hashedrekord', version: '0.0.2' },
      inclusionProof: { checkpoint: { envelope: expect.stringMatching(/^127\.0\.0\.1\n/) as unknown } },
    });
    const time = Buffer.from(timestampVerificationData.rfc3161Timestamps[0]?.signedTimestamp ?? '', 'base64');
    expect(time.includes(createHash('sha256').update(signature).digest())).toBe(true);
  });

  it('keeps the tiles of its log in its directory', async () => {
    await signedMessage(sigstore, sigstore.emailToken(EMAIL), ARCHIVE);
    expect(await readdir(sigstore.servers.rekor.storage)).toEqual(
      expect.arrayContaining(['checkpoint', 'tile']),
    );
  });

  it('listens on this machine alone', async () => {
    const inodes = new Set<string>();
    for (const id of await children()) {
      for (const name of await readdir(`/proc/${id}/fd`)) {
        const target = await readlink(`/proc/${id}/fd/${name}`).catch(() => '');
        const inode = /^socket:\[([0-9]+)\]/.exec(target)?.[1];
        if (inode !== undefined) inodes.add(inode);
      }
    }
    const tables = await Promise.all(['tcp', 'tcp6'].map((name) => readFile(`/proc/net/${name}`, 'utf8')));
    const listening = tables
      .flatMap((table) => table.split('\n').slice(1))
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , , state, , , , , , inode = '']) => state === '0A' && inodes.has(inode))
      .map(([, address = '']) => address.split(':')[0]);
    expect(listening.length).toBeGreaterThanOrEqual(4);
    expect(new Set(listening)).toEqual(new Set(['0100007F']));
  });

  it('a second one runs beside it', async () => {
    if (binaries === undefined) return;
    const other = await Sigstore.start(binaries);
    try {
      await signedMessage(other, other.emailToken(EMAIL), ARCHIVE);
      await signedMessage(sigstore, sigstore.emailToken(EMAIL), ARCHIVE);
    } finally {
      await other.stop();
    }
  });

  it.skipIf(vectors === undefined)('writes its trust as others do (needs the vectors)', async () => {
    for (const [ours, theirs] of [
      [sigstore.trustedRoot, 'trusted_root.json'],
      [sigstore.signingConfig, 'signing_config.json'],
    ] as const) {
      const written: unknown = JSON.parse(await readFile(ours, 'utf8'));
      expect(new Set(membersOf(written))).toEqual(
        new Set(membersOf(readVectorJson('sigstore-bundles', theirs))),
      );
    }
  });

  // Nobody is told to build it: that takes longer than all else together.
  if (cosign !== undefined)
    describe('with cosign', () => {
      const command = cosign;
      async function run(...argv: string[]): Promise<string> {
        const env = { ...process.env, HOME: sigstore.directory, SIGSTORE_NO_CACHE: 'true' };
        const { stdout, stderr } = await promisify(execFile)(command, argv, { env });
        return stdout + stderr;
      }

      function verified(bundle: string, archive: string): Promise<string> {
        const { trustedRoot, servers } = sigstore;
        const identity = ['--certificate-identity', EMAIL, '--certificate-oidc-issuer', servers.people.url];
        return run('verify-blob', '--trusted-root', trustedRoot, '--bundle', bundle, ...identity, archive);
      }

      it('its verifier and ours mean the same by these files', async () => {
        const archive = path.join(sigstore.directory, 'archive');
        const bundle = path.join(sigstore.directory, 'independent.sigstore.json');
        await writeFile(archive, ARCHIVE);
        const signed = await signedMessage(sigstore, sigstore.emailToken(EMAIL), ARCHIVE);
        await writeFile(bundle, JSON.stringify(signed));
        expect(await verified(bundle, archive)).toContain('Verified OK');
      });

      it('it signs with these files', async () => {
        const archive = path.join(sigstore.directory, 'archive');
        const bundle = path.join(sigstore.directory, 'cosign.sigstore.json');
        await writeFile(archive, ARCHIVE);
        const { signingConfig, trustedRoot } = sigstore;
        const token = ['--identity-token', sigstore.emailToken(EMAIL)];
        const files = ['--signing-config', signingConfig, '--trusted-root', trustedRoot, '--bundle', bundle];
        await run('sign-blob', '-y', ...token, ...files, archive);
        expect(await verified(bundle, archive)).toContain('Verified OK');
      });
    });
});

describe.skipIf(binaries === undefined)('the end of a Sigstore (needs Go: no real Sigstore)', () => {
  it('leaves no process and no file', async () => {
    if (binaries === undefined) return;
    const sigstore = await Sigstore.start(binaries);
    expect(await children()).toHaveLength(4);
    await sigstore.stop();
    expect(await children()).toEqual([]);
    expect(existsSync(sigstore.directory)).toBe(false);
  });

  it.each(['certificateLog', 'rekor', 'timestamps', 'fulcio'] as const)(
    'leaves none when %s does not start',
    async (name) => {
      if (binaries === undefined) return;
      const before = await directories();
      await expect(Sigstore.start({ ...binaries, [name]: '/bin/false' })).rejects.toThrow('does not start');
      const left = (await directories()).filter((each) => !before.includes(each));
      expect(left).toEqual([]);
      expect(await children()).toEqual([]);
    },
  );
});

/** The processes that this one started and that still run. */
async function children(): Promise<string[]> {
  const running = (await readdir('/proc')).filter((name) => /^[0-9]+$/.test(name));
  const states = await Promise.all(running.map((id) => readFile(`/proc/${id}/stat`, 'utf8').catch(() => '')));
  // Behind the name in brackets: the state, and the process that started it.
  return running.filter((_, at) => Number(/\) [A-Y] ([0-9]+) /.exec(states[at] ?? '')?.[1]) === process.pid);
}

async function directories(): Promise<string[]> {
  return (await readdir(tmpdir())).filter((name) => name.startsWith('sigstore-'));
}

/** The places of all members of JSON; elements of lists are not told apart. */
function membersOf(json: unknown, place = ''): string[] {
  if (Array.isArray(json)) return json.flatMap((each) => membersOf(each, `${place}[]`));
  if (typeof json !== 'object' || json === null) return [`${place}: ${typeof json}`];
  return Object.entries(json).flatMap(([name, value]) => membersOf(value, `${place}.${name}`));
}
