import { execFile } from 'node:child_process';
import { mkdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { preimageOf } from '../../src/openpgp/plain-signature.ts';
import { parseProvenance } from '../../src/provenance/provenance.ts';
import { runProgram, type Ran } from '../support/program.ts';
import { gnupg } from '../support/gnupg.ts';
import { pem } from '../support/der.ts';
import { GpgPublisher } from '../support/world/gpg-publisher.ts';
import { startRekorTiles } from './stack/rekor-tiles.ts';
import { Sigstore } from './stack/sigstore.ts';
import { trustedRootOf } from './stack/trusted-root.ts';
import { startWitness } from './stack/witness.ts';

const binaries = inject('sigstore');
const cosign = inject('cosign');
const isMissing = binaries === undefined || gnupg === undefined;

/** Keys, by what gpg makes them of, and the digest that the log wants of them. */
const TAKEN = [
  ['rsa2048', 'sha256', 'PKIX_RSA_PKCS1V15_2048_SHA256'],
  ['rsa3072', 'sha256', 'PKIX_RSA_PKCS1V15_3072_SHA256'],
  ['nistp256', 'sha256', 'PKIX_ECDSA_P256_SHA_256'],
  ['nistp384', 'sha384', 'PKIX_ECDSA_P384_SHA_384'],
  ['nistp521', 'sha512', 'PKIX_ECDSA_P521_SHA_512'],
] as const;
const REFUSED = [
  ['rsa2048', 'sha512', '--force --digest sha256'],
  ['nistp256', 'sha512', '--force --digest sha256'],
  ['ed25519', 'sha512', 'sign --identity'],
] as const;

interface ShownEntry {
  readonly logIndex: string;
  readonly canonicalizedBody: string;
  readonly inclusionProof: { readonly checkpoint: { readonly envelope: string } };
}
interface ShownBody {
  readonly spec: {
    readonly hashedRekordV002: {
      readonly signature: {
        readonly verifier: {
          readonly keyDetails: string;
          readonly publicKey: { readonly rawBytes: string };
        };
      };
    };
  };
}

describe.skipIf(isMissing)('upload --rekor-version 2 (needs gpg, Go: no real Sigstore)', () => {
  let sigstore: Sigstore;
  let publisher: GpgPublisher;
  let keyring: string;
  const keys = new Map<string, string>();

  beforeAll(async () => {
    if (binaries === undefined) return;
    sigstore = await Sigstore.start(binaries);
    publisher = await GpgPublisher.create();
    for (const algorithm of new Set([...TAKEN, ...REFUSED].map(([name]) => name)))
      keys.set(algorithm, await publisher.key(`${algorithm} <${algorithm}@example.com>`, algorithm));
    keyring = await publisher.write('public.gpg', await publisher.gnupg.gpg(['--export']));
  });
  afterAll(async () => {
    await publisher.close();
    await sigstore.stop();
  });

  const run = async (argv: readonly string[], trustedRoot = sigstore.trustedRoot): Promise<Ran> =>
    await runProgram(argv, {
      env: { ...publisher.env, SIGSTORE_TRUSTED_ROOT: trustedRoot },
      home: publisher.directory,
    });
  const upload = async (chart: string, ...words: readonly string[]) =>
    await run([
      ...['upload', chart, '--keyring', keyring],
      ...['--rekor-version', '2', '--signing-config', sigstore.signingConfig, ...words],
    ]);
  const verify = async (chart: string) => await run(['verify', chart, '--keyring', keyring, '--offline']);

  async function signed(name: string, algorithm: string, digest: string): Promise<string> {
    const chart = await publisher.unsigned(name);
    const ran = await publisher.sign([chart, '--key', keys.get(algorithm) ?? '', '--digest', digest]);
    expect(ran).toMatchObject({ status: 0 });
    return chart;
  }

  /** The entry in the bundle of a provenance, and the verifier that its body names. */
  async function entryOf(chart: string) {
    const bundle = JSON.parse(await readFile(`${chart}.prov.sigstore.json`, 'utf8')) as {
      readonly verificationMaterial: { readonly tlogEntries: readonly [ShownEntry] };
    };
    const [{ logIndex, canonicalizedBody, inclusionProof }] = bundle.verificationMaterial.tlogEntries;
    const { spec } = JSON.parse(Buffer.from(canonicalizedBody, 'base64').toString()) as ShownBody;
    const checkpoint = inclusionProof.checkpoint.envelope;
    return { logIndex, checkpoint, body: spec.hashedRekordV002.signature.verifier };
  }

  it.each(TAKEN)('a signature by %s over %s is logged as %s, and verified offline', async (...row) => {
    const [algorithm, digest, keyDetails] = row;
    const chart = await signed(`taken-${algorithm}`, algorithm, digest);
    const ran = await upload(chart);
    expect(ran).toMatchObject({ status: 0 });
    expect(ran.stdout).toContain(`Signature Logged: ${chart}.prov.sigstore.json\n`);
    expect(ran.stderr).toContain(`Publishing the signature of ${chart}`);
    expect((await entryOf(chart)).body).toMatchObject({ keyDetails });
    const verified = await verify(chart);
    expect(verified).toMatchObject({ status: 0 });
    expect(verified.stdout).toContain(`Bundle: ${chart}.prov.sigstore.json\n`);
  });

  it.each(REFUSED)('a signature by %s over %s is not sent, and the way out is %s', async (...row) => {
    const [algorithm, digest, hint] = row;
    const chart = await signed(`refused-${algorithm}`, algorithm, digest);
    const ran = await upload(chart);
    expect(ran.status).toBe(5);
    expect(ran.stderr).toContain(`Rekor v2 would refuse ${chart}`);
    expect(ran.stderr).toContain(hint);
    expect(ran.stderr).not.toContain('Publishing');
    await expect(readFile(`${chart}.prov.sigstore.json`)).rejects.toThrow(/ENOENT/);
  });

  it('what is kept and holds is kept', async () => {
    const chart = await signed('kept', 'rsa2048', 'sha256');
    expect(await upload(chart)).toMatchObject({ status: 0 });
    const first = await readFile(`${chart}.prov.sigstore.json`, 'utf8');
    const again = await upload(chart);
    expect(again).toMatchObject({ status: 0 });
    expect(again.stdout).toContain(`Signature Already Logged: ${chart}.prov.sigstore.json\n`);
    expect(again.stderr).not.toContain('Publishing');
    expect(await readFile(`${chart}.prov.sigstore.json`, 'utf8')).toBe(first);
  });

  it('what the log has already is read from its tiles, and dated anew', async () => {
    const chart = await signed('lost', 'nistp384', 'sha384');
    expect(await upload(chart)).toMatchObject({ status: 0 });
    const { logIndex } = await entryOf(chart);
    await rm(`${chart}.prov.sigstore.json`);
    const again = await upload(chart, '--output', 'json');
    expect(again).toMatchObject({ status: 0 });
    expect(JSON.parse(again.stdout)).toMatchObject({
      log: { url: sigstore.servers.rekor.url, version: 2 },
      counts: { good: 1, exists: 1 },
      results: [
        {
          outcome: 'exists',
          verdict: 'verified',
          evidences: [{ profile: 'openpgp-bundle', kind: 'proven' }],
          bundle: { path: `${chart}.prov.sigstore.json`, outcome: 'written' },
        },
      ],
    });
    expect(await entryOf(chart)).toMatchObject({ logIndex });
    expect(await verify(chart)).toMatchObject({ status: 0 });
  });

  it('a bundle of an earlier signature is not overwritten, and nothing is sent', async () => {
    const chart = await signed('other', 'rsa2048', 'sha256');
    expect(await upload(chart)).toMatchObject({ status: 0 });
    const first = await readFile(`${chart}.prov.sigstore.json`, 'utf8');
    const key = keys.get('nistp256') ?? '';
    expect(await publisher.sign([chart, '--key', key, '--force'])).toMatchObject({ status: 0 });
    const other = await upload(chart);
    expect(other.status).toBe(3);
    expect(other.stderr).toContain('is there, and does not prove');
    expect(other.stderr).not.toContain('Publishing');
    expect(await readFile(`${chart}.prov.sigstore.json`, 'utf8')).toBe(first);
  });

  it('sign --upload signs and logs in one step', async () => {
    const chart = await publisher.unsigned('at-once');
    const ran = await run([
      ...['sign', chart, '--key', keys.get('rsa3072') ?? '', '--upload', '--rekor-version', '2'],
      ...['--signing-config', sigstore.signingConfig],
    ]);
    expect(ran).toMatchObject({ status: 0 });
    expect(ran.stdout).toContain('Signature Logged: ');
    expect(await verify(chart)).toMatchObject({ status: 0 });
  });

  it('many charts are logged, and one that is refused stops no other', async () => {
    const charts = [
      await signed('many-one', 'rsa2048', 'sha256'),
      await signed('many-two', 'ed25519', 'sha512'),
      await signed('many-three', 'nistp521', 'sha512'),
    ];
    const ran = await run([
      ...['upload', ...charts, '--keyring', keyring, '--rekor-version', '2'],
      ...['--signing-config', sigstore.signingConfig, '--output', 'jsonl'],
    ]);
    expect(ran.status).toBe(5);
    const outcomes = ran.stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { outcome?: string }).outcome);
    expect(outcomes.slice(0, 3)).toEqual(['created', undefined, 'created']);
  });

  it('to servers that the trusted root does not know, nothing is sent', async () => {
    const chart = await signed('untrusted', 'rsa2048', 'sha256');
    const ran = await upload(chart, '--trusted-root', 'sigstore');
    expect(ran.status).toBe(2);
    expect(ran.stderr).toContain('expected a trusted root that names the log');
    expect(ran.stdout).toBe('');
    await expect(readFile(`${chart}.prov.sigstore.json`)).rejects.toThrow(/ENOENT/);
  });

  it('a witness beside the log is kept with the proof, also where it is read from tiles', async () => {
    const directory = path.join(publisher.directory, 'witnessed');
    await mkdir(directory);
    const witness = await startWitness(directory);
    const options = [`--witness-policy-path=${witness.policy}`];
    const rekor = await startRekorTiles(binaries?.rekor ?? '', directory, options);
    try {
      const root = trustedRootOf({ ...sigstore.servers, rekor }, '2020-01-01T00:00:00Z');
      const trustedRoot = await publisher.write('witnessed.json', JSON.stringify(root));
      const chart = await signed('witnessed', 'rsa2048', 'sha256');
      const argv = ['upload', chart, '--keyring', keyring, '--rekor-version', '2'];
      const servers = ['--signing-config', sigstore.signingConfig, '--rekor-server', rekor.url];
      for (const heading of ['Signature Logged', 'Signature Already Logged']) {
        const ran = await run([...argv, ...servers], trustedRoot);
        expect(ran).toMatchObject({ status: 0 });
        expect(ran.stdout).toContain(`${heading}: `);
        expect((await entryOf(chart)).checkpoint).toContain(`\n\u2014 ${witness.name} `);
        await rm(`${chart}.prov.sigstore.json`);
      }
    } finally {
      await rekor.part.kill();
      await witness.close();
    }
  });

  it('--dry-run sends nothing', async () => {
    const chart = await signed('rehearsed', 'rsa2048', 'sha256');
    const ran = await upload(chart, '--dry-run');
    expect(ran).toMatchObject({ status: 0 });
    expect(ran.stdout).toContain(`Nothing Was Sent: ${chart} (--dry-run)`);
    expect(ran.stdout).toContain('PKIX_RSA_PKCS1V15_2048_SHA256');
    await expect(readFile(`${chart}.prov.sigstore.json`)).rejects.toThrow(/ENOENT/);
  });

  it.each([
    ['search', ['search', '--sha256', 'ab'.repeat(32), '--insecure-trust-on-first-use']],
    ['log info', ['log', 'info', '--insecure-trust-on-first-use']],
    ['doctor', ['doctor']],
  ])('%s says that such a log is another kind', async (_, words) => {
    const argv = [...words, '--rekor-server', sigstore.servers.rekor.url];
    const { status, stderr } = await runProgram(argv, { home: publisher.directory });
    expect(stderr).toContain(`${sigstore.servers.rekor.url} is a Rekor v2`);
    expect(status).toBe(5);
  });

  // Nobody is told to build it: that takes longer than all else together.
  if (cosign !== undefined) {
    const command = cosign;
    it('cosign verifies the bundle, with the key and the bytes that OpenPGP signs', async () => {
      const chart = await signed('cosign', 'rsa2048', 'sha256');
      expect(await upload(chart)).toMatchObject({ status: 0 });
      const { signature, signedBytes } = parseProvenance(await readFile(`${chart}.prov`));
      const key = Buffer.from((await entryOf(chart)).body.publicKey.rawBytes, 'base64');
      const file = await publisher.write('key.pem', pem('PUBLIC KEY', key));
      const blob = await publisher.write('preimage', Buffer.from(preimageOf(signature, signedBytes)));
      const argv = ['verify-blob', '--key', file, '--trusted-root', sigstore.trustedRoot];
      const bundle = ['--bundle', `${chart}.prov.sigstore.json`, blob];
      const env = { ...process.env, HOME: publisher.directory };
      const { stdout, stderr } = await promisify(execFile)(command, [...argv, ...bundle], { env });
      expect(stdout + stderr).toContain('Verified OK');
    });
  }
});
