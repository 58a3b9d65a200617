import type { BackedUpLog } from '../embedded-log/backup/back-up.ts';

/** Which log it is, and how far it goes, in lines. */
export function backupText({ size, treeId, rootHash, logId }: BackedUpLog): string[] {
  return [`Entries: ${size}`, `Tree ID: ${treeId}`, `Root: ${rootHash}`, `Log ID: ${logId}`];
}

/** The same for JSON. */
export function backupMembers({ name, treeId, logId, size, rootHash }: BackedUpLog): BackedUpLog {
  return { name, treeId, logId, size, rootHash };
}
