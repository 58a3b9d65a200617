import type { OptionDeclaration } from './option-declaration.ts';

/** How a log is served: what is decided when it is made. */
export const LOG_MAKING = {
  listen: {
    flags: '--listen <address>',
    description: 'address and port to listen on; port 0 takes a free one',
    default: '127.0.0.1:3000',
  },
  logKey: {
    flags: '--key <path>',
    description:
      'PEM file with the private key of the log, in PKCS#8 (default: key.pem in the directory, made if there is none)',
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
