// A client of a tiled log, written from C2SP tlog-tiles, tlog-checkpoint and signed-note alone. Nothing here imports `src/`.
import { createHash, createPublicKey, verify } from 'node:crypto';
import { leafHash, nodeHash, split } from './tree.mjs';

/**
 * What gives the bytes at a path below the prefix of the log; undefined when there is nothing.
 * @typedef {(path: string) => Promise<Buffer | undefined>} Get
 * @typedef {{ origin: string, size: number, root: Buffer, entries: Buffer[] }} WholeLog
 */

/**
 * Reads all of a log, and checks all of it: the signature of the checkpoint, that the entries are those of the tiles, each tile
 * that of the tile below, and that the inclusion proof of each entry, made of tiles, leads to the signed root.
 * @param {Get} get
 * @param {string} verifierKey `NAME+ID+KEY` (C2SP signed-note, "Verifier keys")
 * @returns {Promise<WholeLog>}
 */
export async function readWholeLog(get, verifierKey) {
  const { origin, size, root } = openCheckpoint(text(await bytesAt(get, 'checkpoint')), verifierKey);
  /** @type {Buffer[]} */
  const entries = [];
  for (const [index, width] of tilesOfRow(size))
    entries.push(...bundle(await bytesAt(get, path('entries', index, width)), width));
  /** @type {Buffer[][]} */
  const rows = [];
  /** @type {Buffer[]} */
  let hashes = entries.map((entry) => Buffer.from(leafHash(entry)));
  for (let level = 0; hashes.length > 0; level++) {
    /** @type {Buffer[]} */
    const above = [];
    for (const [index, width] of tilesOfRow(hashes.length)) {
      const expected = Buffer.concat(hashes.slice(index * 256, index * 256 + width));
      const found = await bytesAt(get, path(level, index, width));
      if (!found.equals(expected)) throw new Error(`tile ${level}/${index} is not that of the row below`);
      if (width === 256) above.push(Buffer.from(hashOver(hashes.slice(index * 256, index * 256 + 256))));
    }
    rows.push(hashes);
    hashes = above;
  }
  for (let index = 0; index < size; index++) requireIncluded(rows, index, size, root);
  return { origin, size, root, entries };
}

/**
 * @param {string} note
 * @param {string} verifierKey
 */
function openCheckpoint(note, verifierKey) {
  // The key itself may have a plus.
  const [, name = '', id = '', key = ''] = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/.exec(verifierKey) ?? [];
  const type = Buffer.from(key, 'base64');
  if (type[0] !== 1 || type.length !== 33) throw new Error('expected an Ed25519 key');
  const expected = createHash('sha256').update(`${name}\n`).update(type).digest('hex').slice(0, 8);
  if (id !== expected) throw new Error(`the key has the ID ${expected}`);
  const der = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), type.subarray(1)]);
  const publicKey = createPublicKey({ key: der, format: 'der', type: 'spki' });
  const end = note.lastIndexOf('\n\n') + 1;
  const lines = note.slice(end + 1).split('\n');
  const signed = Buffer.from(note.slice(0, end));
  const isSigned = lines.some((line) => {
    const [, who, base64 = ''] = /^\u2014 (\S+) (\S+)$/.exec(line) ?? [];
    const bytes = Buffer.from(base64, 'base64');
    const isOurs = who === name && bytes.subarray(0, 4).toString('hex') === id;
    return isOurs && verify(null, signed, publicKey, bytes.subarray(4));
  });
  if (!isSigned) throw new Error('the log did not sign its checkpoint');
  const [origin = '', size = '', root = ''] = note.split('\n');
  return { origin, size: Number(size), root: Buffer.from(root, 'base64') };
}

/**
 * @param {Buffer[][]} rows for each level of tiles, all its hashes
 * @param {number} index
 * @param {number} size
 * @param {Buffer} root
 */
function requireIncluded(rows, index, size, root) {
  const [leaves = []] = rows;
  let [start, end] = [0, size];
  /** @type {[isLeft: boolean, hash: Uint8Array][]} */
  const siblings = [];
  while (end - start > 1) {
    const middle = start + split(end - start);
    const isLeft = index < middle;
    siblings.push([isLeft, isLeft ? range(rows, middle, end) : range(rows, start, middle)]);
    if (isLeft) end = middle;
    else start = middle;
  }
  /** @type {Uint8Array} */
  let hash = leaves[index] ?? Buffer.alloc(0);
  for (const [isLeft, sibling] of siblings.reverse())
    hash = isLeft ? nodeHash(hash, sibling) : nodeHash(sibling, hash);
  if (Buffer.compare(hash, root) !== 0) throw new Error(`entry ${index} is not in the tree`);
}

/** @type {Map<string, Uint8Array>} */
const known = new Map();

/**
 * The hash over the leaves of a range, from the highest row of tiles that has its parts.
 * @param {Buffer[][]} rows
 * @param {number} start
 * @param {number} end
 * @returns {Uint8Array}
 */
function range(rows, start, end) {
  const count = end - start;
  let level = 0;
  while (256 ** (level + 1) <= count && start % 256 ** (level + 1) === 0) level++;
  const width = 256 ** level;
  const isPower = Number.isInteger(Math.log2(count));
  if (isPower) {
    const hashes = (rows[level] ?? []).slice(start / width, end / width);
    const name = Buffer.concat(hashes).toString('base64');
    const hash = known.get(name) ?? hashOver(hashes);
    known.set(name, hash);
    return hash;
  }
  const middle = start + split(count);
  return nodeHash(range(rows, start, middle), range(rows, middle, end));
}

/**
 * @param {readonly Uint8Array[]} hashes a power of two of them
 * @returns {Uint8Array}
 */
function hashOver(hashes) {
  const [first] = hashes;
  if (hashes.length === 1 && first !== undefined) return first;
  const half = hashes.length / 2;
  return nodeHash(hashOver(hashes.slice(0, half)), hashOver(hashes.slice(half)));
}

/**
 * @param {Buffer} bytes
 * @param {number} width
 */
function bundle(bytes, width) {
  /** @type {Buffer[]} */
  const entries = [];
  for (let at = 0; at < bytes.length;) {
    const end = at + 2 + bytes.readUInt16BE(at);
    entries.push(bytes.subarray(at + 2, end));
    at = end;
  }
  if (entries.length !== width || Buffer.concat(entries).length + 2 * width !== bytes.length)
    throw new Error(`expected a bundle of ${width} entries`);
  return entries;
}

/**
 * @param {number} count
 * @returns {[index: number, width: number][]}
 */
function tilesOfRow(count) {
  return Array.from({ length: Math.ceil(count / 256) }, (_, index) => [
    index,
    Math.min(256, count - 256 * index),
  ]);
}

/**
 * @param {number | 'entries'} level
 * @param {number} index
 * @param {number} width
 */
function path(level, index, width) {
  const digits = String(index).padStart(Math.ceil(String(index).length / 3) * 3, '0');
  const parts = digits.match(/.../g) ?? [];
  const spelled = parts.map((part, at) => (at === parts.length - 1 ? part : `x${part}`)).join('/');
  return `tile/${level}/${spelled}${width === 256 ? '' : `.p/${width}`}`;
}

/**
 * @param {Get} get
 * @param {string} at
 */
async function bytesAt(get, at) {
  const bytes = await get(at);
  if (bytes === undefined) throw new Error(`expected ${at}, found nothing`);
  return bytes;
}

/** @param {Buffer} bytes */
function text(bytes) {
  return bytes.toString('utf8');
}
