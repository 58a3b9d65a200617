import { createHash, generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { searchBody } from '../../src/rekor/search-query.ts';
import { email, ForgedSigstore, publicPemOf, type Signer } from '../support/forged-sigstore.ts';
import { HostileWorld, LOGGED } from '../support/world/hostile-world.ts';

const sigstore = new ForgedSigstore();

interface Found {
  readonly proofs: string;
  readonly archive?: object;
  readonly signature?: Readonly<Record<string, unknown>>;
}

/** The body of the entry that a bundle has. */
function bodyIn(bundle: object): Buffer {
  const { verificationMaterial } = bundle as {
    verificationMaterial: { tlogEntries: { canonicalizedBody: string }[] };
  };
  return Buffer.from(verificationMaterial.tlogEntries[0]?.canonicalizedBody ?? '', 'base64');
}

const keySigner = (): Signer => generateKeyPairSync('ec', { namedCurve: 'P-256' });
const hex = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

const search = async (world: HostileWorld, words: readonly string[], output = 'json') =>
  await world.user.run([
    ...['search', ...words, '--rekor-server', world.server.url, ...world.user.trust, '--output', output],
  ]);

/** What a search of the chart shows where the log has these entries. */
async function searched(bodies: (archive: Uint8Array) => readonly Uint8Array[]) {
  const world = await HostileWorld.open();
  for (const body of bodies(world.chart.archive)) world.log.append(body, { integratedTime: LOGGED });
  const { status, stdout } = await search(world, [world.chart.path]);
  const { entries } = JSON.parse(stdout) as { entries: readonly Found[] };
  return {
    status,
    entries,
    text: (await search(world, [world.chart.path], 'text')).stdout,
    archive: world.chart.archive,
  };
}

describe('search shows of signatures of Sigstore', () => {
  test('the digest, whose certificate it is, and its key', async () => {
    const signer = sigstore.signer();
    const { status, entries, text, archive } = await searched((of) => [bodyIn(sigstore.message(of, signer))]);
    expect(status).toBe(0);
    expect(entries[0]).toMatchObject({
      proofs: 'hold',
      signature: {
        kind: 'hashedrekord 0.0.1',
        digest: { algorithm: 'sha256', hex: hex(archive) },
        signer: { identity: 'a@example.com', issuer: 'https://issuer.example' },
      },
    });
    expect(entries[0]).not.toHaveProperty('archive');
    expect(text).toContain('  Kind: hashedrekord 0.0.1\n');
    expect(text).toContain(`  Digest: sha256:${hex(archive)}\n`);
    expect(text).toContain('  Signed By: a@example.com (issuer https://issuer.example; ');
    expect(text).toContain('was not checked)\n');
  });

  test('the key alone, where there is no certificate', async () => {
    const signer = keySigner();
    const { entries, text } = await searched((of) => [bodyIn(sigstore.message(of, signer))]);
    const keyId = hex(Buffer.from(publicPemOf(signer.privateKey).replaceAll(/-----.*|\n/g, ''), 'base64'));
    expect(entries[0]?.signature?.['signer']).toEqual({ keyId });
    expect(text).toContain(`  Public Key: sha256:${keyId}\n`);
    expect(text).not.toContain('Signed By');
  });

  test.each(['dsse', 'intoto'] as const)('the payload, where a statement was logged as %s', async (kind) => {
    const { entries, text } = await searched(() => [
      bodyIn(sigstore.statement('{"a statement":1}', sigstore.signer(), kind)),
    ]);
    expect(entries[0]?.signature).toMatchObject({
      kind: kind === 'dsse' ? 'dsse 0.0.1' : 'intoto 0.0.2',
      payload: { algorithm: 'sha256', hex: hex(Buffer.from('{"a statement":1}')) },
    });
    expect(text).toContain('  Payload: sha256:');
  });

  test('no name of a certificate that names nobody, or cannot be read', async () => {
    const nobody = sigstore.signer({ names: [] });
    const broken = { ...keySigner(), certificate: Buffer.from('3003020101', 'hex') };
    for (const signer of [nobody, broken]) {
      const { status, entries, text } = await searched((of) => [bodyIn(sigstore.message(of, signer))]);
      expect(status).toBe(0);
      expect(entries[0]?.signature?.['signer']).toEqual({
        keyId: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown,
      });
      expect(text).not.toContain('Signed By');
    }
  });

  test('no control characters, and names cut to what people can read', async () => {
    const signer = sigstore.signer({
      names: [email(`a\u001b[2J${'x'.repeat(5000)}@example.com`)],
      issuer: 'https://issuer.example/\u0007',
    });
    const { text, entries } = await searched((of) => [bodyIn(sigstore.message(of, signer))]);
    expect(text).not.toMatch(/[\u0007\u001b]/);
    expect(text.length).toBeLessThan(2000);
    expect(entries).toHaveLength(1);
  });

  test('them beside helm entries, and what is neither as before', async () => {
    const world = await HostileWorld.open();
    world.logChart();
    world.log.append(bodyIn(sigstore.message(world.chart.archive, sigstore.signer())), {
      integratedTime: LOGGED,
    });
    world.log.append(Buffer.from('{"kind":"rekord","apiVersion":"0.0.1","spec":{}}'), {
      integratedTime: LOGGED,
    });
    const ran = await search(world, [world.chart.path]);
    const { entries } = JSON.parse(ran.stdout) as { entries: readonly Found[] };
    expect(entries.map((each) => [each.archive !== undefined, each.signature !== undefined])).toEqual([
      [true, false],
      [false, true],
      [false, false],
    ]);
  });
});

describe('search asks by a key of Sigstore', () => {
  test.each(['PUBLIC KEY', 'CERTIFICATE'])('a PEM file with a %s is sent as x509', async (label) => {
    const world = await HostileWorld.open();
    world.log.append(bodyIn(sigstore.message(world.chart.archive, sigstore.signer())), {
      integratedTime: LOGGED,
    });
    const pem = `-----BEGIN ${label}-----\nMAMCAQE=\n-----END ${label}-----\n`;
    expect(searchBody({ x509: Buffer.from(pem) })).toEqual({
      publicKey: { format: 'x509', content: Buffer.from(pem).toString('base64') },
      hash: `sha256:${hex(Buffer.from(pem))}`,
      operator: 'or',
    });
    const path = await world.write('key.pem', pem);
    expect((await search(world, ['--public-key', path])).status).toBe(0);
    const two = await world.write('two.pem', pem + pem);
    expect((await search(world, ['--public-key', two])).status).toBe(3);
  });

  test('a private key is refused before anything is asked', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const world = await HostileWorld.open();
    for (const content of [
      privateKey.export({ format: 'pem', type: 'pkcs8' }),
      privateKey.export({ format: 'pem', type: 'sec1' }),
      '-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nxA==\n-----END PGP PRIVATE KEY BLOCK-----\n',
      Buffer.from([0xc5, 0x01, 0x04]),
      Buffer.from([0x95, 0x00, 0x01, 0x04]),
    ]) {
      const { status, stderr } = await search(world, ['--public-key', await world.write('key.pem', content)]);
      expect(status).toBe(3);
      expect(stderr).toContain('private key');
    }
  });
});
