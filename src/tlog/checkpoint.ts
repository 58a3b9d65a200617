import type { KeyObject } from 'node:crypto';
import { decodeBase64, encodeBase64, encodeUtf8, equalBytes, excerpt, parseDecimal } from '../encoding.ts';
import { MalformedError } from '../errors.ts';
import { keyHint, signWith, verifySignature, type LogKey } from './log-key.ts';
import { HASH_BYTES } from './merkle.ts';
import { formatNote, parseNote, signedBytes, type Note } from './note.ts';

/** What a log signs about a tree at one moment (C2SP tlog-checkpoint). */
export interface TreeHead {
  /** The name of the tree. */
  readonly origin: string;
  /** The number of leaves. */
  readonly size: number;
  /** 32 bytes. */
  readonly rootHash: Uint8Array;
}

/** A tree head with its signatures, as read from a signed note. */
export interface Checkpoint extends TreeHead {
  /** Further lines, without meaning to us. */
  readonly extensions: readonly string[];
  readonly note: Note;
}

/**
 * The checkpoint that the text of a signed note spells; its signatures are not verified (C2SP tlog-checkpoint).
 * @throws MalformedError when it is not in exactly the specified form.
 */
export function parseCheckpoint(text: string): Checkpoint {
  const note = parseNote(text);
  const [origin, size, root, ...extensions] = note.text.slice(0, -1).split('\n');
  if (!origin || size === undefined || root === undefined)
    throw new MalformedError(`a checkpoint without origin, size and root: ${excerpt(note.text)}`);
  if (extensions.includes('')) throw new MalformedError('a checkpoint with an empty extension line');
  const rootHash = decodeBase64(root);
  if (rootHash.length !== HASH_BYTES) throw new MalformedError(`not the root of a tree: ${excerpt(root)}`);
  return { origin, size: parseDecimal(size), rootHash, extensions, note };
}

/**
 * Whether this key signed the checkpoint: at least one signature line carries its hint, and every line that
 * does is a valid signature. Lines of other keys say nothing (C2SP signed-note, "Signatures").
 */
export function verifyCheckpointSignature(checkpoint: Checkpoint, key: LogKey): boolean {
  const ours = checkpoint.note.signatures.filter((line) => equalBytes(line.keyHint, keyHint(key)));
  const signed = signedBytes(checkpoint.note);
  return ours.length > 0 && ours.every(({ signature }) => verifySignature(key, signed, signature));
}

/** The text of a checkpoint of this tree head, signed under `name` by the private key that belongs to `key`. */
export function signCheckpoint(head: TreeHead, name: string, key: LogKey, privateKey: KeyObject): string {
  const text = `${head.origin}\n${head.size}\n${encodeBase64(head.rootHash)}\n`;
  const signature = signWith(privateKey, encodeUtf8(text));
  return formatNote({ text, signatures: [{ name, keyHint: keyHint(key), signature }] });
}
