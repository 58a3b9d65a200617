import type { OptionDeclaration } from './option-declaration.ts';

/** What a monitor looks for, and what it does with what it finds. */
export const MONITOR = {
  watchedEmail: {
    flags: '--email <address>',
    description: 'watch for entries of this address; repeatable',
    repeatable: true,
  },
  watchedIdentity: {
    flags: '--identity <glob>',
    description:
      'watch for entries of this identity, by a pattern: * stands for anything but / and @, ** for anything; repeatable',
    repeatable: true,
  },
  watchedKey: {
    flags: '--key <path>',
    description: 'watch for entries of the public key in this PEM file; repeatable',
    repeatable: true,
  },
  published: {
    flags: '--published <place>',
    description:
      'what is published: an index.yaml, a folder or a file, the https URL of a repository, REPO/CHART of one that Helm knows, or oci://HOST/REPOSITORY; repeatable',
    repeatable: true,
    mayBeUrl: true,
  },
  monitorState: {
    flags: '--state <path>',
    description: 'the file in which the monitor remembers how far it came',
    once: true,
  },
  startFrom: {
    flags: '--from <place>',
    description:
      'for the first pass alone: what the log has by now is not looked at, and what comes from now on is (default: all is looked at)',
    choices: ['now'],
  },
  execProgram: {
    flags: '--exec <path>',
    description: 'a program that gets each event, as JSON on its standard input; no shell is started',
    once: true,
  },
  maxEntries: {
    flags: '--max-entries <number>',
    description: 'how many entries one pass looks at; the next one goes on there',
    default: '100000',
    once: true,
  },
} as const satisfies Record<string, OptionDeclaration>;
