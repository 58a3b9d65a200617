import { createPrivateKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { createHash } from 'node:crypto';
import * as openpgp from 'openpgp';
import { encodeArmor } from '../../src/openpgp/armor.ts';
import { packetTag, writePacket } from '../../src/openpgp/packets.ts';
import { signatureType } from '../../src/openpgp/signature-packet.ts';

// Times are seconds since 1970, durations seconds.

/** 2024-01-01: when the keys and self-signatures of these tests were made, unless they say otherwise. */
export const KEY_CREATED = 1704067200;
/** 2024-06-01: when their charts were signed. */
export const CHART_SIGNED = 1717200000;
export const DAY = 86400;

export interface SignerOptions {
  readonly userIds?: readonly string[];
  readonly created?: number;
  readonly expiresAfter?: number;
  /** `ed25519` is that of GnuPG, `ed25519-new` and `ed448` those of RFC 9580. */
  readonly algorithm?: keyof typeof KEY_OPTIONS;
  /** Signs with a subkey; the primary key then only certifies. */
  readonly subkey?: { readonly created?: number; readonly expiresAfter?: number };
}

/** What a certificate of the same keys has instead of what it was made with. */
export interface CertificateChanges {
  /** One on every user ID; the default is one of the key's creation time. */
  readonly selfSignatures?: readonly SelfSignature[];
  readonly bindings?: readonly Binding[];
  readonly revocations?: readonly RevocationPacket[];
  readonly subkeyRevocations?: readonly RevocationPacket[];
  /** Fingerprint of a designated revoker, named in a direct-key signature. */
  readonly revoker?: string;
}

export interface SelfSignature {
  readonly at?: number;
  readonly expiresAfter?: number;
  /** Key flags; the default is to certify and, unless there is a subkey, to sign. */
  readonly flags?: number;
}

export interface Binding extends SelfSignature {
  readonly backSignature?: boolean;
}

interface RevocationPacket {
  readonly at: number;
  /** 0 or none: no reason, 1: superseded, 2: compromised, 3: retired. */
  readonly reason?: number;
  readonly hash?: 'md5' | 'ripemd' | 'sha1';
  /** The default is the certificate's own primary key. */
  readonly by?: TestSigner;
}

export interface SigningOptions {
  readonly at?: number;
  readonly expiresAfter?: number;
  readonly binary?: boolean;
  /** The default is SHA-512. */
  readonly hash?: 'md5' | 'sha1' | 'sha256' | 'sha384';
}

const { enums } = openpgp;
const config = {
  ...openpgp.config,
  minRSABits: 1024,
  rejectCurves: new Set<openpgp.enums.curve>(),
  nonDeterministicSignaturesViaNotation: false,
};

/** A publisher of charts, with a throw-away key made with the OpenPGP library. */
export async function createSigner(options: SignerOptions = {}): Promise<TestSigner> {
  const created = options.created ?? KEY_CREATED;
  const subkeyCreated = options.subkey?.created ?? created;
  const { privateKey } = await openpgp.generateKey({
    userIDs: { name: 'unused' },
    date: new Date(created * 1000),
    subkeys: options.subkey ? [{ sign: true, date: new Date(subkeyCreated * 1000) }] : [],
    format: 'object',
    config,
    ...KEY_OPTIONS[options.algorithm ?? 'ed25519'],
  });
  const subkey = privateKey.subkeys[0]?.keyPacket as unknown as SecretKey | undefined;
  const signer = new TestSigner(options, privateKey.keyPacket as unknown as SecretKey, subkey);
  signer.certificate = await signer.certificateWith({});
  return signer;
}

export class TestSigner {
  /** The certificate as it was made, binary. */
  certificate: Uint8Array = new Uint8Array();

  constructor(
    private readonly options: SignerOptions,
    private readonly primary: SecretKey,
    private readonly subkey: SecretKey | undefined,
  ) {}

  /** Of the primary key. */
  get fingerprint(): string {
    return this.primary.getFingerprint();
  }

  /** Of the key that signs. */
  get signingFingerprint(): string {
    return (this.subkey ?? this.primary).getFingerprint();
  }

  /** The key that signs, as other tools than OpenPGP have it; of `p256` alone. */
  get plainKey(): KeyObject {
    const { publicParams, privateParams } = this.subkey ?? this.primary;
    const [x, y, d] = [publicParams.Q?.slice(1, 33), publicParams.Q?.slice(33), privateParams.d].map(
      (number = new Uint8Array()) => Buffer.from(number).toString('base64url'),
    );
    return createPrivateKey({ key: { kty: 'EC', crv: 'P-256', x, y, d } as JsonWebKey, format: 'jwk' });
  }

  get armored(): string {
    return `${encodeArmor('PGP PUBLIC KEY BLOCK', this.certificate)}\n`;
  }

  /** The provenance that Helm would write for the archive (its bytes, or their SHA-256 in hexadecimal). */
  async sign(
    chart: string,
    version: string,
    archive: Uint8Array | string,
    options: SigningOptions = {},
  ): Promise<Uint8Array> {
    return await this.signText(chartText(chart, version, archive), options);
  }

  /** A file of the text and a signature over it. */
  async signText(text: string, options: SigningOptions = {}): Promise<Uint8Array> {
    const lines = text.split('\n');
    const signed = Buffer.from(lines.map((line) => line.replace(/[ \t]+$/, '')).join('\r\n'));
    const packet = await makeSignature(
      this.subkey ?? this.primary,
      options.binary === true ? signatureType.binary : signatureType.text,
      { text: null, getBytes: () => signed },
      options.at ?? CHART_SIGNED,
      {
        ...(options.expiresAfter !== undefined && {
          signatureExpirationTime: options.expiresAfter,
          signatureNeverExpires: false,
        }),
        ...(options.hash && { hashAlgorithm: enums.hash[options.hash] }),
      },
    );
    const escaped = lines.map((line) => (line.startsWith('-') ? `- ${line}` : line));
    return Buffer.from(
      [
        '-----BEGIN PGP SIGNED MESSAGE-----',
        'Hash: SHA512',
        '',
        ...escaped,
        encodeArmor('PGP SIGNATURE', packet),
        '',
      ].join('\n'),
    );
  }

  /** The certificate of the same keys with other signatures; binary. */
  async certificateWith(changes: CertificateChanges): Promise<Uint8Array> {
    const { primary, subkey } = this;
    const packets = [writePacket({ tag: packetTag.publicKey, body: publicBody(primary) })];
    for (const revocation of changes.revocations ?? [])
      packets.push(await makeRevocation(signatureType.keyRevocation, { key: primary }, revocation, this));
    if (changes.revoker !== undefined) packets.push(await this.#nameRevoker(changes.revoker));
    for (const userId of this.options.userIds ?? ['Test Publisher <publisher@charts.example>']) {
      const body = Buffer.from(userId);
      packets.push(writePacket({ tag: packetTag.userId, body }));
      for (const self of changes.selfSignatures ?? [{}])
        packets.push(await this.#certify(self, { key: primary, userID: { write: () => body } }));
    }
    if (subkey !== undefined) {
      packets.push(writePacket({ tag: packetTag.publicSubkey, body: publicBody(subkey) }));
      const over = { key: primary, bind: subkey };
      for (const revocation of changes.subkeyRevocations ?? [])
        packets.push(await makeRevocation(signatureType.subkeyRevocation, over, revocation, this));
      for (const binding of changes.bindings ?? [{}]) packets.push(await this.#bind(subkey, binding));
    }
    return Buffer.concat(packets);
  }

  /** The primary key as what a signature is over. */
  signedKey(): { readonly key: object } {
    return { key: this.primary };
  }

  /** A signature by the primary key, as a packet. */
  async certify(type: number, data: object, at: number, fields: object): Promise<Uint8Array> {
    return await makeSignature(this.primary, type, data, at, fields);
  }

  async #certify(self: SelfSignature, data: object): Promise<Uint8Array> {
    const at = self.at ?? this.options.created ?? KEY_CREATED;
    return await this.certify(signatureType.positiveCertification, data, at, {
      keyFlags: [self.flags ?? (this.subkey ? 0x01 : 0x03)],
      ...keyExpiry(self.expiresAfter ?? this.options.expiresAfter),
    });
  }

  async #bind(subkey: SecretKey, binding: Binding): Promise<Uint8Array> {
    const at = binding.at ?? this.options.subkey?.created ?? this.options.created ?? KEY_CREATED;
    const over = { key: this.primary, bind: subkey };
    const fields: Record<string, unknown> = {
      keyFlags: [binding.flags ?? 0x02],
      ...keyExpiry(binding.expiresAfter ?? this.options.subkey?.expiresAfter),
    };
    if (binding.backSignature ?? true) {
      const back = await newSignature(subkey, signatureType.primaryKeyBinding, over, at, {});
      fields['embeddedSignature'] = back;
    }
    return await this.certify(signatureType.subkeyBinding, over, at, fields);
  }

  async #nameRevoker(fingerprint: string): Promise<Uint8Array> {
    const at = this.options.created ?? KEY_CREATED;
    return await this.certify(signatureType.directKey, { key: this.primary }, at, {
      revocationKeyClass: 0x80,
      revocationKeyAlgorithm: enums.publicKey.eddsaLegacy,
      revocationKeyFingerprint: Buffer.from(fingerprint, 'hex'),
    });
  }
}

/** What Helm signs of a chart. The archive: its bytes, or their SHA-256 in hexadecimal. */
export function chartText(chart: string, version: string, archive: Uint8Array | string): string {
  const digest = typeof archive === 'string' ? archive : createHash('sha256').update(archive).digest('hex');
  const metadata = `apiVersion: v2\nname: ${chart}\nversion: ${version}\n`;
  return `${metadata}\n...\nfiles:\n  ${chart}-${version}.tgz: sha256:${digest}\n`;
}

const KEY_OPTIONS = {
  ed25519: { type: 'ecc', curve: 'ed25519Legacy' },
  'ed25519-new': { type: 'curve25519' },
  ed448: { type: 'curve448' },
  p256: { type: 'ecc', curve: 'nistP256' },
  p384: { type: 'ecc', curve: 'nistP384' },
  p521: { type: 'ecc', curve: 'nistP521' },
  brainpoolP256r1: { type: 'ecc', curve: 'brainpoolP256r1' },
  secp256k1: { type: 'ecc', curve: 'secp256k1' },
  rsa1024: { type: 'rsa', rsaBits: 1024 },
  rsa2048: { type: 'rsa', rsaBits: 2048 },
  rsa3072: { type: 'rsa', rsaBits: 3072 },
} as const satisfies Record<string, object>;

function keyExpiry(expiresAfter: number | undefined) {
  return expiresAfter === undefined ? {} : { keyExpirationTime: expiresAfter, keyNeverExpires: false };
}

async function makeRevocation(
  type: number,
  data: object,
  { at, reason, hash, by }: RevocationPacket,
  owner: TestSigner,
): Promise<Uint8Array> {
  const why = reason === undefined ? {} : { reasonForRevocationFlag: reason, reasonForRevocationString: '' };
  const over = hash === undefined ? {} : { hashAlgorithm: enums.hash[hash] };
  return await (by ?? owner).certify(type, data, at, { ...why, ...over });
}

async function makeSignature(
  key: SecretKey,
  type: number,
  data: object,
  at: number,
  fields: object,
): Promise<Uint8Array> {
  const signature = await newSignature(key, type, data, at, fields);
  return writePacket({ tag: packetTag.signature, body: signature.write() });
}

async function newSignature(key: SecretKey, type: number, data: object, at: number, fields: object) {
  const signature = new openpgp.SignaturePacket() as unknown as LibrarySignature;
  const common = {
    signatureType: type,
    publicKeyAlgorithm: key.algorithm,
    hashAlgorithm: enums.hash.sha512,
  };
  Object.assign(signature, common, fields);
  await signature.sign(key, data, new Date(at * 1000), true, config);
  return signature;
}

function publicBody(key: SecretKey): Uint8Array {
  return key.writePublicKey();
}

/** The library's packets, with what its type definitions leave out. */
interface SecretKey {
  readonly algorithm: number;
  readonly publicParams: { readonly Q?: Uint8Array };
  readonly privateParams: { readonly d?: Uint8Array };
  getFingerprint(): string;
  writePublicKey(): Uint8Array;
}

interface LibrarySignature {
  sign(key: SecretKey, data: object, date: Date, detached: true, config: object): Promise<void>;
  write(): Uint8Array;
}
