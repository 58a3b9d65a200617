import { createHash, generateKeyPairSync, createPublicKey, sign, type KeyObject } from 'node:crypto';
import { bits, integer, octets, oid, sequence, text, time, tlv } from './der.ts';
import { leafHash } from './independent/tree.mjs';
import { checkpointText, logIdOf, noteOf, promiseText, signLine, signText } from './independent/note.mjs';

/** When everything in it happens, in seconds since 1970. */
export const SIGNED_AT = 1_795_000_000;

const OIDS = {
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  commonName: '2.5.4.3',
  keyUsage: '2.5.29.15',
  alternativeName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  extendedUsage: '2.5.29.37',
  codeSigning: '1.3.6.1.5.5.7.3.3',
  timestamps: '1.3.6.1.4.1.11129.2.4.2',
  oldIssuer: '1.3.6.1.4.1.57264.1.1',
  issuer: '1.3.6.1.4.1.57264.1.8',
} as const;

/** What a certificate is to say. */
export interface Certified {
  /** GeneralNames, as they are. */
  readonly names?: readonly Uint8Array[];
  readonly issuer?: string | undefined;
  readonly oldIssuer?: string | undefined;
  readonly isForCode?: boolean;
  readonly isCA?: boolean;
  /** Further extensions, DER. */
  readonly more?: readonly Uint8Array[];
  readonly hasTimestamp?: boolean;
}

export interface Signer {
  readonly privateKey: KeyObject;
  /** DER; undefined: a key signs. */
  readonly certificate?: Uint8Array;
}

export const email = (address: string) => tlv(0x81, Buffer.from(address, 'utf8'));
export const uri = (address: string) => tlv(0x86, Buffer.from(address, 'utf8'));

/** An extension of a certificate. */
export const extension = (id: string, value: Uint8Array) => sequence(oid(id), octets(value));

const newKeys = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
const spkiOf = (key: KeyObject) => key.export({ format: 'der', type: 'spki' });
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest();
const pem = (label: string, der: Uint8Array) =>
  `-----BEGIN ${label}-----\n${base64(der).replaceAll(/.{64}/g, '$&\n')}\n-----END ${label}-----\n`;

/** A Sigstore with a Rekor v1 that certifies and logs whatever a test wants. Nothing of it comes from `src/`. */
export class ForgedSigstore {
  /** When the log says that what is signed next was there, in seconds since 1970. */
  loggedAt = SIGNED_AT;
  readonly #ca = newKeys();
  readonly #certificateLog = newKeys();
  readonly #log = newKeys();
  readonly #root = this.#certificate('root', this.#ca.publicKey, [
    extension(OIDS.basicConstraints, sequence(tlv(0x01, Buffer.from([0xff])))),
    extension(OIDS.keyUsage, bits(Buffer.from([0x06]), 1)),
  ]);

  /** trusted_root.json */
  trustedRoot(): string {
    const validFor = { start: '2021-01-01T00:00:00Z' };
    const log = ({ publicKey }: { readonly publicKey: KeyObject }) => ({
      baseUrl: 'https://log.example',
      hashAlgorithm: 'SHA2_256',
      publicKey: { rawBytes: base64(spkiOf(publicKey)), keyDetails: 'PKIX_ECDSA_P256_SHA_256', validFor },
      logId: { keyId: base64(Buffer.from(logIdOf(publicKey), 'hex')) },
    });
    return JSON.stringify({
      mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
      tlogs: [log(this.#log)],
      ctlogs: [log(this.#certificateLog)],
      certificateAuthorities: [{ certChain: { certificates: [{ rawBytes: base64(this.#root) }] }, validFor }],
      timestampAuthorities: [],
    });
  }

  /** A new key with a certificate. */
  signer({
    names = [email('a@example.com')],
    issuer = 'https://issuer.example',
    oldIssuer,
    isForCode = true,
    isCA = false,
    more = [],
    hasTimestamp = true,
  }: Certified = {}): Signer {
    const { publicKey, privateKey } = newKeys();
    const extensions = [
      extension(OIDS.keyUsage, isCA ? bits(Buffer.from([0x86]), 1) : bits(Buffer.from([0x80]), 7)),
      ...(isCA ? [extension(OIDS.basicConstraints, sequence(tlv(0x01, Buffer.from([0xff]))))] : []),
      ...(isForCode ? [extension(OIDS.extendedUsage, sequence(oid(OIDS.codeSigning)))] : []),
      ...(names.length > 0 ? [extension(OIDS.alternativeName, sequence(...names))] : []),
      ...(issuer === '' ? [] : [extension(OIDS.issuer, text(issuer))]),
      ...(oldIssuer === undefined ? [] : [extension(OIDS.oldIssuer, Buffer.from(oldIssuer, 'utf8'))]),
      ...more,
    ];
    const timestamps = this.#timestamps(this.#toSign('leaf', publicKey, extensions));
    return {
      privateKey,
      certificate: this.#certificate(
        'leaf',
        publicKey,
        hasTimestamp ? [...extensions, timestamps] : extensions,
      ),
    };
  }

  /** A bundle 0.3 with a signature over a file. */
  message(file: Uint8Array, signer: Signer, signature = sign('sha256', file, signer.privateKey)): object {
    const body = {
      apiVersion: '0.0.1',
      kind: 'hashedrekord',
      spec: {
        data: { hash: { algorithm: 'sha256', value: sha256(file).toString('hex') } },
        signature: {
          content: base64(signature),
          publicKey: { content: base64(Buffer.from(verifierOf(signer))) },
        },
      },
    };
    return {
      ...this.#bundle(signer, body),
      messageSignature: {
        messageDigest: { algorithm: 'SHA2_256', digest: base64(sha256(file)) },
        signature: base64(signature),
      },
    };
  }

  /** A bundle 0.3 with a signed statement, logged as an entry of this kind. */
  statement(
    payload: string,
    signer: Signer,
    kind: 'dsse' | 'intoto' = 'dsse',
    hash: string | null = 'sha256',
  ): object {
    const type = 'application/vnd.in-toto+json';
    const bytes = Buffer.from(payload, 'utf8');
    const signed = Buffer.concat([Buffer.from(`DSSEv1 ${type.length} ${type} ${bytes.length} `), bytes]);
    const signature = base64(sign(hash, signed, signer.privateKey));
    const verifier = base64(Buffer.from(verifierOf(signer)));
    const payloadHash = { algorithm: 'sha256', value: sha256(bytes).toString('hex') };
    const body =
      kind === 'dsse'
        ? {
            apiVersion: '0.0.1',
            kind,
            spec: { envelopeHash: payloadHash, payloadHash, signatures: [{ signature, verifier }] },
          }
        : {
            apiVersion: '0.0.2',
            kind,
            spec: {
              content: {
                envelope: {
                  payloadType: type,
                  signatures: [{ sig: base64(Buffer.from(signature)), publicKey: verifier }],
                },
                hash: payloadHash,
                payloadHash,
              },
            },
          };
    return {
      ...this.#bundle(signer, body),
      dsseEnvelope: { payload: base64(bytes), payloadType: type, signatures: [{ sig: signature }] },
    };
  }

  #bundle(signer: Signer, body: { readonly kind: string; readonly apiVersion: string }): object {
    const bytes = Buffer.from(JSON.stringify(body));
    const logId = logIdOf(this.#log.publicKey);
    const rootHash = leafHash(bytes);
    const head = checkpointText({ origin: 'log.example', size: 1, rootHash });
    const promise = promiseText({ body: bytes, integratedTime: this.loggedAt, logId, logIndex: 0 });
    return {
      mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
      verificationMaterial: {
        ...(signer.certificate
          ? { certificate: { rawBytes: base64(signer.certificate) } }
          : { publicKey: { hint: 'of-a-test' } }),
        tlogEntries: [
          {
            logIndex: '0',
            logId: { keyId: base64(Buffer.from(logId, 'hex')) },
            kindVersion: { kind: body.kind, version: body.apiVersion },
            integratedTime: `${this.loggedAt}`,
            inclusionPromise: { signedEntryTimestamp: base64(signText(this.#log.privateKey, promise)) },
            inclusionProof: {
              logIndex: '0',
              rootHash: base64(rootHash),
              treeSize: '1',
              hashes: [],
              checkpoint: { envelope: noteOf(head, [signLine(head, this.#log.privateKey, 'log.example')]) },
            },
            canonicalizedBody: base64(bytes),
          },
        ],
      },
    };
  }

  #toSign(name: string, key: KeyObject, extensions: readonly Uint8Array[]): Buffer {
    const named = (each: string) => sequence(tlv(0x31, sequence(oid(OIDS.commonName), text(each))));
    return sequence(
      tlv(0xa0, integer(2)),
      integer(7),
      sequence(oid(OIDS.ecdsaWithSha256)),
      named('root'),
      sequence(time(SIGNED_AT - 60), time(SIGNED_AT + 600)),
      named(name),
      spkiOf(key),
      tlv(0xa3, sequence(...extensions)),
    );
  }

  #certificate(name: string, key: KeyObject, extensions: readonly Uint8Array[]): Buffer {
    const signed = this.#toSign(name, key, extensions);
    const signature = sign('sha256', signed, this.#ca.privateKey);
    return sequence(signed, sequence(oid(OIDS.ecdsaWithSha256)), bits(signature));
  }

  /** That the log of certificates has it (RFC 6962, 3.2 and 3.3). */
  #timestamps(signed: Uint8Array): Buffer {
    const at = Buffer.alloc(8);
    at.writeBigUInt64BE(BigInt(SIGNED_AT * 1000));
    const length = Buffer.alloc(4);
    length.writeUInt32BE(signed.length);
    const statement = Buffer.concat([
      Buffer.from([0, 0]),
      at,
      Buffer.from([0, 1]),
      sha256(spkiOf(this.#ca.publicKey)),
      length.subarray(1),
      signed,
      Buffer.from([0, 0]),
    ]);
    const signature = sign('sha256', statement, this.#certificateLog.privateKey);
    const id = Buffer.from(logIdOf(this.#certificateLog.publicKey), 'hex');
    const one = Buffer.concat([Buffer.from([0]), id, at, Buffer.from([0, 0, 4, 3]), counted(signature)]);
    return extension(OIDS.timestamps, octets(counted(counted(one))));
  }
}

function counted(bytes: Uint8Array): Buffer {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

function verifierOf({ certificate, privateKey }: Signer): string {
  return certificate ? pem('CERTIFICATE', certificate) : publicPemOf(privateKey);
}

/** The public key of a pair, as PEM. */
export function publicPemOf(privateKey: KeyObject): string {
  return pem('PUBLIC KEY', spkiOf(createPublicKey(privateKey)));
}
