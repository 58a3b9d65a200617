import type { OptionDeclaration } from './option-declaration.ts';

/** The options for Sigstore bundles and for those who sign them. */
export const BUNDLES = {
  sigstoreBundle: {
    flags: '--bundle <path>',
    description:
      'the Sigstore bundle of the file (default: FILE.sigstore.json, FILE.cosign.bundle or FILE.bundle)',
    once: true,
  },
  certificateIdentity: {
    flags: '--certificate-identity <name>',
    description: 'accept this signer of a Sigstore bundle, by the whole name in the certificate',
    once: true,
  },
  certificateIdentityPattern: {
    flags: '--certificate-identity-pattern <glob>',
    description: 'the same by a pattern: * stands for anything but / and @, ** for anything',
    once: true,
  },
  certificateIssuer: {
    flags: '--certificate-oidc-issuer <url>',
    description: 'who has to vouch for that name, by the whole URL',
    once: true,
  },
  verificationKey: {
    flags: '--key <path>',
    description: 'PEM file with the public key that has to have made the signature of a bundle',
    once: true,
  },
  requireKinds: {
    flags: '--require <kind>',
    description:
      'which signatures have to hold: openpgp, identity (a Sigstore bundle), both, or any of them (default: those whose signer is named)',
    choices: ['openpgp', 'identity', 'both', 'any'],
  },
  requireProof: {
    flags: '--require-proof',
    description: 'fail where a bundle has only the promise of a log, and no proof that it was kept',
  },
  predicateType: {
    flags: '--predicate-type <url>',
    description: 'accept statements of this kind alone',
    once: true,
  },
} as const satisfies Record<string, OptionDeclaration>;
