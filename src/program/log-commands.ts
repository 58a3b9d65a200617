import type { TableEntry } from './table-entry.ts';

/** The sub-commands about logs and their keys, in the order of the help. */
export const LOG_COMMANDS: readonly TableEntry[] = [
  {
    path: ['log', 'info'],
    summary: 'show the trees of a log and what was seen of them',
    load: async () => (await import('../commands/log-info.ts')).logInfo,
  },
  {
    path: ['log', 'pin'],
    summary: 'trust the key of a log of your own',
    load: async () => (await import('../commands/log-pin.ts')).logPin,
  },
  {
    path: ['log', 'use'],
    summary: 'trust a log and use it where none is named',
    load: async () => (await import('../commands/log-use.ts')).logUse,
  },
  {
    path: ['log', 'pins'],
    summary: 'list the logs that are trusted by a pin',
    load: async () => (await import('../commands/log-pins.ts')).logPins,
  },
  {
    path: ['log', 'unpin'],
    summary: 'no longer trust the key of a log',
    load: async () => (await import('../commands/log-unpin.ts')).logUnpin,
  },
  {
    path: ['log', 'serve'],
    summary: 'run a transparency log in this process',
    load: async () => (await import('../commands/log-serve.ts')).logServe,
  },
  {
    path: ['log', 'check'],
    summary: 'look for damage in the directory of a log',
    load: async () => (await import('../commands/log-check.ts')).logCheck,
  },
  {
    path: ['log', 'rotate'],
    summary: 'give a log a new key, and its next entries a new tree',
    load: async () => (await import('../commands/log-rotate.ts')).logRotate,
  },
  {
    path: ['log', 'backup'],
    summary: 'copy a log into one file, also while it is served',
    load: async () => (await import('../commands/log-backup.ts')).logBackup,
  },
  {
    path: ['log', 'restore'],
    summary: 'make the directory of a log from a backup',
    load: async () => (await import('../commands/log-restore.ts')).logRestore,
  },
  {
    path: ['log', 'resume'],
    summary: 'let a restored log take entries again',
    load: async () => (await import('../commands/log-resume.ts')).logResume,
  },
  {
    path: ['log', 'replay'],
    summary: 'put entries back that a restored log lacks',
    load: async () => (await import('../commands/log-replay.ts')).logReplay,
  },
  {
    path: ['log', 'forget'],
    summary: 'forget what was seen of a tree that its operator lost',
    load: async () => (await import('../commands/log-forget.ts')).logForget,
  },
  {
    path: ['trust', 'show'],
    summary: 'show which keys of a log count, and why',
    load: async () => (await import('../commands/trust-show.ts')).trustShow,
  },
  {
    path: ['trust', 'update'],
    summary: 'fetch the keys of the public log',
    load: async () => (await import('../commands/trust-update.ts')).trustUpdate,
  },
];
