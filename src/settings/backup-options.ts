import type { OptionDeclaration } from './option-declaration.ts';

/** How a log of one's own is copied, and comes back. */
export const BACKUP = {
  backup: { flags: '--to <path>', description: 'the backup, a new file', once: true },
  withKey: {
    flags: '--with-key',
    description: 'copy the private key of the log as well: whoever has it is the log',
  },
  restoredFrom: { flags: '--from <path>', description: 'the backup', once: true },
  newestCheckpoint: {
    flags: '--checkpoint <path>',
    description:
      'file with the newest checkpoint that anybody has of the log: a signed note, what a client remembers, an evidence file, ' +
      'the state of a monitor, an answer of the log; repeatable',
    repeatable: true,
  },
  nothingNewer: {
    flags: '--insecure-nothing-newer',
    description: 'go on although nobody looked whether a client knows of entries that the log does not have',
  },
  replayedFrom: {
    flags: '--from <path>',
    description: 'evidence file (CHART.tgz.rekor.json), or a directory with some; repeatable',
    repeatable: true,
  },
} as const satisfies Record<string, OptionDeclaration>;
