import { execFile } from 'node:child_process';
import { createHash, verify } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { fetchRekor } from '../../scripts/fetch-rekor.mjs';
import { chartOf, identityContext, signOne } from '../identity/context.ts';
import { missingPrograms } from '../interop/prerequisites.ts';
import { holdMetricsPort } from '../interop/stack/metrics-port.ts';
import type { Rekor } from '../interop/stack/rekor.ts';
import { Stack } from '../interop/stack/stack.ts';
import { pem } from '../support/der.ts';
import { GnupgHome } from '../support/gnupg.ts';
import { runProgram } from '../support/program.ts';
import type { PlainSignature } from '../support/signature-log.ts';
import { World } from '../support/world/world.ts';
import { signedByGpg } from './gpg-provenance.ts';
import { readBundle } from './signed-bundle.ts';
import { signingConfigOf } from './stack/signing-config.ts';
import { Sigstore } from './stack/sigstore.ts';
import { trustedRootWithV1 } from './stack/trusted-root.ts';

const binaries = inject('sigstore');
const cosign = inject('cosign');
const missing = missingPrograms();
const EMAIL = 'publisher@example.com';
const ARCHIVE = Buffer.from('the archive of a chart');

const title =
  'signing by an identity, on a log of the first version (needs Go, MariaDB and Redis: no real Rekor)';
describe.skipIf(binaries === undefined || missing !== undefined)(title, () => {
  let sigstore: Sigstore;
  let stack: Stack;
  let rekor: Rekor;
  let release: () => void;
  let signingConfig: string;
  beforeAll(async () => {
    if (binaries === undefined) return;
    release = await holdMetricsPort();
    const rekorBinaries = await fetchRekor();
    sigstore = await Sigstore.start(binaries);
    stack = await Stack.start(rekorBinaries);
    rekor = await stack.startRekor();
    signingConfig = path.join(sigstore.directory, 'signing_config_v1.json');
    const servers = { ...sigstore.servers, rekor };
    await writeFile(signingConfig, JSON.stringify(signingConfigOf(servers, '2020-01-01T00:00:00Z', 1)));
  });
  afterAll(async () => {
    await stack.remove();
    await sigstore.stop();
    release();
  });

  it.each([
    ['message', 'hashedrekord'],
    ['statement', 'dsse'],
  ] as const)('a %s is an entry of kind %s, with a promise and a proof', async (format, kind) => {
    const context = identityContext({ env: { SIGSTORE_ID_TOKEN: sigstore.emailToken(EMAIL) } });
    const { bundle, logged } = await signOne(chartOf(ARCHIVE), { signingConfig, format }, context);
    const { leaf, signature, preimage, verificationMaterial } = readBundle(bundle);
    const signed = format === 'message' ? ARCHIVE : preimage;
    expect(verify('sha256', signed, leaf.publicKey, signature)).toBe(true);
    expect(logged).toMatchObject({ url: rekor.url });
    const text = expect.any(String) as unknown;
    expect(verificationMaterial).toMatchObject({
      tlogEntries: [
        {
          kindVersion: { kind, version: '0.0.1' },
          integratedTime: text,
          inclusionPromise: { signedEntryTimestamp: text },
          inclusionProof: { checkpoint: { envelope: text } },
        },
      ],
      timestampVerificationData: { rfc3161Timestamps: [{ signedTimestamp: text }] },
    });
  });

  it.each([
    ['message', 'hashedrekord 0.0.1'],
    ['statement', 'dsse 0.0.1'],
  ] as const)('a %s is found by the digest of the archive, and by its certificate', async (format, kind) => {
    const archive = Buffer.from(`the archive of a chart, for a ${format}`);
    const context = identityContext({ env: { SIGSTORE_ID_TOKEN: sigstore.emailToken(EMAIL) } });
    const { bundle } = await signOne(chartOf(archive), { signingConfig, format }, context);
    const { leaf } = readBundle(bundle);
    const certificate = path.join(sigstore.directory, `${format}.pem`);
    // Whatever the line ends, the log has the same certificate.
    await writeFile(certificate, leaf.toString().replaceAll('\n', '\r\n'));
    const sha256 = createHash('sha256').update(archive).digest('hex');
    for (const query of [
      ['--sha256', sha256],
      ['--public-key', certificate],
      ['--email', EMAIL],
    ]) {
      const trust = ['--rekor-server', rekor.url, '--rekor-public-key', rekor.publicKey];
      const { status, stdout, stderr } = await runProgram(['search', ...query, ...trust, '--output', 'json']);
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      const { entries } = JSON.parse(stdout) as { entries: readonly object[] };
      expect(entries).toContainEqual(
        expect.objectContaining({
          proofs: 'hold',
          signature: expect.objectContaining({
            kind,
            signer: {
              identity: EMAIL,
              issuer: sigstore.servers.people.url,
              keyId: createHash('sha256')
                .update(leaf.publicKey.export({ format: 'der', type: 'spki' }))
                .digest('hex'),
            },
          }) as unknown,
        }),
      );
    }
  });

  it('monitor finds by the index what an address and a workflow signed, whom the trusted root certifies', async () => {
    const tokens = [
      sigstore.emailToken('monitored@example.com'),
      sigstore.workflowToken('acme/charts', 'refs/heads/main'),
    ];
    const names: string[] = [];
    for (const token of tokens) {
      const context = identityContext({ env: { SIGSTORE_ID_TOKEN: token } });
      const { bundle } = await signOne(chartOf(ARCHIVE), { signingConfig, format: 'statement' }, context);
      names.push(/(?:email|URI):(\S+)/.exec(readBundle(bundle).leaf.subjectAltName ?? '')?.[1] ?? '');
    }
    expect(names).toEqual([
      'monitored@example.com',
      expect.stringContaining('https://github.com/acme/charts/'),
    ]);
    const [email = '', uri = ''] = names;
    const root = path.join(sigstore.directory, 'monitored_root.json');
    await writeFile(root, JSON.stringify(await trustedRootWithV1(sigstore.trustedRoot, rekor)));
    const words = ['--state', path.join(sigstore.directory, 'monitor.json'), '--trusted-root', root];
    const who = ['--identity', email, '--identity', uri, '--rekor-server', rekor.url];
    const { status, stdout } = await runProgram(['monitor', ...who, ...words, '--output', 'json']);
    expect(status).toBe(10);
    expect(JSON.parse(stdout)).toMatchObject({
      way: 'index',
      results: [
        { event: 'unknown', kind: 'dsse 0.0.1', signed: { kind: 'payload' }, watched: `identity ${email}` },
        { event: 'unknown', kind: 'dsse 0.0.1', watched: `identity ${uri}` },
      ],
    });
  });

  describe('the signature of a provenance by gpg, logged as hashedrekord', () => {
    let world: World;
    let home: GnupgHome;
    let root: string;
    beforeAll(async () => {
      world = await World.open();
      world.user.now = Math.floor(Date.now() / 1000);
      home = await GnupgHome.create();
      root = path.join(sigstore.directory, 'provenance_root.json');
      await writeFile(root, JSON.stringify(await trustedRootWithV1(sigstore.trustedRoot, rekor)));
    });
    afterAll(async () => {
      await home.remove();
      await world.close();
    });

    it.each([
      ['rsa2048', 'SHA256'],
      ['nistp256', 'SHA256'],
      ['nistp384', 'SHA384'],
      ['nistp521', 'SHA512'],
    ])('by a key of %s with %s is verified by its bundle, and found by digest and key', async (...of) => {
      const { chart, keyring, signed } = await signedByGpg(home, world, ...of);
      const bundle = await bundleOnV1(rekor.url, signed);
      await writeFile(`${chart}.prov.sigstore.json`, JSON.stringify(bundle));
      const trust = ['--keyring', keyring, '--trusted-root', root];
      const verified = await world.run(['verify', chart, '--offline', ...trust]);
      expect(verified).toMatchObject({ status: 0, stderr: '' });
      expect(verified.stdout).toContain(
        'Chart Verified Successfully From Sigstore bundle of its provenance:\n',
      );
      const key = `${chart}.pem`;
      await writeFile(key, pem('PUBLIC KEY', signed.spki));
      const digest = createHash(signed.hash).update(signed.preimage).digest('hex');
      const queries = [['--public-key', key]];
      // The index knows other digests by another name, which no option says.
      if (signed.hash === 'sha256') queries.push(['--sha256', digest]);
      const keyId = createHash('sha256').update(signed.spki).digest('hex');
      const { logIndex } = bundle.verificationMaterial.tlogEntries[0];
      for (const query of queries) {
        const log = ['--rekor-server', rekor.url, '--rekor-public-key', rekor.publicKey];
        const { status, stdout } = await runProgram(['search', ...query, ...log, '--output', 'json']);
        expect(status).toBe(0);
        const { entries } = JSON.parse(stdout) as { entries: readonly object[] };
        expect(entries).toEqual([
          expect.objectContaining({
            proofs: 'hold',
            logIndex: Number(logIndex),
            signature: expect.objectContaining({ kind: 'hashedrekord 0.0.1', signer: { keyId } }) as unknown,
          }),
        ]);
      }
      if (cosign === undefined || signed.hash !== 'sha256') return;
      await writeFile(`${chart}.preimage`, signed.preimage);
      const said = await promisify(execFile)(cosign, [
        ...['verify-blob', '--key', key, '--bundle', `${chart}.prov.sigstore.json`],
        ...['--trusted-root', root, `${chart}.preimage`],
      ]);
      expect(said.stderr).toContain('Verified OK');
    });

    it('of another text is not taken', async () => {
      const one = await signedByGpg(home, world, 'rsa3072', 'SHA256');
      const changed = { ...one.signed, preimage: Buffer.concat([one.signed.preimage, Buffer.from(' ')]) };
      await expect(bundleOnV1(rekor.url, changed)).rejects.toThrow('status 400');
    });
  });

  // Nobody is told to build it: that takes longer than all else together.
  if (cosign !== undefined) {
    const command = cosign;
    it.each([
      ['message', ['verify-blob']],
      ['statement', ['verify-blob-attestation', '--type', 'https://in-toto.io/attestation/release/v0.2']],
    ] as const)('cosign verifies a %s', async (format, verb) => {
      const context = identityContext({ env: { SIGSTORE_ID_TOKEN: sigstore.emailToken(EMAIL) } });
      const { bundle } = await signOne(chartOf(ARCHIVE), { signingConfig, format }, context);
      const [archive, file, root] = ['archive', 'bundle', 'root_v1.json'].map((name) =>
        path.join(sigstore.directory, name),
      ) as [string, string, string];
      await writeFile(archive, ARCHIVE);
      await writeFile(file, bundle);
      await writeFile(root, JSON.stringify(await trustedRootWithV1(sigstore.trustedRoot, rekor)));
      const identity = [
        `--certificate-identity=${EMAIL}`,
        `--certificate-oidc-issuer=${sigstore.servers.people.url}`,
      ];
      const argv = [...verb, '--trusted-root', root, '--bundle', file, ...identity, archive];
      const { stderr } = await promisify(execFile)(command, argv, {
        env: { ...process.env, HOME: sigstore.directory },
      });
      expect(stderr).toContain('Verified OK');
    });
  }
});

/** What the log answers of a signature by a key, as a bundle 0.3. */
async function bundleOnV1(url: string, { preimage, hash, signature, spki }: PlainSignature) {
  const base64 = (bytes: Uint8Array | string) => Buffer.from(bytes).toString('base64');
  const digest = createHash(hash).update(preimage).digest();
  const spec = {
    signature: { content: base64(signature), publicKey: { content: base64(pem('PUBLIC KEY', spki)) } },
    data: { hash: { algorithm: hash, value: digest.toString('hex') } },
  };
  const answer = await fetch(`${url}/api/v1/log/entries`, {
    method: 'POST',
    body: JSON.stringify({ apiVersion: '0.0.1', kind: 'hashedrekord', spec }),
    headers: { 'content-type': 'application/json' },
  });
  if (answer.status !== 201) throw new Error(`status ${answer.status}: ${await answer.text()}`);
  const [entry] = Object.values((await answer.json()) as Record<string, LoggedOnV1>);
  if (entry === undefined) throw new Error('no entry');
  const { inclusionProof, signedEntryTimestamp } = entry.verification;
  return {
    mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
    verificationMaterial: {
      publicKey: { hint: createHash('sha256').update(spki).digest('base64') },
      tlogEntries: [
        {
          logIndex: `${entry.logIndex}`,
          logId: { keyId: Buffer.from(entry.logID, 'hex').toString('base64') },
          kindVersion: { kind: 'hashedrekord', version: '0.0.1' },
          integratedTime: `${entry.integratedTime}`,
          inclusionPromise: { signedEntryTimestamp },
          inclusionProof: {
            logIndex: `${inclusionProof.logIndex}`,
            treeSize: `${inclusionProof.treeSize}`,
            rootHash: Buffer.from(inclusionProof.rootHash, 'hex').toString('base64'),
            hashes: inclusionProof.hashes.map((each) => Buffer.from(each, 'hex').toString('base64')),
            checkpoint: { envelope: inclusionProof.checkpoint },
          },
          canonicalizedBody: entry.body,
        },
      ] as const,
    },
    messageSignature: {
      messageDigest: { algorithm: hash.replace('sha', 'SHA2_'), digest: digest.toString('base64') },
      signature: base64(signature),
    },
  };
}

/** An entry as the API of Rekor v1 gives it. */
interface LoggedOnV1 {
  readonly body: string;
  readonly integratedTime: number;
  readonly logID: string;
  readonly logIndex: number;
  readonly verification: {
    readonly signedEntryTimestamp: string;
    readonly inclusionProof: {
      readonly logIndex: number;
      readonly treeSize: number;
      readonly rootHash: string;
      readonly hashes: readonly string[];
      readonly checkpoint: string;
    };
  };
}
