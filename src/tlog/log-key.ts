import { createHash, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import { decodeBase64, decodeHex, encodeBase64, encodeHex, encodeUtf8, equalBytes } from '../encoding.ts';
import { sha256, sha256Hex } from '../digest.ts';
import { MalformedError, messageOf } from '../errors.ts';

/** The span in which a key signed for its log, in seconds since 1970; an end that is absent is open. */
export interface Validity {
  readonly validFrom?: number;
  readonly validUntil?: number;
}

/** A public key of a log. */
export interface LogKey extends Validity {
  /** SHA-256 of the DER SubjectPublicKeyInfo: 64 hexadecimal digits. */
  readonly logId: string;
  readonly publicKey: KeyObject;
  /** Of a Rekor v2 log, whose keys are named together with it: the origin of its checkpoints. */
  readonly origin?: string;
}

const CURVES: readonly (string | undefined)[] = ['prime256v1', 'secp384r1'];
const MIN_RSA_BITS = 2048;
const PEM_BLOCK =
  /-----BEGIN PUBLIC KEY-----[ \t\r]{0,80}\n([^-]*\n)-----END PUBLIC KEY-----[ \t\r]{0,80}(?![^\n])/g;

/**
 * The log key of a DER SubjectPublicKeyInfo (RFC 5280 4.1.2.7): P-256, P-384, Ed25519, or RSA from 2048 bits.
 * @throws MalformedError on any other key, and on an encoding that is not the canonical one.
 */
export function logKeyFromSpki(der: Uint8Array, validity: Validity = {}): LogKey {
  const publicKey = importSpki(der);
  requireAcceptable(publicKey);
  // The log ID is a hash of the encoding, so a key must have only one.
  if (!equalBytes(publicKey.export({ format: 'der', type: 'spki' }), der))
    throw new MalformedError('a public key that is not in canonical DER');
  return { ...validity, logId: sha256Hex(der), publicKey };
}

/** The log key of a text with one PEM `PUBLIC KEY` block (RFC 7468 13). @throws MalformedError unless it is just one. */
export function logKeyFromPem(pem: string): LogKey {
  const [key, ...others] = logKeysFromPemFile(pem);
  if (key === undefined || others.length > 0)
    throw new MalformedError(`one public key was expected, found ${others.length + 1}`);
  return key;
}

/**
 * The log keys of all PEM `PUBLIC KEY` blocks of a text, in their order; what else it holds is ignored (RFC 7468 13).
 * @throws MalformedError when there is none, or one is not a key of {@link logKeyFromSpki}.
 */
export function logKeysFromPemFile(text: string): LogKey[] {
  const blocks = [...text.matchAll(PEM_BLOCK)];
  // A block that is cut or mistyped must not vanish beside a good one.
  if (blocks.length === 0 || blocks.length !== text.split('-----BEGIN PUBLIC KEY-----').length - 1)
    throw new MalformedError(`expected whole PEM blocks "PUBLIC KEY", found ${firstLabel(text)}`);
  return blocks.map(([, base64 = '']) => logKeyFromSpki(decodeBase64(base64.replaceAll(/\s/g, ''))));
}

/**
 * Whether this key made the signature over the data: ECDSA (DER) or RSA PKCS#1 v1.5, both always with SHA-256,
 * or pure Ed25519, as Rekor signs whatever the size of its key.
 */
export function verifySignature(key: LogKey, data: Uint8Array, signature: Uint8Array): boolean {
  const known = verified.get(key) ?? new Map<string, boolean>();
  verified.set(key, known);
  const name = nameOf(data, signature);
  const holds = known.get(name) ?? verify(hashFor(key.publicKey), data, key.publicKey, signature);
  const [oldest] = known.keys();
  if (known.size === REMEMBERED && oldest !== undefined && !known.has(name)) known.delete(oldest);
  known.set(name, holds);
  return holds;
}

/** Many entries come with one checkpoint, and each signature is asked about more than once. */
const verified = new WeakMap<LogKey, Map<string, boolean>>();
/** Signatures of each key. */
const REMEMBERED = 256;

/** A name that no other data with a signature has. */
function nameOf(data: Uint8Array, signature: Uint8Array): string {
  return createHash('sha256').update(`${data.length} `).update(data).update(signature).digest('base64');
}

/** The private key's signature over the data, in the form that {@link verifySignature} accepts. */
export function signWith(privateKey: KeyObject, data: Uint8Array): Uint8Array {
  return sign(hashFor(privateKey), data, privateKey);
}

/** The four bytes by which Rekor names this key in a signed note, for every kind of key: the log ID's first. */
export function keyHint(key: LogKey): Uint8Array {
  return decodeHex(key.logId.slice(0, 8));
}

/**
 * The four bytes by which C2SP names an Ed25519 key of this name in a signed note (C2SP signed-note, "Signatures");
 * undefined for other keys, for which there is no such rule.
 */
export function noteKeyId(name: string, { publicKey }: LogKey): Uint8Array | undefined {
  return noteKeyDigest(name, publicKey)?.subarray(0, 4);
}

/** The 32 bytes of which a signed note has the first four, and by which a trusted root of Sigstore names the key. */
export function noteKeyDigest(name: string, publicKey: KeyObject): Uint8Array | undefined {
  if (publicKey.asymmetricKeyType !== 'ed25519') return undefined;
  return sha256(encodeUtf8(`${name}\n`), ED25519_NOTE_KEY, rawEd25519(publicKey));
}

/** The key as tile clients and witnesses are given it (C2SP signed-note, "Verifier keys"); undefined unless it is Ed25519. */
export function verifierKey(name: string, key: LogKey): string | undefined {
  const id = noteKeyId(name, key);
  return (
    id &&
    `${name}+${encodeHex(id)}+${encodeBase64(Buffer.concat([ED25519_NOTE_KEY, rawEd25519(key.publicKey)]))}`
  );
}

const ED25519_NOTE_KEY = Uint8Array.of(1);

/** The 32 bytes at the end of the encoding (RFC 8410 4). */
function rawEd25519(publicKey: KeyObject): Uint8Array {
  return publicKey.export({ format: 'der', type: 'spki' }).subarray(-32);
}

// Only the label: the file that was named by mistake may hold a private key.
function firstLabel(text: string): string {
  const label = /-----BEGIN ([A-Z0-9 ]{1,40})-----/.exec(text)?.[1];
  return label === undefined ? 'no PEM block' : `"${label}"`;
}

function hashFor(key: KeyObject): 'sha256' | null {
  return key.asymmetricKeyType === 'ed25519' ? null : 'sha256';
}

function importSpki(der: Uint8Array): KeyObject {
  try {
    return createPublicKey({ key: Buffer.from(der), format: 'der', type: 'spki' });
  } catch (error) {
    throw new MalformedError(`not a public key: ${messageOf(error)}`);
  }
}

function requireAcceptable({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject): void {
  if (type === 'ed25519') return;
  if (type === 'ec' && CURVES.includes(details?.namedCurve)) return;
  if (type === 'rsa' && (details?.modulusLength ?? 0) >= MIN_RSA_BITS) return;
  const size = details?.namedCurve ?? details?.modulusLength ?? '';
  throw new MalformedError(`expected a P-256, P-384, Ed25519 or RSA key of 2048 bits, found ${type} ${size}`);
}
