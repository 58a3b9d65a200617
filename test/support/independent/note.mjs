// Signed notes (C2SP signed-note), checkpoints (C2SP tlog-checkpoint) and the promises of a Rekor, as a log makes them.
// Nothing here imports `src/`.
import { createHash, createPublicKey, sign } from 'node:crypto';
import { canonicalJson } from './canonical-json.mjs';

/**
 * A signature line of a note.
 * @typedef {{ readonly name: string, readonly keyHint: Uint8Array, readonly signature: Uint8Array }} SignatureLine
 */

/**
 * The log ID of a key, 64 hexadecimal digits: SHA-256 of its SubjectPublicKeyInfo.
 * @param {import('node:crypto').KeyObject} publicKey
 */
export function logIdOf(publicKey) {
  return createHash('sha256')
    .update(publicKey.export({ format: 'der', type: 'spki' }))
    .digest('hex');
}

/**
 * The four bytes that stand for a key on a signature line of a Rekor.
 * @param {import('node:crypto').KeyObject} publicKey
 * @returns {Uint8Array}
 */
export function keyHintOf(publicKey) {
  return Buffer.from(logIdOf(publicKey), 'hex').subarray(0, 4);
}

/**
 * A signature as a Rekor makes it, with SHA-256 whatever the size of the key; Ed25519 without a digest.
 * @param {import('node:crypto').KeyObject} privateKey
 * @param {string} text
 * @returns {Uint8Array}
 */
export function signText(privateKey, text) {
  const digest = privateKey.asymmetricKeyType === 'ed25519' ? null : 'sha256';
  return sign(digest, Buffer.from(text), privateKey);
}

/**
 * The signature line of this key below the text of a note.
 * @param {string} text
 * @param {import('node:crypto').KeyObject} privateKey
 * @param {string} name
 * @returns {SignatureLine}
 */
export function signLine(text, privateKey, name) {
  return { name, keyHint: keyHintOf(createPublicKey(privateKey)), signature: signText(privateKey, text) };
}

/**
 * A note: its text, an empty line, and its signature lines.
 * @param {string} text
 * @param {readonly SignatureLine[]} signatures
 */
export function noteOf(text, signatures) {
  const below = signatures.map(
    ({ name, keyHint, signature }) =>
      `\u2014 ${name} ${Buffer.concat([keyHint, signature]).toString('base64')}\n`,
  );
  return `${text}\n${below.join('')}`;
}

/**
 * The text and the signature lines of a note that {@link noteOf} made.
 * @typedef {{ readonly text: string, readonly signatures: readonly SignatureLine[] }} NoteParts
 * @param {string} note
 * @returns {NoteParts}
 */
export function partsOf(note) {
  const end = note.lastIndexOf('\n\n') + 1;
  const lines = note.slice(end + 1, -1).split('\n');
  return {
    text: note.slice(0, end),
    signatures: lines.map((line) => {
      const [, name = '', base64 = ''] = line.split(' ');
      const bytes = Buffer.from(base64, 'base64');
      return { name, keyHint: bytes.subarray(0, 4), signature: bytes.subarray(4) };
    }),
  };
}

/**
 * The text of a checkpoint, without signatures.
 * @param {{ readonly origin: string, readonly size: number, readonly rootHash: Uint8Array, readonly extensions?: readonly string[] }} head
 */
export function checkpointText({ origin, size, rootHash, extensions = [] }) {
  const lines = [origin, `${size}`, Buffer.from(rootHash).toString('base64'), ...extensions];
  return lines.map((line) => `${line}\n`).join('');
}

/**
 * The ID of the entry with this leaf hash in this tree: 80 hexadecimal digits.
 * @param {string} leafHash 64 hexadecimal digits
 * @param {string} treeId decimal
 */
export function entryIdOf(leafHash, treeId) {
  return BigInt(treeId).toString(16).padStart(16, '0') + leafHash;
}

/**
 * What a signed entry timestamp is a signature over.
 * @param {{ readonly body: Uint8Array, readonly integratedTime: number, readonly logId: string, readonly logIndex: number }} promise
 */
export function promiseText({ body, integratedTime, logId, logIndex }) {
  return canonicalJson({
    body: Buffer.from(body).toString('base64'),
    integratedTime,
    logID: logId,
    logIndex,
  });
}
