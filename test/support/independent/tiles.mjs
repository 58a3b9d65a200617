// The tiles of a log (C2SP tlog-tiles), cut from a whole tree. Nothing here imports `src/`.
import { leafHash, nodeHash } from './tree.mjs';

/**
 * All tiles of a tree, by their paths below the prefix of the log; the newest of each level is partial.
 * @param {readonly Uint8Array[]} entries
 * @returns {Map<string, Buffer>}
 */
export function tilesOf(entries) {
  const tiles = new Map();
  for (const [index, width] of cut(entries.length)) {
    const bundle = entries.slice(index * 256, index * 256 + width).map((entry) => {
      const length = Buffer.alloc(2);
      length.writeUInt16BE(entry.length);
      return Buffer.concat([length, entry]);
    });
    tiles.set(pathOf('entries', index, width), Buffer.concat(bundle));
  }
  let level = 0;
  for (let hashes = entries.map(leafHash); hashes.length > 0; level++) {
    for (const [index, width] of cut(hashes.length))
      tiles.set(pathOf(level, index, width), Buffer.concat(hashes.slice(index * 256, index * 256 + width)));
    const roots = [];
    for (let at = 0; at + 256 <= hashes.length; at += 256) roots.push(rootOf(hashes.slice(at, at + 256)));
    hashes = roots;
  }
  return tiles;
}

/**
 * @param {Uint8Array[]} hashes a power of two of them
 * @returns {Uint8Array}
 */
function rootOf(hashes) {
  const [first] = hashes;
  if (hashes.length === 1 && first !== undefined) return first;
  const half = hashes.length / 2;
  return nodeHash(rootOf(hashes.slice(0, half)), rootOf(hashes.slice(half)));
}

/**
 * @param {number} count
 * @returns {[index: number, width: number][]}
 */
function cut(count) {
  const found = [];
  for (let index = 0; index * 256 < count; index++)
    found.push(/** @type {[number, number]} */ ([index, Math.min(256, count - index * 256)]));
  return found;
}

/**
 * @param {number | 'entries'} level
 * @param {number} index
 * @param {number} width
 */
function pathOf(level, index, width) {
  const spelled = [];
  for (let rest = index; rest > 0 || spelled.length === 0; rest = Math.floor(rest / 1000))
    spelled.unshift(`${spelled.length === 0 ? '' : 'x'}${String(rest % 1000).padStart(3, '0')}`);
  return `tile/${level}/${spelled.join('/')}${width < 256 ? `.p/${width}` : ''}`;
}
