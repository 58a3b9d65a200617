import { createPublicKey, generateKeyPairSync, randomBytes, type KeyObject } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { onTestFinished } from 'vitest';
import {
  extensions,
  issueCertificate,
  newSignersAuthority,
  type CertificateOptions,
} from '../support/certificate.ts';
import { generalizedTime, oid, pem, sequence, tlv } from '../support/der.ts';
import { checkpointText, noteOf, signLine } from '../support/independent/note.mjs';
import { leafHash } from '../support/independent/tree.mjs';
import { loneEntry, signatureBody } from '../support/lone-entry.ts';
import { serve, type LoopbackServer } from '../support/loopback.ts';
import { signingConfigOf } from '../sigstore/stack/signing-config.ts';
import { Folder } from '../support/world/folder.ts';

/** What a server says: JSON or bytes with status 200, or whatever it does with the response. */
export type Reply = object | Buffer | ((response: ServerResponse) => void);

/** Requests, as far as the servers look at them. */
interface CertificateRequest {
  readonly credentials: { readonly oidcIdentityToken: string };
  readonly publicKeyRequest: { readonly publicKey: { readonly content: string } };
}
export interface EntryRequest {
  readonly hashedRekordRequestV002: {
    readonly digest: string;
    readonly signature: {
      readonly content: string;
      readonly verifier: { readonly x509Certificate: { readonly rawBytes: string } };
    };
  };
}
export interface TimestampRequest {
  readonly artifactHash: string;
  readonly nonce: number;
}

/** How the servers differ from honest ones. */
export interface Lies {
  readonly authority?: (request: CertificateRequest, certify: Certify) => Reply;
  readonly log?: (request: EntryRequest, asked: number) => Reply;
  readonly timestamps?: (request: TimestampRequest) => Reply;
}

/** Issues a certificate chain for a request, with changes. */
type Certify = (changes?: Partial<CertificateOptions> & { readonly key?: KeyObject }) => string[];

/** Servers that answer as a Sigstore does, signed by nobody whom anybody trusts, for one test. */
export interface FakeSigstore {
  readonly authority: LoopbackServer;
  readonly log: LoopbackServer;
  readonly timestamps: LoopbackServer;
  /** The path of a signing config with them. */
  readonly signingConfig: string;
}

export const SIGNER = 'publisher@example.com';
const ISSUER = 'https://issuer.example.com';
const issuing = newSignersAuthority(now());

/** A token of an issuer that does not exist; claims that are undefined are left out. */
export function fakeToken(claims: Readonly<Record<string, unknown>> = {}): string {
  const all = {
    iss: ISSUER,
    sub: 'user-1',
    aud: 'sigstore',
    exp: now() + 600,
    email: SIGNER,
    email_verified: true,
    ...claims,
  };
  const parts = [{ alg: 'RS256', typ: 'JWT' }, all].map((part) =>
    Buffer.from(JSON.stringify(part)).toString('base64url'),
  );
  return [...parts, randomBytes(64).toString('base64url')].join('.');
}

export async function fakeSigstore(lies: Lies = {}): Promise<FakeSigstore> {
  const certify = (request: CertificateRequest, changes: Parameters<Certify>[0] = {}) => {
    const leaf = issueCertificate({
      commonName: '',
      issuer: issuing.intermediate,
      key: createPublicKey(request.publicKeyRequest.publicKey.content),
      validFor: [now() - 5, now() + 595],
      extensions: leafExtensions(),
      ...changes,
    });
    return [leaf, issuing.intermediate, issuing.root].map(({ certificate }) =>
      pem('CERTIFICATE', certificate),
    );
  };
  const authority = await server((json) => {
    const request = json as CertificateRequest;
    const issue: Certify = (changes) => certify(request, changes);
    return lies.authority?.(request, issue) ?? certificatesReply(issue());
  });
  const log = await server((json, asked) => {
    const request = json as EntryRequest;
    return lies.log?.(request, asked) ?? entryReply(request);
  });
  const timestamps = await server((json) => {
    const request = json as TimestampRequest;
    return lies.timestamps?.(request) ?? timestampReply(request);
  });
  const folder = await Folder.create();
  onTestFinished(() => folder.close());
  const servers = { fulcio: authority, people: authority, rekor: log, timestamps };
  const config = JSON.stringify(signingConfigOf(servers, '2020-01-01T00:00:00Z'));
  return { authority, log, timestamps, signingConfig: await folder.write('signing_config.json', config) };
}

/** What makes a certificate that of a signer. */
export function leafExtensions(name = extensions.email(SIGNER)): Buffer[] {
  return [extensions.signsData(), extensions.codeSigning(), name, extensions.issuer(ISSUER)];
}

export function certificatesReply(certificates: readonly string[]): Reply {
  return { signedCertificateEmbeddedSct: { chain: { certificates } } };
}

const LOG_KEY = generateKeyPairSync('ed25519').privateKey;

/** The entry of a request as the only one of a log, with changes. */
export function entryReply(request: EntryRequest, changes: object = {}): Reply {
  const { digest, signature } = request.hashedRekordRequestV002;
  const body = signatureBody({
    data: { algorithm: 'SHA2_256', digest },
    signature: {
      content: signature.content,
      verifier: {
        keyDetails: 'PKIX_ECDSA_P256_SHA_256',
        x509Certificate: signature.verifier.x509Certificate,
      },
    },
  });
  const text = checkpointText({ origin: '127.0.0.1', size: 1, rootHash: leafHash(body) });
  return {
    ...loneEntry(body, Buffer.alloc(32, 7), noteOf(text, [signLine(text, LOG_KEY, '127.0.0.1')])),
    kindVersion: { kind: 'hashedrekord', version: '0.0.2' },
    integratedTime: '0',
    inclusionPromise: null,
    ...changes,
  };
}

/** What differs from the timestamp that was asked for. */
export interface TimestampChanges {
  readonly status?: number;
  readonly digest?: Buffer;
  readonly algorithm?: string;
  readonly nonce?: Buffer;
  /** Seconds since 1970. */
  readonly time?: number;
}

/** A timestamp response (RFC 3161) whose signature is missing. */
export function timestampReply(request: TimestampRequest, changes: TimestampChanges = {}): Buffer {
  const nonce = Buffer.alloc(6);
  nonce.writeUIntBE(request.nonce, 0, 6);
  const time = new Date((changes.time ?? now()) * 1000).toISOString().replace(/\.[0-9]{3}|[-:T]/g, '');
  const info = sequence(
    tlv(0x02, Buffer.of(1)),
    oid('1.3.6.1.4.1.57264.2'),
    sequence(
      sequence(oid(changes.algorithm ?? '2.16.840.1.101.3.4.2.1')),
      tlv(0x04, changes.digest ?? Buffer.from(request.artifactHash, 'base64')),
    ),
    tlv(0x02, Buffer.of(9)),
    generalizedTime(time),
    tlv(0x02, changes.nonce ?? nonce),
  );
  const signedData = sequence(
    tlv(0x02, Buffer.of(3)),
    tlv(0x31),
    sequence(oid('1.2.840.113549.1.9.16.1.4'), tlv(0xa0, tlv(0x04, info))),
    tlv(0x31),
  );
  const token = sequence(oid('1.2.840.113549.1.7.2'), tlv(0xa0, signedData));
  return sequence(sequence(tlv(0x02, Buffer.of(changes.status ?? 0))), token);
}

/** An answer with another status, of which JSON says the reason. */
export function refusing(status: number, message: string): Reply {
  return (response) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ code: 3, message, details: [] }));
  };
}

/** A page in place of an answer. */
export const PAGE: Reply = (response) => {
  response.writeHead(200, { 'content-type': 'text/html' }).end('<!DOCTYPE html><p>Sign in');
};

/** More than anybody takes. */
export const HUGE: Reply = (response) => {
  response.writeHead(200).end(Buffer.alloc(8 << 20, 0x20));
};

/** No answer, for as long as anybody waits. */
export const SILENCE: Reply = () => undefined;

async function server(reply: (json: unknown, asked: number) => Reply): Promise<LoopbackServer> {
  const started: LoopbackServer = await serve((_, response) => {
    const what = reply(JSON.parse(started.seen.at(-1)?.body ?? '{}'), started.seen.length);
    if (typeof what === 'function') what(response);
    else if (Buffer.isBuffer(what)) response.writeHead(201).end(what);
    else response.writeHead(201, { 'content-type': 'application/json' }).end(JSON.stringify(what));
  });
  return started;
}

function now(): number {
  return Math.floor(Date.now() / 1000);
}
