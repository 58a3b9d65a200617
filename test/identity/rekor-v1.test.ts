import { createHash, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { MalformedError } from '../../src/errors.ts';
import type { ContentToSign, FreshSignature } from '../../src/identity/fresh-signature.ts';
import { readRekorV1Entry } from '../../src/identity/rekor-v1.ts';
import { issueCertificate } from '../support/certificate.ts';
import { pem } from '../support/der.ts';
import { noteOf, signLine } from '../support/independent/note.mjs';
import { pieces } from './context.ts';
import { leafExtensions } from './fake-sigstore.ts';

const PAYLOAD = Buffer.from('{"a":"statement"}');
const DIGEST = createHash('sha256').update('an archive').digest();
const SIGNATURE = Buffer.from('a signature');
const LOG_KEY = generateKeyPairSync('ed25519').privateKey;
const LEAF = certificateFor(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);
const OTHER = certificateFor(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);

const contents = {
  message: { kind: 'message', chunks: () => pieces(), digest: DIGEST },
  statement: { kind: 'statement', payload: PAYLOAD, payloadType: 'application/vnd.in-toto+json' },
} as const satisfies Record<string, ContentToSign>;

function certificateFor(key: KeyObject): Buffer {
  return issueCertificate({ commonName: '', key, validFor: [0, 1_000_000_000], extensions: leafExtensions() })
    .certificate;
}

function fresh(content: ContentToSign): FreshSignature {
  const certificate = { der: LEAF, pem: pem('CERTIFICATE', LEAF), named: '', validFrom: 0, validUntil: 0 };
  return { content, digest: DIGEST, signature: SIGNATURE, certificate };
}

/** What an entry says. */
interface Said {
  readonly digest: string;
  readonly signature: string;
  readonly certificate: Buffer;
}

function bodyOf(kind: 'message' | 'statement', { digest, signature, certificate }: Said): object {
  const verifier = Buffer.from(pem('CERTIFICATE', certificate)).toString('base64');
  const hash = { algorithm: 'sha256', value: digest };
  if (kind === 'message')
    return {
      apiVersion: '0.0.1',
      kind: 'hashedrekord',
      spec: { data: { hash }, signature: { content: signature, publicKey: { content: verifier } } },
    };
  return {
    apiVersion: '0.0.1',
    kind: 'dsse',
    spec: { envelopeHash: hash, payloadHash: hash, signatures: [{ signature, verifier }] },
  };
}

function answerOf(body: object, changes: object = {}): object {
  const bytes = Buffer.from(JSON.stringify(body));
  const leaf = createHash('sha256').update(Buffer.of(0)).update(bytes).digest();
  const text = `rekor.local - 1\n1\n${leaf.toString('base64')}\n`;
  return {
    [leaf.toString('hex')]: {
      body: bytes.toString('base64'),
      integratedTime: 1_800_000_000,
      logID: createHash('sha256')
        .update(createPublicKey(LOG_KEY).export({ format: 'der', type: 'spki' }))
        .digest('hex'),
      logIndex: 7,
      verification: {
        inclusionProof: {
          checkpoint: noteOf(text, [signLine(text, LOG_KEY, 'rekor.local')]),
          hashes: [],
          logIndex: 0,
          rootHash: leaf.toString('hex'),
          treeSize: 1,
          ...changes,
        },
        signedEntryTimestamp: 'AAAA',
      },
    },
  };
}

describe.each(['message', 'statement'] as const)('the entry of a %s on a Rekor v1', (kind) => {
  const digest = kind === 'message' ? DIGEST : createHash('sha256').update(PAYLOAD).digest();
  const honest: Said = {
    digest: digest.toString('hex'),
    signature: SIGNATURE.toString('base64'),
    certificate: LEAF,
  };
  const read = (answer: object) => readRekorV1Entry(answer, fresh(contents[kind]));

  it('is taken as it is', () => {
    const entry = read(answerOf(bodyOf(kind, honest)));
    expect(entry).toMatchObject({
      logIndex: '7',
      kindVersion: { kind: kind === 'message' ? 'hashedrekord' : 'dsse', version: '0.0.1' },
      integratedTime: '1800000000',
      inclusionPromise: { signedEntryTimestamp: 'AAAA' },
      inclusionProof: { logIndex: '0', treeSize: '1' },
    });
  });

  it.each<[string, Partial<Said>]>([
    ['digest', { digest: '00'.repeat(32) }],
    ['signature', { signature: 'AAAA' }],
    ['certificate', { certificate: OTHER }],
  ])('with another %s is not ours', (_, changes) => {
    expect(() => read(answerOf(bodyOf(kind, { ...honest, ...changes })))).toThrow('another signature');
  });

  it.each<[string, object]>([
    ['of the other kind', answerOf(bodyOf(kind === 'message' ? 'statement' : 'message', honest))],
    ['with a proof of another root', answerOf(bodyOf(kind, honest), { rootHash: '00'.repeat(32) })],
    ['with a proof of a larger tree', answerOf(bodyOf(kind, honest), { treeSize: 2 })],
    ['with a proof that is too long', answerOf(bodyOf(kind, honest), { hashes: ['00'.repeat(32)] })],
    ['without a certificate', answerOf(bodyOf(kind, { ...honest, certificate: Buffer.of(0) }))],
    ['that is nothing', {}],
  ])('%s is refused', (_, answer) => {
    expect(() => read(answer)).toThrow(MalformedError);
  });
});
