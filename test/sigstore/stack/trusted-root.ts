import { createHash, createPublicKey, type KeyObject, type X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { SignersAuthority } from '../../support/certificate.ts';
import { LOG_ORIGIN } from './rekor-tiles.ts';

/** The servers of a Sigstore, as far as a verifier has to know them. */
export interface TrustedServers {
  readonly authority: SignersAuthority;
  readonly fulcio: { readonly url: string };
  readonly certificateLog: { readonly url: string; readonly publicKey: KeyObject };
  readonly rekor: { readonly url: string; readonly publicKey: KeyObject };
  readonly timestamps: { readonly url: string; readonly chain: readonly X509Certificate[] };
}

/** A trusted root 0.1 (sigstore_trustroot.proto) with these servers, each valid from a time (RFC 3339) on. */
export function trustedRootOf(servers: TrustedServers, start: string): object {
  const { authority, fulcio, certificateLog, rekor, timestamps } = servers;
  const signers = [authority.intermediate, authority.root];
  return {
    mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
    tlogs: [log(rekor, 'PKIX_ED25519', noteKeyId(rekor.publicKey), start)],
    certificateAuthorities: [
      {
        subject: { organization: 'sigstore.test', commonName: authority.root.commonName },
        uri: fulcio.url,
        certChain: chain(signers.map(({ certificate }) => certificate)),
        validFor: { start },
      },
    ],
    ctlogs: [log(certificateLog, 'PKIX_ECDSA_P256_SHA_256', sha256(spki(certificateLog.publicKey)), start)],
    timestampAuthorities: [
      {
        subject: { organization: 'local', commonName: 'Test TSA Root' },
        uri: timestamps.url,
        certChain: chain(timestamps.chain.map(({ raw }) => raw)),
        validFor: { start },
      },
    ],
  };
}

/** A trusted root of a file with a log of the first version in place of the other one. */
export async function trustedRootWithV1(
  file: string,
  rekor: { readonly url: string; readonly publicKey: string },
): Promise<object> {
  const trusted = JSON.parse(await readFile(file, 'utf8')) as { tlogs: { publicKey: object }[] };
  const key = spki(createPublicKey(await readFile(rekor.publicKey)));
  const [log] = trusted.tlogs;
  const publicKey = {
    ...log?.publicKey,
    rawBytes: key.toString('base64'),
    keyDetails: 'PKIX_ECDSA_P256_SHA_256',
  };
  const logId = { keyId: sha256(key).toString('base64') };
  return { ...trusted, tlogs: [{ ...log, baseUrl: rekor.url, publicKey, logId }] };
}

function log(
  { url, publicKey }: { readonly url: string; readonly publicKey: KeyObject },
  keyDetails: string,
  keyId: Buffer,
  start: string,
): object {
  return {
    baseUrl: url,
    hashAlgorithm: 'SHA2_256',
    publicKey: { rawBytes: spki(publicKey).toString('base64'), keyDetails, validFor: { start } },
    logId: { keyId: keyId.toString('base64') },
  };
}

/** The whole of which a note has the first four bytes (C2SP signed-note): of the name, the kind of key (1) and the key. */
function noteKeyId(publicKey: KeyObject): Buffer {
  return sha256(Buffer.from(`${LOG_ORIGIN}\n\x01`), spki(publicKey).subarray(-32));
}

function chain(certificates: readonly Buffer[]): object {
  return { certificates: certificates.map((raw) => ({ rawBytes: raw.toString('base64') })) };
}

function spki(key: KeyObject): Buffer {
  return key.export({ format: 'der', type: 'spki' });
}

function sha256(...parts: readonly Buffer[]): Buffer {
  return createHash('sha256').update(Buffer.concat(parts)).digest();
}
