import { argv, stdout } from 'node:process';
import { updateSeenTree } from '../../src/history/seen-tree-files.ts';
import { LockTimeoutError } from '../../src/files/lock.ts';
import { addCheckpoint } from '../../src/history/seen-tree.ts';
import { logKeyFromPem } from '../../src/tlog/log-key.ts';
import { readSignedCheckpoint } from '../../src/verification/signed-checkpoint.ts';

// A process of its own: remembers these checkpoints of a tree one after the other, and says of each that it did.
const [, , directory = '', pem = '', ...checkpoints] = argv;
const key = logKeyFromPem(pem);
for (const checkpoint of checkpoints) {
  const head = readSignedCheckpoint(checkpoint, [key]);
  if (head === undefined) throw new Error('not signed');
  const remember = () =>
    updateSeenTree(directory, key, head.treeId, (memory) =>
      addCheckpoint(memory, {
        checkpoint: head,
        linkedTo: memory?.lastSeen ?? [],
        server: 'w',
        seen: undefined,
      }),
    );
  // On a busy machine others may have the lock for longer than it is waited for: then it is waited for again.
  while ((await remember().catch(whenLocked)) === 'locked');
  stdout.write(`${head.size}\n`);
}

function whenLocked(error: unknown): 'locked' {
  if (error instanceof LockTimeoutError) return 'locked';
  throw error;
}
