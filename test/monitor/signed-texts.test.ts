import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { InputError } from '../../src/errors.ts';
import type { Sha256 } from '../../src/digest.ts';
import { signedProvenance, signedStatements, type FilesBeside } from '../../src/monitor/signed-texts.ts';
import { ForgedSigstore } from '../support/forged-sigstore.ts';
import { createSigner } from '../support/signer.ts';

const ARCHIVE = Buffer.from('an archive');
const sha256Of = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex') as Sha256;
const OWN = sha256Of(ARCHIVE);
const sigstore = new ForgedSigstore();

const statementAbout = (...digests: readonly string[]) =>
  JSON.stringify({
    _type: 'https://in-toto.io/Statement/v1',
    predicateType: 'https://example.com/release',
    subject: digests.map((sha256) => ({ name: 'hello-0.1.0.tgz', digest: { sha256 } })),
    predicate: {},
  });

/** The digests of what was signed of the archive, which alone was published. */
async function signedDigests(own: Sha256, files: FilesBeside) {
  const isPublished = (sha256: string) => sha256 === own;
  const texts = await Promise.all([
    signedProvenance(own, files, isPublished),
    signedStatements(own, files, isPublished),
  ]);
  return texts.flat().flatMap(({ digests }) => digests);
}

/** What lies beside the archive. */
function beside({
  provenance,
  bundle,
  manifest,
}: {
  provenance?: Uint8Array;
  bundle?: object;
  manifest?: Uint8Array;
}) {
  return {
    provenance: () =>
      provenance ? Promise.resolve(provenance) : Promise.reject(new InputError('there is none')),
    bundles: () =>
      Promise.resolve(
        bundle
          ? [{ label: 'b', bytes: Buffer.from(JSON.stringify(bundle)), ...(manifest && { manifest }) }]
          : [],
      ),
  };
}

const statement = (payload: string) => sigstore.statement(payload, sigstore.signer());

describe('what was signed of an archive', () => {
  test('is nothing where nothing is beside it', async () => {
    expect(await signedDigests(OWN, beside({}))).toEqual([]);
  });

  test('is a statement that names it, by its payload and as it is signed', async () => {
    const payload = statementAbout(OWN);
    const type = 'application/vnd.in-toto+json';
    const encoded = `DSSEv1 ${type.length} ${type} ${payload.length} ${payload}`;
    const digest = (algorithm: string) =>
      `${algorithm}:${createHash(algorithm).update(encoded).digest('hex')}`;
    expect(await signedDigests(OWN, beside({ bundle: statement(payload) }))).toEqual([
      `sha256:${sha256Of(Buffer.from(payload))}`,
      ...['sha256', 'sha384', 'sha512'].map(digest),
    ]);
  });

  test('is also a statement that names another archive as well, and that is named', async () => {
    const other = '0'.repeat(64);
    const bundle = statement(statementAbout(other, OWN));
    const files = [{ name: 'hello-0.1.0.tgz', digests: [`sha256:${other}`] }];
    const found = (isPublished: (sha256: string) => boolean) =>
      signedStatements(OWN, beside({ bundle }), isPublished);
    expect(await found((sha256) => sha256 === OWN)).toMatchObject([{ unpublished: { files, count: 1 } }]);
    expect(await found(() => true)).toMatchObject([{ unpublished: { files: [], count: 0 } }]);
  });

  test('is no statement about another archive: whoever has my key could put it there', async () => {
    const bundle = statement(statementAbout('1'.repeat(64)));
    expect(await signedDigests(OWN, beside({ bundle }))).toEqual([]);
  });

  test('is no statement about a manifest of another archive', async () => {
    const manifestOf = (archive: string) =>
      Buffer.from(
        JSON.stringify({
          schemaVersion: 2,
          config: {
            mediaType: 'application/vnd.cncf.helm.config.v1+json',
            digest: `sha256:${'2'.repeat(64)}`,
            size: 2,
          },
          layers: [
            {
              mediaType: 'application/vnd.cncf.helm.chart.content.v1.tar+gzip',
              digest: `sha256:${archive}`,
              size: 10,
            },
          ],
        }),
      );
    for (const [archive, found] of [
      [OWN, 4],
      ['3'.repeat(64), 0],
    ] as const) {
      const manifest = manifestOf(archive);
      const bundle = statement(statementAbout(sha256Of(manifest)));
      expect(await signedDigests(OWN, beside({ bundle, manifest }))).toHaveLength(found);
    }
  });

  test('is what its provenance signs, and not that of another archive', async () => {
    const signer = await createSigner();
    const own = await signer.sign('hello', '0.1.0', ARCHIVE);
    const other = await signer.sign('hello', '0.1.0', Buffer.from('another archive'));
    expect(await signedDigests(OWN, beside({ provenance: own }))).toHaveLength(3);
    expect(await signedDigests(OWN, beside({ provenance: other }))).toEqual([]);
  });

  test('is nothing where what is beside it makes no sense', async () => {
    const provenance = Buffer.from('no provenance');
    expect(await signedDigests(OWN, beside({ provenance, bundle: { mediaType: 'other' } }))).toEqual([]);
    expect(await signedDigests(OWN, beside({ bundle: statement('no statement') }))).toEqual([]);
  });
});
