import type { OptionDeclaration } from './option-declaration.ts';

/** What is decided when a log is made, and where its key is. */
export const LOG_MAKING = {
  logKey: {
    flags: '--key <path>',
    description:
      'PEM file with the private key of the log, in PKCS#8 (default: key.pem in the directory, made if there is none)',
    once: true,
  },
  newLogKey: {
    flags: '--key <path>',
    description:
      'PEM file with the new private key, in PKCS#8 (default: a key that is made now, key.pem in the directory)',
    once: true,
  },
  logPassphraseFile: {
    flags: '--passphrase-file <path>',
    description: 'file whose first line is the passphrase of that key',
    once: true,
  },
  origin: {
    flags: '--origin <name>',
    description:
      'the name under which a new log signs, such as its host; it cannot change (default: helm-sigstore)',
    once: true,
  },
  publicUrl: {
    flags: '--public-url <url>',
    description: 'where others reach a new log; it cannot change',
    once: true,
  },
} as const satisfies Record<string, OptionDeclaration>;
