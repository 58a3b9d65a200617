import { randomBytes } from 'node:crypto';
import { signCheckpoint, type TreeHead } from '../tlog/checkpoint.ts';
import type { SigningKey } from './key-file.ts';

/** The name under which the log signs; with the tree ID it is the origin of its checkpoints, as Rekor has it. */
const HOSTNAME = 'helm-sigstore';

/** The origin of a new tree: its ID is random. */
export function newOrigin(): string {
  return `${HOSTNAME} - ${newTreeId()}`;
}

/** The tree ID (decimal) in the origin of a tree of this log. */
export function treeIdOf(origin: string): string {
  return origin.slice(`${HOSTNAME} - `.length);
}

/** The checkpoint of this tree head as the log signs it. */
export function signHead(head: TreeHead, { key, privateKey }: SigningKey): string {
  return signCheckpoint(head, HOSTNAME, key, privateKey);
}

/** A random number of 63 bits that is not zero, in decimal. */
function newTreeId(): string {
  const id = BigInt.asUintN(63, randomBytes(8).readBigUInt64BE());
  return id === 0n ? newTreeId() : id.toString();
}
