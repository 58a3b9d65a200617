import { checkpointText, keyHintOf, noteOf } from '../../test/support/independent/note.mjs';
import { leafHash, ReferenceTree } from '../../test/support/independent/tree.mjs';
import { ed25519Key, p256Key } from './test-keys.mjs';

const NAME = 'log.example';
const tree = new ReferenceTree(
  Array.from({ length: 7 }, (_, index) => leafHash(Buffer.from(`leaf ${index}`))),
);
const head = { origin: `${NAME} - 1`, size: 7, rootHash: tree.root() };
const TEXT = checkpointText(head);

/** @typedef {import('./test-keys.mjs').TestKey} TestKey */
/** @typedef {import('../../test/support/independent/note.mjs').SignatureLine} SignatureLine */
/** @typedef {readonly [name: string, text: string, lines?: readonly SignatureLine[]]} Signed */

/**
 * Checkpoints as signed notes, with what a reader must say of each: `signed` by its key, `not signed`, or `malformed`.
 * @returns {{ about: string, keys: object[], notes: object[] }}
 */
export function noteVectors() {
  const keys = [ed25519Key(), p256Key()];
  return {
    about:
      'C2SP signed-note and tlog-checkpoint, with the key hints of Rekor. Keys of RFC 8032 7.1 and RFC 6979 A.2.5. Made by scripts/log-vectors.mjs.',
    keys: keys.map(({ name, publicKey }) => ({
      name,
      pem: publicKey.export({ format: 'pem', type: 'spki' }),
    })),
    notes: keys.flatMap((key, at) => {
      const other = keys.at(at - 1) ?? key;
      return [
        ...signed(key, other).map(([name, text, lines]) => note(key, name, 'signed', text, lines)),
        ...notSigned(key, other).map(([name, text, lines]) => note(key, name, 'not signed', text, lines)),
        ...malformed(key).map(([name, text]) => ({ name, key: key.name, expected: 'malformed', note: text })),
      ];
    }),
  };
}

/**
 * @param {TestKey} key
 * @param {TestKey} other
 * @returns {Signed[]}
 */
function signed(key, other) {
  const [ours, theirs] = [line(key, TEXT), line(other, TEXT)];
  return [
    ['seven leaves', TEXT],
    ['no leaves', checkpointText({ ...head, size: 0, rootHash: new ReferenceTree().root() })],
    ['as many leaves as a number can count', checkpointText({ ...head, size: Number.MAX_SAFE_INTEGER })],
    [
      'further lines',
      checkpointText({ ...head, extensions: ['Timestamp: 1689177396617352539', 'and more'] }),
    ],
    ['another key above', TEXT, [theirs, ours]],
    ['another key below', TEXT, [ours, theirs]],
    ['a witness that is false', TEXT, [{ ...theirs, signature: Buffer.alloc(64) }, ours]],
    ['the same signature twice', TEXT, [ours, ours]],
  ];
}

/**
 * @param {TestKey} key
 * @param {TestKey} other
 * @returns {Signed[]}
 */
function notSigned(key, other) {
  const ours = line(key, TEXT);
  const stolen = line(key, checkpointText({ ...head, size: 6, rootHash: tree.root(6) }));
  const forged = { ...ours, signature: other.sign(TEXT) };
  return [
    ['another size', checkpointText({ ...head, size: 8 }), [ours]],
    ['another root', checkpointText({ ...head, rootHash: tree.root(6) }), [ours]],
    ['another origin', checkpointText({ ...head, origin: `${NAME} - 2` }), [ours]],
    ['a line slipped in', checkpointText({ ...head, extensions: ['more'] }), [ours]],
    ['another key alone', TEXT, [line(other, TEXT)]],
    ['another key under the hint of this one', TEXT, [forged]],
    ['a false signature below the true one', TEXT, [ours, forged]],
    ['a false signature above the true one', TEXT, [forged, ours]],
    ['a signature of another checkpoint', TEXT, [stolen]],
    ['a signature without its last byte', TEXT, [{ ...ours, signature: ours.signature.subarray(0, -1) }]],
    ['a signature over the text without its end', TEXT, [line(key, TEXT.trimEnd())]],
    ['the right key under another hint', TEXT, [{ ...ours, keyHint: Buffer.alloc(4) }]],
  ];
}

/**
 * Texts that the key has signed as they are; only their form is at fault.
 * @param {TestKey} key
 * @returns {(readonly [name: string, note: string])[]}
 */
function malformed(key) {
  const good = noteOf(TEXT, [line(key, TEXT)]);
  /** @type {(text: string) => string} */
  const of = (text) => noteOf(text, [line(key, text)]);
  return [
    ['no signature', TEXT],
    ['no newline at the end', good.slice(0, -1)],
    ['an empty line at the end', `${good}\n`],
    ['a hyphen for the dash', good.replace('\u2014', '-')],
    ['a space too many', good.replace('\u2014 ', '\u2014  ')],
    ['lines that end as on Windows', of(TEXT.replaceAll('\n', '\r\n'))],
    ['a control character', of(TEXT.replace(' - ', ' \u0007 '))],
    ['no origin', of(TEXT.slice(TEXT.indexOf('\n')))],
    ['no root', of(`${NAME}\n7\n`)],
    ['a size with a leading zero', of(TEXT.replace('\n7\n', '\n07\n'))],
    ['a size with a sign', of(TEXT.replace('\n7\n', '\n+7\n'))],
    ['a size that no number can count', of(TEXT.replace('\n7\n', '\n9007199254740992\n'))],
    ['a size in hexadecimal', of(TEXT.replace('\n7\n', '\n0x7\n'))],
    ['a root of 31 bytes', of(checkpointText({ ...head, rootHash: tree.root().subarray(1) }))],
    ['a root of 33 bytes', of(checkpointText({ ...head, rootHash: Buffer.alloc(33) }))],
    ['a root without padding', of(TEXT.replace('=\n', '\n'))],
    ['an empty further line', of(`${TEXT}\nTimestamp: 1\n`)],
  ];
}

/**
 * @param {TestKey} key
 * @param {string} name
 * @param {string} expected
 * @param {string} text
 * @param {readonly SignatureLine[]} lines
 */
function note(key, name, expected, text, lines = [line(key, text)]) {
  return { name, key: key.name, expected, note: noteOf(text, lines) };
}

/**
 * @param {TestKey} key
 * @param {string} text
 * @returns {SignatureLine}
 */
function line(key, text) {
  return { name: NAME, keyHint: keyHintOf(key.publicKey), signature: key.sign(text) };
}
