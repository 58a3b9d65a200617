import { randomBytes } from 'node:crypto';
import { excerpt } from '../../encoding.ts';
import { UsageError } from '../../errors.ts';
import { treeIdOfOrigin } from '../../rekor/entry-id.ts';
import { signCheckpoint, type TreeHead } from '../../tlog/checkpoint.ts';
import { noteKeyId, type LogKey } from '../../tlog/log-key.ts';
import { formatNote, parseNote } from '../../tlog/note.ts';
import type { SigningKey } from '../key-file.ts';

/** The name under which a log signs unless it was given one. */
const DEFAULT_NAME = 'helm-sigstore';

/** More than the name of any host with a path. */
const MOST_CHARACTERS = 200;

/**
 * The origin of a new tree: the name of the log and a random tree ID, as Rekor has it.
 * @throws UsageError when a signed note cannot have the name
 */
export function newOrigin(name = DEFAULT_NAME): string {
  // C2SP signed-note: neither spaces nor plus. We also refuse what would look like another name.
  if (!/^[\x21-\x2a\x2c-\x7e]+$/.test(name) || name.length > MOST_CHARACTERS)
    throw new UsageError(
      `--origin expects a name without spaces and "+", such as log.example.com, found ${excerpt(name)}`,
    );
  return `${name} - ${newTreeId()}`;
}

/** The tree ID (decimal) in the origin of a tree of this log. */
export function treeIdOf(origin: string): string {
  return treeIdOfOrigin(origin);
}

/** The name of the log in the origin of its tree. */
export function logNameOf(origin: string): string {
  return origin.replace(/ - [0-9]{1,20}$/, '');
}

/** The checkpoint of this tree head as the log signs it, and as clients of Rekor take it: with one signature line. */
export function signHead(head: TreeHead, { key, privateKey }: SigningKey): string {
  return signCheckpoint(head, logNameOf(head.origin), key, privateKey);
}

/**
 * The same checkpoint for tile clients: the signature of an Ed25519 key stands there once more, below the ID that C2SP has
 * for the key. Clients of C2SP pass over lines of others; `rekor-cli` refuses a note with a line that it does not know.
 */
export function forTileClients(text: string, key: LogKey): string {
  const note = parseNote(text);
  const signatures = note.signatures.flatMap((line) => {
    const id = noteKeyId(line.name, key);
    return id === undefined ? [line] : [line, { ...line, keyHint: id }];
  });
  return formatNote({ ...note, signatures });
}

/** A random number of 63 bits that is not zero, in decimal. */
function newTreeId(): string {
  const id = BigInt.asUintN(63, randomBytes(8).readBigUInt64BE());
  return id === 0n ? newTreeId() : id.toString();
}
