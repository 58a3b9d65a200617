import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { chartArchive } from '../support/chart.ts';
import { createSigner } from '../support/signer.ts';
import {
  email,
  extension,
  ForgedSigstore,
  publicPemOf,
  uri,
  type Certified,
  type Signer,
} from '../support/forged-sigstore.ts';
import { text } from '../support/der.ts';
import { serveFiles } from '../support/static-server.ts';
import { World } from '../support/world/world.ts';

const ISSUER = 'https://issuer.example';
const RELEASE = 'https://in-toto.io/attestation/release/v0.2';
const BY_A = ['--certificate-identity', 'a@example.com', '--certificate-oidc-issuer', ISSUER];
const A = `{ identity: a@example.com, issuer: "${ISSUER}" }`;
const B = `{ identity: b@example.com, issuer: "${ISSUER}" }`;

const sigstore = new ForgedSigstore();
const byA = sigstore.signer();
const byB = sigstore.signer({ names: [email('b@example.com')] });
const archives = new Map<string, Uint8Array>();
let world: World;
let root: readonly string[];
let count = 0;

beforeAll(async () => {
  world = await World.open();
  await world.subdirectory('policy/keys');
  await world.write('policy/keys/publisher.gpg', world.publisher.certificate);
  await world.write('policy/log.pem', await readFile(world.log.publicKeyPath));
  await world.write('policy/root.json', sigstore.trustedRoot());
  root = ['--trusted-root', await world.write('root.json', sigstore.trustedRoot())];
  for (const name of ['hello', 'other']) archives.set(name, await chartArchive(name, '0.1.0'));
});

afterAll(async () => {
  await world.close();
});

const archiveOf = (name = 'hello') => archives.get(name) ?? Buffer.alloc(0);
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
const line = (...bundles: readonly object[]) => bundles.map((each) => JSON.stringify(each)).join('\n');

/** A statement about a chart. */
function released(
  signer: Signer = byA,
  { archive = archiveOf(), name = 'hello-0.1.0.tgz', type = RELEASE } = {},
): object {
  const subject = [{ name, digest: { sha256: sha256(archive) } }];
  const statement = { _type: 'https://in-toto.io/Statement/v1', predicateType: type, subject, predicate: {} };
  return sigstore.statement(JSON.stringify(statement), signer);
}

const signedBy = (certified: Certified) => released(sigstore.signer(certified));

/** A signature that is damaged. */
function damaged(bundle: object): object {
  const copy = structuredClone(bundle) as { dsseEnvelope: { signatures: { sig: string }[] } };
  const [signature] = copy.dsseEnvelope.signatures;
  const bytes = Buffer.from(signature?.sig ?? '', 'base64');
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  copy.dsseEnvelope.signatures = [{ sig: bytes.toString('base64') }];
  return copy;
}

/** A chart with what lies beside it. */
async function chart(
  beside: Readonly<Record<string, string | Uint8Array>>,
  { file = 'hello-0.1.0.tgz', archive = archiveOf() } = {},
): Promise<string> {
  count += 1;
  const path = join(await world.subdirectory(`chart-${count}`), file);
  await writeFile(path, archive);
  for (const [ending, content] of Object.entries(beside)) await writeFile(path + ending, content);
  return path;
}

const withBundles = async (...bundles: readonly object[]) =>
  await chart({ '.sigstore.json': line(...bundles) });

async function policy(lines: string, head = 'trustedRoot: root.json'): Promise<string> {
  count += 1;
  const path = join(world.directory, 'policy', `${count}.yaml`);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(
    path,
    `version: 1\nkeys: [keys/publisher.gpg]\nlogs: [{ url: "${world.log.url}", publicKeys: [log.pem] }]\n${head}\n${lines}\n`,
  );
  return path;
}

const rule = (signers: string, members = '') =>
  `rules:\n  - { name: rule, charts: ["*"], signedBy: ${signers}${members} }`;

const verify = async (path: string, ...words: readonly string[]) =>
  await world.run(['verify', path, ...words, '--timeout', '5s']);

async function verdict(path: string, lines: string, ...words: readonly string[]) {
  const ran = await verify(path, '--policy', await policy(lines), '--output', 'json', ...words);
  const { results = [] } = JSON.parse(ran.stdout || '{}') as { results?: { verdict?: string }[] };
  return { status: ran.status, verdict: results[0]?.verdict };
}

describe('without a policy', () => {
  test('the signer who is named is the one who counts', async () => {
    expect((await verify(await withBundles(released()), ...BY_A, ...root)).status).toBe(0);
    expect((await verify(await withBundles(released(byB)), ...BY_A, ...root)).status).toBe(10);
  });

  test('of two bundles, one of another archive, the other by somebody else: nothing holds', async () => {
    const other = released(byA, { archive: archiveOf('other') });
    const path = await withBundles(other, released(byB));
    expect((await verify(path, ...BY_A, ...root)).status).toBe(10);
    const message = await withBundles(sigstore.message(archiveOf('other'), byA), released(byB));
    expect((await verify(message, ...BY_A, ...root)).status).toBe(10);
  });

  test('a chart of another name is not accepted, by a statement or a signature over the file', async () => {
    for (const bundle of [released(), sigstore.message(archiveOf(), byA)]) {
      const beside = { '.sigstore.json': line(bundle) };
      const path = await chart(beside, { file: 'hello-9.9.9.tgz' });
      expect((await verify(path, ...BY_A, ...root)).status).toBe(10);
      expect((await verify(path, ...BY_A, ...root, '--as', 'other-0.1.0.tgz')).status).toBe(10);
      expect((await verify(path, ...BY_A, ...root, '--as', 'hello-0.1.0.tgz')).status).toBe(0);
    }
  });

  test('an address of one kind is no name of the other', async () => {
    const workflow = 'https://ci.example/acme/release';
    const asked = ['--certificate-oidc-issuer', ISSUER, ...root];
    for (const [name, wanted, status] of [
      [email(workflow), workflow, 10],
      [uri('a@example.com'), 'a@example.com', 10],
      [uri(workflow), workflow, 0],
    ] as const) {
      const path = await withBundles(signedBy({ names: [name] }));
      expect((await verify(path, '--certificate-identity', wanted, ...asked)).status).toBe(status);
    }
  });

  test('a workflow that another repository called is not accepted', async () => {
    const workflow = 'https://github.com/acme/charts/.github/workflows/release.yml@refs/heads/main';
    const of = (repository: string) => [extension('1.3.6.1.4.1.57264.1.12', text(repository))];
    const asked = ['--certificate-identity', workflow, '--certificate-oidc-issuer', ISSUER, ...root];
    for (const [more, status] of [
      [of('https://github.com/mallory/charts'), 10],
      [of('https://github.com/acme/charts2'), 10],
      [[], 10],
      [of('https://github.com/acme/charts'), 0],
    ] as const) {
      const path = await withBundles(signedBy({ names: [uri(workflow)], more }));
      expect((await verify(path, ...asked)).status).toBe(status);
    }
  });

  test('what a server offers decides nothing by being malformed, or of another chart', async () => {
    const files: Record<string, string | Uint8Array> = { '/hello-0.1.0.tgz': archiveOf() };
    const server = await serveFiles(files);
    const url = `${server.url}/hello-0.1.0.tgz`;
    for (const [content, status] of [
      ['{', 3],
      [line(released(byB)), 10],
      [line(released(byA, { archive: archiveOf('other') })), 10],
      [line(damaged(released())), 10],
      [line(released()), 0],
    ] as const) {
      files['/hello-0.1.0.tgz.sigstore.json'] = content;
      expect((await verify(url, ...BY_A, ...root)).status).toBe(status);
    }
    files['/hello-0.1.0.tgz.sigstore.json'] = '{';
    files['/hello-0.1.0.tgz.bundle'] = line(released());
    expect((await verify(url, ...BY_A, ...root)).status).toBe(0);
  });
});

describe('under a policy', () => {
  test('its signer counts, and nobody else', async () => {
    expect(await verdict(await withBundles(released()), rule(`[${A}]`))).toMatchObject({ status: 0 });
    expect(await verdict(await withBundles(released(byB)), rule(`[${A}]`))).toMatchObject({ status: 10 });
  });

  test('a variable with another trusted root is ignored, and that is said', async () => {
    const path = await withBundles(released());
    const lines = await policy(rule(`[${A}]`), '');
    const env = { SIGSTORE_TRUSTED_ROOT: root[1] ?? '' };
    const { status, stderr } = await world.run(['verify', path, '--policy', lines, '--offline'], { env });
    expect(status).toBe(10);
    expect(stderr).toContain('SIGSTORE_TRUSTED_ROOT is ignored');
    expect((await verify(path, '--policy', lines, ...root)).status).toBe(2);
  });

  test('one person is one signer, whatever he signs and whoever he is called', async () => {
    const again = sigstore.signer();
    const keyPath = 'keys/a.pem';
    await world.write(`policy/${keyPath}`, publicPemOf(byA.privateKey));
    await world.write('policy/keys/a2.pem', publicPemOf(byA.privateKey));
    const two = ', atLeast: 2';
    const managed = released({ privateKey: byA.privateKey });
    const message = sigstore.message(archiveOf(), byA);
    for (const [signers, bundles] of [
      [`[${A}, ${B}]`, [released(), released(again), message]],
      [`[${A}, { identity: "*@example.com", issuer: "${ISSUER}" }]`, [released(), released(again)]],
      [`[{ key: ${keyPath} }, { key: keys/a2.pem }]`, [managed, managed]],
      [`[${A}, { key: ${keyPath} }]`, [released(), managed]],
    ] as const)
      expect(await verdict(await withBundles(...bundles), rule(signers, two))).toMatchObject({ status: 10 });
    const both = await withBundles(released(), released(byB));
    expect(await verdict(both, rule(`[${A}, ${B}]`, two))).toMatchObject({ status: 0, verdict: 'verified' });
  });

  test.each(['', 'subkey'])('a key is one signer, as OpenPGP and as a managed key %s', async (subkey) => {
    const publisher = await createSigner({ algorithm: 'p256', ...(subkey && { subkey: {} }) });
    const { path } = await world.chart(`both${subkey}`, publisher);
    const keyring = await world.write('policy/keys/both.gpg', publisher.certificate);
    await world.write('policy/keys/both.pem', publicPemOf(publisher.plainKey));
    expect((await world.run(['upload', path, '--keyring', keyring, ...world.knowing()])).status).toBe(0);
    const managed = released(
      { privateKey: publisher.plainKey },
      { archive: await readFile(path), name: `both${subkey}-0.1.0.tgz` },
    );
    await writeFile(`${path}.sigstore.json`, line(managed));
    const items = [`{ openpgp: ${publisher.fingerprint} }`, '{ key: keys/both.pem }'];
    const judged = async (signers: string, members: string) => {
      const lines = await policy(rule(signers, members));
      const text = await readFile(lines, 'utf8');
      await writeFile(lines, text.replace('keys/publisher.gpg', 'keys/both.gpg'));
      return (await verify(path, '--policy', lines)).status;
    };
    for (const item of items) expect(await judged(`[${item}]`, '')).toBe(0);
    expect(await judged(`[${items.join(', ')}]`, '')).toBe(0);
    expect(await judged(`[${items.join(', ')}]`, ', atLeast: 2')).toBe(10);
  });

  test('an age counts from the certificate; a key has none', async () => {
    await world.write('policy/keys/b.pem', publicPemOf(byB.privateKey));
    const key = await withBundles(released({ privateKey: byB.privateKey }));
    expect(await verdict(key, rule('[{ key: keys/b.pem }]'))).toMatchObject({ status: 0 });
    expect(await verdict(key, rule('[{ key: keys/b.pem }]', ', maxAge: 3650d'))).toMatchObject({
      status: 10,
    });
    const path = await withBundles(released());
    expect(await verdict(path, rule(`[${A}]`, ', maxAge: 3650d'))).toMatchObject({ status: 0 });
    expect(await verdict(path, rule(`[${A}]`, ', maxAge: 1d'))).toMatchObject({ status: 10 });
  });

  const BROKEN = () =>
    [
      ['digest', released(byA, { archive: archiveOf('other') })],
      ['name', released(byA, { name: 'other-0.1.0.tgz' })],
      ['signature', damaged(released())],
      ['file', sigstore.message(archiveOf('other'), byA)],
      ['another root', new ForgedSigstore().message(archiveOf(), byA)],
    ] as const;
  const PIN = `{ digest: "sha256:PIN", until: 2099-01-01, reason: reviewed }`;
  const lenient = () => [
    rule(`[${A}]`, ', level: warn'),
    rule('any', ', level: warn'),
    rule(`[{ openpgp: ${world.publisher.fingerprint} }]`, ', level: warn'),
    rule(`[${PIN.replace('PIN', sha256(archiveOf()))}]`),
    rule(`[${A}, ${PIN.replace('PIN', sha256(archiveOf()))}]`),
    'otherwise: warn',
    'otherwise: allow',
  ];

  test('a bundle that does not hold is refused at every level', async () => {
    for (const [what, bundle] of BROKEN()) {
      const path = await withBundles(bundle);
      for (const lines of [rule(`[${A}]`), ...lenient()])
        expect({ what, lines, ...(await verdict(path, lines)) }).toMatchObject({ status: 10 });
    }
  });

  test('also beside one that holds, by somebody who is not accepted', async () => {
    for (const [what, bundle] of BROKEN()) {
      const path = await withBundles(bundle, released(byB));
      for (const lines of lenient())
        expect({ what, lines, ...(await verdict(path, lines)) }).toMatchObject({ status: 10 });
    }
  });

  test('a provenance that does not hold is refused beside a bundle by somebody who is not accepted', async () => {
    const provenance = await world.publisher.sign('hello', '0.1.0', archiveOf('other'));
    const path = await chart({ '.prov': provenance, '.sigstore.json': line(released(byB)) });
    for (const lines of lenient())
      expect({ lines, ...(await verdict(path, lines)) }).toMatchObject({ status: 10 });
  });

  test('a bundle by somebody else, and one of another kind, are missing evidence', async () => {
    const other = released(byA, { type: 'https://spdx.dev/Document' });
    for (const bundle of [released(byB), other])
      for (const lines of lenient().filter((each) => each.includes('warn') || each.includes('allow')))
        expect({ lines, ...(await verdict(await withBundles(bundle), lines)) }).toMatchObject({ status: 0 });
  });

  test('flags only narrow what it lets pass', async () => {
    const path = await withBundles(released());
    const fingerprint = ['--fingerprint', world.publisher.fingerprint];
    expect((await verdict(path, rule(`[${A}]`), ...fingerprint)).status).not.toBe(0);
    const logged = await world.loggedChart('hello');
    const both = released(byA, { archive: logged.archive });
    await writeFile(`${logged.path}.sigstore.json`, line(both));
    expect(await verdict(logged.path, rule(`[${A}]`), ...fingerprint)).toMatchObject({ status: 0 });
    const stranger = ['--fingerprint', '0'.repeat(40)];
    expect(await verdict(logged.path, rule(`[${A}]`), ...stranger)).toMatchObject({ status: 10 });
    const kind = 'https://spdx.dev/Document';
    const attested = await withBundles(released(byA, { type: kind }));
    expect((await verdict(attested, rule(`[${A}]`), '--predicate-type', kind)).status).not.toBe(0);
    expect((await verdict(path, rule(`[${A}]`), '--require-proof')).status).toBe(0);
    for (const lines of [rule(`[${B}]`, ', level: warn'), 'otherwise: allow', 'otherwise: warn'])
      for (const flag of ['--require-proof', '--require-consistency'])
        expect({ lines, flag, ...(await verdict(path, lines, flag)) }).not.toMatchObject({ status: 0 });
    expect((await verdict(path, rule(`[${A}]`), '--require', 'any')).status).toBe(2);
  });

  test('a pin is not satisfied by what else lies there, nor the other way round', async () => {
    const pin = PIN.replace('PIN', sha256(archiveOf('other')));
    expect(await verdict(await withBundles(released(byB)), rule(`[${pin}, ${A}]`))).toMatchObject({
      status: 10,
    });
    const own = PIN.replace('PIN', sha256(archiveOf()));
    const two = rule(`[${own}, ${A}]`, ', atLeast: 2');
    expect(await verdict(await withBundles(released(byB)), two)).toMatchObject({ status: 10 });
    expect(await verdict(await withBundles(released()), two)).toMatchObject({ status: 0 });
  });

  test('consistency that is required cannot be had, and is not passed over', async () => {
    const lines = rule(`[${A}]`, ', consistency: required');
    expect(await verdict(await withBundles(released()), lines)).toMatchObject({ status: 5 });
  });

  test('a Chart.yaml of another name than the file, which chose the rule, is not accepted', async () => {
    const other = archiveOf('other');
    const path = await chart(
      { '.sigstore.json': line(released(byA, { archive: other })) },
      { archive: other },
    );
    for (const lines of [rule(`[${A}]`), rule(`[${A}]`, ', level: warn')])
      expect(await verdict(path, lines)).toMatchObject({ status: 10 });
  });

  test('a provenance alone is no chart for bundles', async () => {
    const provenance = await world.publisher.sign('hello', '0.1.0', archiveOf());
    const bundle = released(byA, { archive: provenance, name: 'hello-0.1.0.tgz.prov' });
    const path = await chart({ '.prov': provenance, '.prov.sigstore.json': line(bundle) });
    const flagged = await verify(`${path}.prov`, ...BY_A, ...root);
    expect({ status: flagged.status, stdout: flagged.stdout, stderr: flagged.stderr }).toMatchObject({
      status: 3,
      stdout: '',
    });
    const ruled = await verify(`${path}.prov`, '--policy', await policy(rule(`[${A}]`)));
    expect({ status: ruled.status, stdout: ruled.stdout, stderr: ruled.stderr }).toMatchObject({
      status: 3,
      stdout: '',
    });
  });

  test('a bundle by a key that nobody named leaves other evidence its word', async () => {
    const managed = released({ privateKey: byB.privateKey });
    expect(await verdict(await withBundles(managed, released()), rule(`[${A}]`))).toMatchObject({
      status: 0,
    });
    expect(await verdict(await withBundles(managed), rule(`[${A}]`))).not.toMatchObject({ status: 0 });
  });
});
