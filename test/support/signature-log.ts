import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { bits, integer, octets, oid, sequence, text, time, tlv } from './der.ts';
import { checkpointText, logIdOf, noteOf, promiseText, signLine, signText } from './independent/note.mjs';
import { leafHash, ReferenceTree } from './independent/tree.mjs';
import { signatureBody } from './lone-entry.ts';

/** A signature as a log of signatures takes it: what it is over, the signature, and whose it is. */
export interface PlainSignature {
  readonly preimage: Uint8Array;
  readonly hash: 'sha256' | 'sha384' | 'sha512';
  readonly signature: Uint8Array;
  /** DER. */
  readonly spki: Uint8Array;
  readonly keyDetails: string;
}

/** How the log takes it. */
export interface Taking {
  /** Of the Rekor. */
  readonly version?: 1 | 2;
  /** When: seconds since 1970. */
  readonly at: number;
}

const ORIGIN = 'log.test';
const OIDS = {
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  sha256: '2.16.840.1.101.3.4.2.1',
  commonName: '2.5.4.3',
  keyUsage: '2.5.29.15',
  basicConstraints: '2.5.29.19',
  extendedUsage: '2.5.29.37',
  timeStamping: '1.3.6.1.5.5.7.3.8',
  signedData: '1.2.840.113549.1.7.2',
  timestamp: '1.2.840.113549.1.9.16.1.4',
  contentType: '1.2.840.113549.1.9.3',
  messageDigest: '1.2.840.113549.1.9.4',
  policy: '1.3.6.1.4.1.57264.2',
} as const;
const START = 1_700_000_000;
const END = 2_000_000_000;
const NAMES = { sha256: 'SHA2_256', sha384: 'SHA2_384', sha512: 'SHA2_512' } as const;

const detailsOf = ({ asymmetricKeyType }: KeyObject) =>
  asymmetricKeyType === 'ed25519' ? 'PKIX_ED25519' : 'PKIX_ECDSA_P256_SHA_256';
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64');
const sha256 = (...parts: readonly Uint8Array[]) =>
  createHash('sha256').update(Buffer.concat(parts)).digest();
const spkiOf = (key: KeyObject) => key.export({ format: 'der', type: 'spki' });
const newKeys = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
const named = (name: string) => sequence(tlv(0x31, sequence(oid(OIDS.commonName), text(name))));
const pem = (der: Uint8Array) =>
  `-----BEGIN PUBLIC KEY-----\n${base64(der).replaceAll(/.{64}/g, '$&\n')}\n-----END PUBLIC KEY-----\n`;

/** A Rekor v1, a Rekor v2 and a timestamp authority that take and sign whatever a test wants. Nothing of it comes from `src/`. */
export class SignatureLog {
  readonly #leaves: Readonly<Record<'old' | 'new', Uint8Array[]>> = { old: [], new: [] };
  readonly #old = newKeys();
  readonly #new = generateKeyPairSync('ed25519');
  readonly #ca = newKeys();
  readonly #tsa = newKeys();
  readonly #root = this.#certificate('tsa root', 1, this.#ca.publicKey, [
    extension(OIDS.basicConstraints, sequence(tlv(0x01, Buffer.from([0xff])))),
    extension(OIDS.keyUsage, bits(Buffer.from([0x06]), 1)),
  ]);
  readonly #leaf = this.#certificate('tsa', 2, this.#tsa.publicKey, [
    extension(OIDS.keyUsage, bits(Buffer.from([0x80]), 7)),
    extension(OIDS.extendedUsage, sequence(oid(OIDS.timeStamping))),
  ]);

  /** trusted_root.json. @param until when the keys of the logs, and of the authority, stopped to count */
  trustedRoot(until: { readonly log?: number; readonly authority?: number } = {}): object {
    const log = (baseUrl: string, key: KeyObject, keyId: Buffer) => ({
      baseUrl,
      hashAlgorithm: 'SHA2_256',
      publicKey: { rawBytes: base64(spkiOf(key)), keyDetails: detailsOf(key), validFor: span(until.log) },
      logId: { keyId: base64(keyId) },
    });
    return {
      mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
      tlogs: [
        log('https://old-log.test', this.#old.publicKey, Buffer.from(logIdOf(this.#old.publicKey), 'hex')),
        log(`https://${ORIGIN}`, this.#new.publicKey, this.#keyId()),
      ],
      ctlogs: [],
      certificateAuthorities: [],
      timestampAuthorities: [
        {
          certChain: { certificates: [this.#leaf, this.#root].map((der) => ({ rawBytes: base64(der) })) },
          validFor: span(until.authority),
        },
      ],
    };
  }

  /** A bundle 0.3 of a signature that a log has taken: with a timestamp of v2, with a promise of v1. */
  bundle(signed: PlainSignature, { version = 2, at }: Taking): object {
    const { preimage, hash, signature, spki } = signed;
    const digest = createHash(hash).update(preimage).digest();
    return {
      mediaType: 'application/vnd.dev.sigstore.bundle.v0.3+json',
      verificationMaterial: {
        publicKey: { hint: base64(sha256(spki)) },
        tlogEntries: [version === 2 ? this.#newEntry(signed, digest) : this.#oldEntry(signed, digest, at)],
        ...(version === 2 && {
          timestampVerificationData: {
            rfc3161Timestamps: [{ signedTimestamp: base64(this.timestamp(signature, at)) }],
          },
        }),
      },
      messageSignature: {
        messageDigest: { algorithm: NAMES[hash], digest: base64(digest) },
        signature: base64(signature),
      },
    };
  }

  /** That a signature was there at a time. */
  timestamp(signature: Uint8Array, at: number): Buffer {
    return this.timestampOver(sha256(signature), at);
  }

  /** That something with this SHA-256 was there at a time (RFC 3161, 2.4.2; RFC 5652). @param nonce of the request */
  timestampOver(digest: Uint8Array, at: number, nonce?: Uint8Array): Buffer {
    const algorithm = sequence(oid(OIDS.sha256));
    const info = sequence(
      integer(1),
      oid(OIDS.policy),
      sequence(algorithm, octets(digest)),
      integer(9),
      time(at),
      ...(nonce ? [tlv(0x02, nonce)] : []),
    );
    const attributes = [
      sequence(oid(OIDS.contentType), tlv(0x31, oid(OIDS.timestamp))),
      sequence(oid(OIDS.messageDigest), tlv(0x31, octets(sha256(info)))),
    ];
    const signer = sequence(
      integer(1),
      sequence(named('tsa root'), integer(2)),
      algorithm,
      tlv(0xa0, ...attributes),
      sequence(oid(OIDS.ecdsaWithSha256)),
      octets(sign('sha256', tlv(0x31, ...attributes), this.#tsa.privateKey)),
    );
    const signedData = sequence(
      integer(3),
      tlv(0x31, algorithm),
      sequence(oid(OIDS.timestamp), tlv(0xa0, octets(info))),
      tlv(0x31, signer),
    );
    return sequence(sequence(integer(0)), sequence(oid(OIDS.signedData), tlv(0xa0, signedData)));
  }

  #newEntry({ signature, spki, keyDetails, hash }: PlainSignature, digest: Buffer): object {
    const verifier = { keyDetails, publicKey: { rawBytes: base64(spki) } };
    const body = signatureBody({
      data: { algorithm: NAMES[hash], digest: base64(digest) },
      signature: { content: base64(signature), verifier },
    });
    const tree = this.#grown('new', body);
    const head = checkpointText({ origin: ORIGIN, size: tree.size, rootHash: tree.root() });
    const line = {
      name: ORIGIN,
      keyHint: this.#keyId().subarray(0, 4),
      signature: signText(this.#new.privateKey, head),
    };
    return {
      ...entryOf(body, this.#keyId(), noteOf(head, [line]), tree),
      kindVersion: { kind: 'hashedrekord', version: '0.0.2' },
    };
  }

  #oldEntry({ signature, spki, hash }: PlainSignature, digest: Buffer, at: number): object {
    const body = Buffer.from(
      JSON.stringify({
        apiVersion: '0.0.1',
        kind: 'hashedrekord',
        spec: {
          data: { hash: { algorithm: hash, value: digest.toString('hex') } },
          signature: { content: base64(signature), publicKey: { content: base64(Buffer.from(pem(spki))) } },
        },
      }),
    );
    const logId = logIdOf(this.#old.publicKey);
    const tree = this.#grown('old', body);
    const head = checkpointText({ origin: 'old-log.test - 1', size: tree.size, rootHash: tree.root() });
    const note = noteOf(head, [signLine(head, this.#old.privateKey, 'old-log.test')]);
    const promise = promiseText({ body, integratedTime: at, logId, logIndex: tree.size - 1 });
    return {
      ...entryOf(body, Buffer.from(logId, 'hex'), note, tree),
      kindVersion: { kind: 'hashedrekord', version: '0.0.1' },
      integratedTime: `${at}`,
      inclusionPromise: { signedEntryTimestamp: base64(signText(this.#old.privateKey, promise)) },
    };
  }

  /** A tree of a log with this entry as its last. */
  #grown(log: 'old' | 'new', body: Buffer): ReferenceTree {
    this.#leaves[log].push(leafHash(body));
    return new ReferenceTree(this.#leaves[log]);
  }

  /** What names the key of the log of v2 (C2SP signed-note). */
  #keyId(): Buffer {
    return sha256(Buffer.from(`${ORIGIN}\n\x01`), spkiOf(this.#new.publicKey).subarray(-32));
  }

  #certificate(name: string, serial: number, key: KeyObject, extensions: readonly Uint8Array[]): Buffer {
    const signed = sequence(
      tlv(0xa0, integer(2)),
      integer(serial),
      sequence(oid(OIDS.ecdsaWithSha256)),
      named('tsa root'),
      sequence(time(START), time(END)),
      named(name),
      spkiOf(key),
      tlv(0xa3, sequence(...extensions)),
    );
    const signature = sign('sha256', signed, this.#ca.privateKey);
    return sequence(signed, sequence(oid(OIDS.ecdsaWithSha256)), bits(signature));
  }
}

function extension(id: string, value: Uint8Array): Buffer {
  return sequence(oid(id), octets(value));
}

function span(until = END): object {
  return { start: spell(START), end: spell(until) };
}

function spell(seconds: number): string {
  return new Date(seconds * 1000).toISOString();
}

/** The last entry of a tree. */
function entryOf(body: Buffer, keyId: Buffer, checkpoint: string, tree: ReferenceTree): object {
  const logIndex = String(tree.size - 1);
  return {
    logIndex,
    logId: { keyId: base64(keyId) },
    inclusionProof: {
      logIndex,
      rootHash: base64(tree.root()),
      treeSize: String(tree.size),
      hashes: tree.inclusionProof(tree.size - 1).map(base64),
      checkpoint: { envelope: checkpoint },
    },
    canonicalizedBody: base64(body),
  };
}
