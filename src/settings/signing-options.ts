import type { OptionDeclaration } from './option-declaration.ts';

/** How charts are signed. */
export const SIGNING = {
  signKey: {
    flags: '--key <key>',
    description:
      'the key that signs, by its fingerprint or a user ID that no other key has (default: that of gpg)',
    once: true,
  },
  passphraseFile: {
    flags: '--passphrase-file <path>',
    description:
      'file whose first line is the passphrase of the key; "-" is standard input (default: gpg asks)',
    once: true,
  },
  digest: {
    flags: '--digest <algorithm>',
    description: 'what the signature is over (default: what suits the key)',
    choices: ['sha256', 'sha384', 'sha512'],
    once: true,
  },
  force: { flags: '--force', description: 'sign anew, whatever signature is there already' },
  upload: { flags: '--upload', description: 'put each signature on the transparency log, as upload does' },
} as const satisfies Record<string, OptionDeclaration>;
