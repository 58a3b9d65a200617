import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bundleCases, bundlePath, NOW, type BundleCase } from '../support/bundle-vectors.ts';
import { ForgedSigstore } from '../support/forged-sigstore.ts';
import { writeSignedChart } from '../support/chart.ts';
import { plainSignatureOf } from '../support/plain-signature.ts';
import { SignatureLog } from '../support/signature-log.ts';
import { CHART_SIGNED, createSigner } from '../support/signer.ts';
import { vectors } from '../support/vectors.ts';
import { World } from '../support/world/world.ts';

interface Checked {
  readonly bundles: readonly {
    readonly holds: boolean;
    readonly checks: readonly { readonly id: string; readonly outcome: string }[];
  }[];
  readonly notChecked: readonly string[];
  readonly errors?: readonly { readonly message: string }[];
}

let world: World;
const sigstore = new ForgedSigstore();
let root: readonly string[];
let count = 0;

beforeAll(async () => {
  world = await World.open();
  root = ['--trusted-root', await world.write('root.json', sigstore.trustedRoot())];
});

afterAll(async () => {
  await world.close();
});

async function check(path: string, trust = root) {
  const argv = ['evidence', '--check', path, ...trust, '--output', 'json'];
  const ran = await world.run(argv, { now: NOW });
  return { status: ran.status, ...(JSON.parse(ran.stdout) as Checked) };
}

async function written(content: object | string): Promise<string> {
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  return await world.write(`bundle-${++count}.sigstore.json`, text);
}

/** The first check that fails; undefined: it holds. */
async function failureOf(content: object): Promise<string | undefined> {
  const { status, bundles, errors } = await check(await written(content));
  const failed = bundles[0]?.checks.find(({ outcome }) => outcome === 'failed')?.id;
  expect(status).toBe(failed === undefined ? 0 : 10);
  expect(errors?.length ?? 0).toBe(failed === undefined ? 0 : 1);
  return failed;
}

const FILE = Buffer.from('a file');
const message = (signer = sigstore.signer()) => sigstore.message(FILE, signer);

describe('evidence --check of a Sigstore bundle', () => {
  test('judges all but what needs the file and its signer, and says so', async () => {
    const { status, bundles, notChecked } = await check(await written(message()));
    expect(status).toBe(0);
    expect(bundles[0]?.checks.map(({ id, outcome }) => `${id} ${outcome}`)).toEqual([
      'statement skipped',
      'log-key passed',
      'inclusion-promise passed',
      'checkpoint passed',
      'inclusion-proof passed',
      'signed-time passed',
      'certificate passed',
      'entry-binding passed',
      'log-time passed',
    ]);
    expect(notChecked).toEqual([
      'archive-digest',
      'archive-name',
      'provenance-signature',
      'bundle-binding',
      'signature',
      'identity',
      'signer-key',
      'consistency',
    ]);
  });

  test('names the signer and what is signed, as text', async () => {
    const path = await written(message());
    const { status, stdout, stderr } = await world.run(['evidence', '--check', path, ...root], { now: NOW });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain(`Evidence Holds By Itself: ${path}\n`);
    expect(stdout).toMatch(/\n {2}Signed Digest: sha256:[0-9a-f]{64}\n {2}Signed By: a@example\.com\n/);
    expect(stdout).toContain('Not Checked: archive-digest, ');
  });

  test('of one that another Sigstore vouches for, none holds', async () => {
    expect(await failureOf(new ForgedSigstore().message(FILE, sigstore.signer()))).toBe('log-key');
    expect(await failureOf(message(new ForgedSigstore().signer()))).toBe('certificate');
    expect(await failureOf(message(sigstore.signer({ hasTimestamp: false })))).toBe('certificate');
    expect(await failureOf(message(sigstore.signer({ isForCode: false })))).toBe('certificate');
  });

  test('fails where the signature, the digest or the certificate is not the one that is logged', async () => {
    const [one, other] = [message(), sigstore.message(Buffer.from('another'), sigstore.signer())] as Record<
      string,
      object
    >[];
    for (const member of ['messageSignature', 'verificationMaterial'])
      expect(await failureOf({ ...one, [member]: other?.[member] })).toBe('entry-binding');
  });

  test('of a statement judges the signature as well, and names the subjects', async () => {
    const statement = JSON.stringify({
      _type: 'https://in-toto.io/Statement/v1',
      subject: [{ name: 'a-1.0.0.tgz', digest: { sha256: 'ab'.repeat(32) } }],
      predicateType: 'https://in-toto.io/attestation/release/v0.2',
      predicate: {},
    });
    const signer = sigstore.signer();
    const good = await check(await written(sigstore.statement(statement, signer)));
    expect(good).toMatchObject({
      status: 0,
      bundles: [{ holds: true, subjects: [`"a-1.0.0.tgz" (sha256:${'ab'.repeat(32)})`] }],
    });
    expect(good.notChecked).not.toContain('signature');
    const forger = { ...signer, privateKey: sigstore.signer().privateKey };
    expect(await failureOf(sigstore.statement(statement, forger))).toBe('signature');
    expect(await failureOf(sigstore.statement('{}', signer))).toBe('statement');
  });

  test('of several in one file, one that holds is enough', async () => {
    const bad = new ForgedSigstore().message(FILE, sigstore.signer());
    const lines = [bad, message()].map((each) => JSON.stringify(each));
    const { status, bundles } = await check(await written(lines.join('\n')));
    expect({ status, holds: bundles.map(({ holds }) => holds) }).toEqual({ status: 0, holds: [true, false] });
    expect((await check(await written([lines[0], lines[0]].join('\n')))).status).toBe(10);
  });

  test.each(['--rekor-server', '--rekor-public-key'])(
    'takes no %s, by which none is judged',
    async (flag) => {
      const value = flag === '--rekor-server' ? world.log.url : world.log.publicKeyPath;
      const path = await written(message());
      const { status, stderr } = await world.run(['evidence', '--check', path, ...root, flag, value]);
      expect(status).toBe(2);
      expect(stderr).toContain(`which is judged by a trusted root, but found ${flag}`);
    },
  );

  test('that is malformed has status 3', async () => {
    const half = { ...message(), messageSignature: undefined };
    for (const bad of [half, { ...message(), more: 1 }])
      expect((await world.run(['evidence', '--check', await written(bad), ...root])).status).toBe(3);
  });
});

describe('evidence --check of the bundle of a provenance', () => {
  const log = new SignatureLog();
  let trust: readonly string[];
  let bundleOf: (version: 1 | 2) => Record<string, object>;

  beforeAll(async () => {
    trust = ['--trusted-root', await world.write('log.json', JSON.stringify(log.trustedRoot()))];
    const signer = await createSigner({ algorithm: 'p256' });
    const chart = await writeSignedChart(await world.subdirectory('signed'), signer, { hash: 'sha256' });
    const signed = plainSignatureOf(chart.provenance, signer.certificate);
    bundleOf = (version) => log.bundle(signed, { version, at: CHART_SIGNED + 60 }) as Record<string, object>;
  });

  test.each([1, 2] as const)('holds by itself, from a Rekor v%d', async (version) => {
    const { status, bundles } = await check(await written(bundleOf(version)), trust);
    expect({ status, holds: bundles.map(({ holds }) => holds) }).toEqual({ status: 0, holds: [true] });
  });

  test('fails without a time, and with the key of a log that stopped to count', async () => {
    const bundle = bundleOf(2);
    const verificationMaterial = { ...bundle['verificationMaterial'], timestampVerificationData: undefined };
    const timeless = await check(await written({ ...bundle, verificationMaterial }), trust);
    expect(timeless.errors?.[0]?.message).toContain('log-key: nobody says when the entry was made');
    const ended = JSON.stringify(log.trustedRoot({ log: CHART_SIGNED }));
    const late = ['--trusted-root', await world.write('ended.json', ended)];
    const { status, errors } = await check(await written(bundleOf(2)), late);
    expect(status).toBe(10);
    expect(errors?.[0]?.message).toContain('log-key: the key of the log was not valid');
  });

  test('fails with the entry of another signature', async () => {
    const other = await createSigner({ algorithm: 'p256' });
    const chart = await writeSignedChart(await world.subdirectory('other'), other, { hash: 'sha256' });
    const foreign = log.bundle(plainSignatureOf(chart.provenance, other.certificate), {
      at: CHART_SIGNED,
    }) as Record<string, object>;
    const { messageSignature } = foreign;
    const { status, errors } = await check(await written({ ...bundleOf(1), messageSignature }), trust);
    expect(status).toBe(10);
    expect(errors?.[0]?.message).toContain('entry-binding: the entry is for other bytes');
  });
});

describe.skipIf(vectors === undefined)('evidence --check of bundles of others (needs the vectors)', () => {
  const trust = ['--trusted-root', bundlePath('trusted_root.json')];

  test.each(vectors === undefined ? [] : bundleCases().map((each) => [each.expect, each] as const))(
    'is as it should be: %s, $bundle',
    async (expected, { bundle }: BundleCase) => {
      const { status } = await world.run(['evidence', '--check', bundlePath(bundle), ...trust], { now: NOW });
      // One of them is no bundle at all.
      expect(status).toBe(expected === 'good' ? 0 : bundle.endsWith('no-entry.sigstore.json') ? 3 : 10);
    },
  );

  test('of cosign 2 holds by its promise', async () => {
    const path = bundlePath('real/psono-1.2.0.tgz.cosign.bundle');
    const { status, stdout } = await world.run(['evidence', '--check', path, '--verbose']);
    expect(status).toBe(0);
    expect(stdout).toContain('skipped inclusion-proof: promise only');
    expect(JSON.parse(await readFile(path, 'utf8'))).toHaveProperty('rekorBundle');
  });
});
