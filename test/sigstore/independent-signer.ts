import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import type { Sigstore } from './stack/sigstore.ts';

/** A bundle 0.3 of a signature over bytes, as far as the tests look at it. */
export interface MessageBundle {
  readonly verificationMaterial: {
    readonly certificate: { readonly rawBytes: string };
    readonly tlogEntries: readonly Readonly<Record<string, unknown>>[];
    readonly timestampVerificationData: {
      readonly rfc3161Timestamps: readonly { signedTimestamp: string }[];
    };
  };
  readonly messageSignature: {
    readonly messageDigest: { readonly algorithm: string; readonly digest: string };
    readonly signature: string;
  };
}

/** The certificates, leaf first and in PEM, that a Fulcio gives for this token and a new key. */
export async function certified(
  { servers }: Sigstore,
  token: string,
): Promise<{ readonly chain: readonly string[]; readonly key: ReturnType<typeof newKey> }> {
  const key = newKey();
  const [, claims = ''] = token.split('.');
  const { email, sub } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as Record<string, string>;
  const answer = await posted(`${servers.fulcio.url}/api/v2/signingCert`, {
    credentials: { oidcIdentityToken: token },
    publicKeyRequest: {
      publicKey: {
        algorithm: 'ECDSA',
        content: key.publicKey.export({ format: 'pem', type: 'spki' }),
      },
      proofOfPossession: sign('sha256', Buffer.from(email ?? sub ?? ''), key.privateKey).toString('base64'),
    },
  });
  const { signedCertificateEmbeddedSct } = JSON.parse(answer.toString()) as {
    signedCertificateEmbeddedSct: { chain: { certificates: string[] } };
  };
  return { chain: signedCertificateEmbeddedSct.chain.certificates, key };
}

/** Signs bytes by the shortest way, without any code of the plugin. */
export async function signedMessage(
  sigstore: Sigstore,
  token: string,
  bytes: Uint8Array,
): Promise<MessageBundle> {
  const { chain, key } = await certified(sigstore, token);
  const [leaf = ''] = chain;
  const rawBytes = leaf.replace(/-----[^-]+-----|\s/g, '');
  const digest = createHash('sha256').update(bytes).digest('base64');
  const signature = sign('sha256', bytes, key.privateKey);
  const { rekor, timestamps } = sigstore.servers;
  const entry = await posted(`${rekor.url}/api/v2/log/entries`, {
    hashedRekordRequestV002: {
      digest,
      signature: {
        content: signature.toString('base64'),
        verifier: { x509Certificate: { rawBytes }, keyDetails: 'PKIX_ECDSA_P256_SHA_256' },
      },
    },
  });
  const timestamp = await posted(timestamps.url, {
    artifactHash: createHash('sha256').update(signature).digest('base64'),
    hashAlgorithm: 'sha256',
    certificates: false,
    nonce: 1,
  });
  const bundle = {
    mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
    verificationMaterial: {
      certificate: { rawBytes },
      tlogEntries: [JSON.parse(entry.toString()) as Record<string, unknown>],
      timestampVerificationData: { rfc3161Timestamps: [{ signedTimestamp: timestamp.toString('base64') }] },
    },
    messageSignature: {
      messageDigest: { algorithm: 'SHA2_256', digest },
      signature: signature.toString('base64'),
    },
  };
  return bundle;
}

/** Posts JSON, and returns the bytes of the answer. */
export async function posted(url: string, json: object): Promise<Buffer> {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(json) });
  const body = Buffer.from(await answer.arrayBuffer());
  if (!answer.ok) throw new Error(`${url}: status ${answer.status}: ${body.toString()}`);
  return body;
}

function newKey() {
  return generateKeyPairSync('ec', { namedCurve: 'P-256' });
}
