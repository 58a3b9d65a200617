// Keyrings of many certificates in which the last one is the publisher's. The others look from afar like that of an RSA
// 4096 key with a subkey, about 2.5 KB.
import { createHash, hash, randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';

/** The forms in which keys are kept, and how each is written. */
const forms = {
  binary: Buffer.concat,
  keybox,
  armored: (/** @type {Buffer[]} */ all) => armor(Buffer.concat(all)),
};

/** @type {('binary' | 'keybox' | 'armored')[]} */
export const keyringForms = ['binary', 'keybox', 'armored'];

/**
 * @param {string} directory
 * @param {Buffer} publisher a binary certificate
 * @param {number} count of certificates
 * @param {keyof typeof forms} form
 * @returns {Promise<string>} the file
 */
export async function writeKeyring(directory, publisher, count, form) {
  const file = path.join(directory, `${count}.${form}`);
  await writeFile(file, forms[form]([...Array.from({ length: count - 1 }, filler), publisher]));
  return file;
}

/**
 * The bytes of an armored block. RFC 9580 6.2
 *
 * @param {string} text
 */
export function dearmor(text) {
  // Between the empty line behind the headers and the checksum.
  return Buffer.from(text.slice(text.indexOf('\n\n'), text.lastIndexOf('\n=')), 'base64');
}

function filler() {
  const key = Buffer.concat([Buffer.from('0460000000011000', 'hex'), randomBytes(519)]);
  const signature = Buffer.concat([Buffer.from('0413010a', 'hex'), randomBytes(562)]);
  return Buffer.concat([
    ...[packet(0x99, key), packet(0xb5, randomBytes(40)), packet(0x89, signature)],
    ...[packet(0xb9, key), packet(0x89, signature)],
  ]);
}

/**
 * @param {number} tag of the old format with two octets of length
 * @param {Buffer} body
 */
function packet(tag, body) {
  return Buffer.concat([Buffer.of(tag, body.length >> 8, body.length & 0xff), body]);
}

/** @param {Buffer[]} certificates */
function keybox(certificates) {
  const header = Buffer.alloc(32);
  header.writeUInt32BE(32);
  header.set([1, 1, 0, 2], 4);
  header.write('KBXf', 8);
  const records = certificates.map((certificate) => {
    const fields = Buffer.alloc(48);
    fields.writeUInt32BE(fields.length + certificate.length + 20);
    fields.set([2, 1], 4);
    fields.writeUInt32BE(fields.length, 8);
    fields.writeUInt32BE(certificate.length, 12);
    fields.writeUInt16BE(1, 16);
    fields.writeUInt16BE(28, 18);
    const primary = certificate.subarray(0, 3 + certificate.readUInt16BE(1));
    fields.write(hash('sha1', primary, 'hex'), 20, 'hex');
    const content = Buffer.concat([fields, certificate]);
    return Buffer.concat([content, createHash('sha1').update(content).digest()]);
  });
  return Buffer.concat([header, ...records]);
}

/** @param {Buffer} bytes */
function armor(bytes) {
  const lines = bytes.toString('base64').match(/.{1,64}/g) ?? [];
  const edge = (/** @type {string} */ word) => `-----${word} PGP PUBLIC KEY BLOCK-----`;
  return Buffer.from([edge('BEGIN'), '', ...lines, edge('END'), ''].join('\n'));
}
