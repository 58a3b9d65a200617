import { argv, stdout } from 'node:process';
import { updateMemory } from '../../src/history/memory-files.ts';
import { absorb } from '../../src/history/tree-memory.ts';
import { logKeyFromPem } from '../../src/tlog/log-key.ts';
import { readSignedHead } from '../../src/verification/signed-head.ts';

// A process of its own: remembers these checkpoints of a tree one after the other, and says of each that it did.
const [, , directory = '', pem = '', ...checkpoints] = argv;
const key = logKeyFromPem(pem);
for (const checkpoint of checkpoints) {
  const head = readSignedHead(checkpoint, [key]);
  if (head === undefined) throw new Error('not signed');
  await updateMemory(directory, key, head.treeId, (memory) =>
    absorb(memory, { head, linkedTo: memory?.heads ?? [], server: 'w', offset: 0, seen: undefined }),
  );
  stdout.write(`${head.size}\n`);
}
