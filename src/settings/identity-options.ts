import type { OptionDeclaration } from './option-declaration.ts';

/** How charts are signed by an identity. */
export const IDENTITY = {
  identity: {
    flags: '--identity',
    description: 'sign by an identity, for which a token vouches, in place of an OpenPGP key',
  },
  identityToken: {
    flags: '--identity-token <path>',
    description:
      'file with the identity token; "-" is standard input (default: SIGSTORE_ID_TOKEN, then what GitHub Actions gives)',
    once: true,
  },
  signingConfig: {
    flags: '--signing-config <path>',
    description:
      "file that says which servers sign, version 0.2 (default: those of Sigstore's public service, as trust update brings them)",
    once: true,
  },
  signatureFormat: {
    flags: '--format <format>',
    description: 'what the identity signs: a statement about the chart, or the archive as a message',
    choices: ['statement', 'message'],
    once: true,
  },
} as const satisfies Record<string, OptionDeclaration>;
