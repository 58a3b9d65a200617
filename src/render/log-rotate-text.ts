import { join } from 'node:path';
import type { RotatedLog } from '../embedded-log/rotation/rotate.ts';

/** What a rotation did, in lines. */
export function logRotateText(rotated: RotatedLog): string[] {
  const { directory, wasInterrupted, frozen, active, oldKeyPath } = rotated;
  return [
    wasInterrupted
      ? `Finished the rotation of ${directory} that was interrupted`
      : `Rotated the log in ${directory}`,
    `Frozen Tree: ${frozen.treeId}`,
    `Frozen Size: ${frozen.size}`,
    `Frozen Root: ${frozen.rootHash}`,
    `Tree ID: ${active.treeId}`,
    `Public Key: ${publicKeyOf(rotated)}`,
    `Fingerprint: ${active.logId}`,
    ...(oldKeyPath === undefined ? [] : [`Old Key: ${oldKeyPath}, with which nothing is signed any more`]),
  ];
}

/** The same for programs. */
export function logRotateMembers(rotated: RotatedLog): Readonly<Record<string, unknown>> {
  const { directory, wasInterrupted, frozen, active, oldKeyPath } = rotated;
  return {
    directory,
    wasInterrupted,
    frozen,
    active: { ...active, publicKeyPath: publicKeyOf(rotated) },
    oldKeyPath: oldKeyPath ?? null,
  };
}

function publicKeyOf({ directory }: RotatedLog): string {
  return join(directory, 'public-key.pem');
}
